import net from 'node:net';
import { domainToASCII } from 'node:url';
import type { Random } from '../platform/random.ts';
import { type MxRecord, ResolveError, type Resolver } from '../platform/resolver.ts';
import type { RefusalCode } from '../refusals.ts';

/** A host that takes mail for a domain, with addresses to try in order. */
export interface MailHost {
  name: string;
  addresses: string[];
}

export type HostsFound =
  | { kind: 'hosts'; hosts: MailHost[] }
  /** With `code`: for good. Without: DNS could not tell, try again. */
  | { kind: 'none'; code?: RefusalCode; status: string; reply: string };

export interface MxOptions {
  resolver: Resolver;
  random: Random;
  /** What this relay is called and where it listens, to see loops. */
  self: { names: ReadonlySet<string>; addresses: ReadonlySet<string> };
}

/** More than any honest domain has; a bound on time spent for a hostile one. */
const MOST_HOSTS = 10;
const MOST_ADDRESSES = 20;

/** The hosts of a recipient domain, best first (RFC 5321 §5.1). Never rejects. */
export async function mailHosts(domain: string, options: MxOptions): Promise<HostsFound> {
  const literal = addressLiteral(domain);
  if (literal !== undefined) {
    return options.self.addresses.has(literal)
      ? loop(domain)
      : { kind: 'hosts', hosts: [{ name: literal, addresses: [literal] }] };
  }
  const ascii = domainToASCII(domain);
  if (ascii === '' || domain.startsWith('[')) return noDomain(`${domain} is not a domain name`);
  try {
    return await lookUp(ascii, options);
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    return error.failure === 'temporary' ? unknown(error.message) : noDomain(error.message);
  }
}

async function lookUp(domain: string, options: MxOptions): Promise<HostsFound> {
  const records = await mxRecords(domain, options.resolver);
  if (records.length === 1 && (records[0] as MxRecord).exchange === '') {
    return { kind: 'none', code: 'D953', status: '5.1.10', reply: `${domain} publishes a null MX` };
  }
  const ordered = shuffleWithinPriority(
    records.filter(({ exchange }) => exchange !== ''),
    options.random,
  );
  const hosts: MailHost[] = [];
  let addresses = 0;
  let temporary: string | undefined;
  for (const record of ordered.slice(0, MOST_HOSTS)) {
    const own = options.self.names.has(record.exchange);
    const found = own ? [] : await addressesOf(record.exchange, options.resolver);
    if (found instanceof ResolveError) {
      if (found.failure === 'temporary') temporary = found.message;
      continue;
    }
    if (own || found.some((address) => options.self.addresses.has(address))) {
      // RFC 5321 §5.1: when the list holds this relay, it and everything of equal or lower preference goes
      const before = ordered.filter(({ priority }) => priority < record.priority).map((r) => r.exchange);
      const better = hosts.filter(({ name }) => before.includes(name));
      if (better.length > 0) return { kind: 'hosts', hosts: better };
      return temporary === undefined ? loop(domain) : unknown(temporary);
    }
    const room = MOST_ADDRESSES - addresses;
    if (room <= 0) break;
    hosts.push({ name: record.exchange, addresses: found.slice(0, room) });
    addresses += Math.min(found.length, room);
  }
  if (hosts.length > 0) return { kind: 'hosts', hosts };
  if (temporary !== undefined) return unknown(temporary);
  return noDomain(`no mail host of ${domain} has an address`);
}

/** MX records, names in lower case without the final dot; the domain itself when it has none (implicit MX). */
async function mxRecords(domain: string, resolver: Resolver): Promise<MxRecord[]> {
  try {
    const records = await resolver.mx(domain);
    if (records.length > 0) {
      return records.map(({ exchange, priority }) => ({
        exchange: exchange.toLowerCase().replace(/\.$/, ''),
        priority,
      }));
    }
  } catch (error) {
    if (!(error instanceof ResolveError) || error.failure !== 'nodata') throw error;
  }
  return [{ exchange: domain, priority: 0 }];
}

async function addressesOf(host: string, resolver: Resolver): Promise<string[] | ResolveError> {
  try {
    return await resolver.addresses(host);
  } catch (error) {
    if (error instanceof ResolveError) return error;
    throw error;
  }
}

function shuffleWithinPriority(records: MxRecord[], random: Random): MxRecord[] {
  return records
    .map((record) => ({ record, lot: random.fraction() }))
    .sort((a, b) => a.record.priority - b.record.priority || a.lot - b.lot)
    .map(({ record }) => record);
}

/** RFC 5321 §4.1.3: `[192.0.2.1]`, `[IPv6:2001:db8::1]`. */
function addressLiteral(domain: string): string | undefined {
  const inner = /^\[(?:ipv6:)?([0-9a-f:.]+)\]$/i.exec(domain)?.[1];
  return inner !== undefined && net.isIP(inner) !== 0 ? inner : undefined;
}

function loop(domain: string): HostsFound {
  return {
    kind: 'none',
    code: 'D957',
    status: '5.4.6',
    reply: `mail for ${domain} comes back to this relay`,
  };
}

function noDomain(reply: string): HostsFound {
  return { kind: 'none', code: 'D952', status: '5.1.2', reply };
}

function unknown(reply: string): HostsFound {
  return { kind: 'none', status: '4.4.3', reply };
}

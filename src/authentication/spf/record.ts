/** An SPF record as a value (RFC 7208 §4.5, §4.6, §5, §6, §12). */
import { type IpAddress, parseAddress } from '../../platform/ip-address.ts';
import { isSpfRecord } from '../dkim/policy-records.ts';
import { type MacroString, parseDomainSpec, parseMacroString } from './macro.ts';

/** What a mechanism that matches leads to. */
export type Qualifier = 'pass' | 'fail' | 'softfail' | 'neutral';

export interface CidrLengths {
  v4: number;
  v6: number;
}

export type Mechanism = { qualifier: Qualifier; text: string } & (
  | { kind: 'all' }
  | { kind: 'include' | 'exists'; target: MacroString }
  | { kind: 'ptr'; target: MacroString | undefined }
  | { kind: 'a' | 'mx'; target: MacroString | undefined; cidr: CidrLengths }
  | { kind: 'ip'; network: IpAddress; bits: number }
);

export interface SpfRecord {
  mechanisms: Mechanism[];
  redirect?: MacroString;
  explanation?: MacroString;
}

/** Why a record can not be used, one clause for a person. */
export interface SpfSyntaxError {
  problem: string;
}

/** RFC 7208 §4.5: the records among TXT records that are SPF's. */
export function selectRecords(texts: readonly string[]): string[] {
  return texts.filter(isSpfRecord);
}

const QUALIFIERS: Record<string, Qualifier> = { '+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral' };

/** Reads a record that `selectRecords` chose; an error anywhere makes the whole useless (RFC 7208 §4.6). */
export function parseRecord(text: string): SpfRecord | SpfSyntaxError {
  if (!/^[\x20-\x7e]*$/.test(text))
    return { problem: 'the record has characters that are not printable ASCII' };
  const record: SpfRecord = { mechanisms: [] };
  for (const term of text.slice('v=spf1'.length).split(' ')) {
    if (term === '') continue;
    const equals = modifierEnd(term);
    const problem = equals > 0 ? addModifier(record, term, equals) : addMechanism(record, term);
    if (problem !== undefined) return { problem };
  }
  return record;
}

/** Where the name of a modifier ends: at an equals sign before anything that is not of a name (§4.6.1). */
function modifierEnd(term: string): number {
  return /^[a-z][a-z0-9._-]*=/i.exec(term)?.[0].indexOf('=') ?? -1;
}

function addModifier(record: SpfRecord, term: string, equals: number): string | undefined {
  const name = term.slice(0, equals).toLowerCase();
  const value = term.slice(equals + 1);
  if (name !== 'redirect' && name !== 'exp') {
    // RFC 7208 §6: unknown modifiers are ignored, when they are of the form
    return parseMacroString(value) ? undefined : invalid(term);
  }
  const field = name === 'exp' ? 'explanation' : 'redirect';
  if (record[field]) return `it has ${name}= twice`;
  const spec = parseDomainSpec(value);
  if (!spec) return invalid(term, targetHint(value));
  record[field] = spec;
  return undefined;
}

function addMechanism(record: SpfRecord, term: string): string | undefined {
  const match = /^([-+?~]?)([a-z][a-z0-9._-]*)(.*)$/i.exec(term);
  const [, sign = '', name = '', rest = ''] = match ?? [];
  const common = { qualifier: QUALIFIERS[sign] ?? 'pass', text: term.slice(0, 256) };
  const add = (mechanism: Mechanism): undefined => {
    record.mechanisms.push(mechanism);
  };
  switch (name.toLowerCase()) {
    case 'all':
      return rest === '' ? add({ ...common, kind: 'all' }) : invalid(term);
    case 'include':
    case 'exists': {
      const target = rest.startsWith(':') ? parseDomainSpec(rest.slice(1)) : undefined;
      const kind = name.toLowerCase() as 'include' | 'exists';
      return target ? add({ ...common, kind, target }) : invalid(term, targetHint(rest.slice(1)));
    }
    case 'ptr': {
      if (rest === '') return add({ ...common, kind: 'ptr', target: undefined });
      const target = rest.startsWith(':') ? parseDomainSpec(rest.slice(1)) : undefined;
      return target ? add({ ...common, kind: 'ptr', target }) : invalid(term, targetHint(rest.slice(1)));
    }
    case 'a':
    case 'mx': {
      const found = targetAndCidr(rest);
      const kind = name.toLowerCase() as 'a' | 'mx';
      return found ? add({ ...common, kind, ...found }) : invalid(term, targetHint(rest.slice(1)));
    }
    case 'ip4':
    case 'ip6': {
      const network = networkOf(rest, name.toLowerCase() === 'ip4' ? 4 : 6);
      return network ? add({ ...common, kind: 'ip', ...network }) : invalid(term);
    }
    default:
      return match ? `"${shown(term)}" is not a mechanism that exists` : invalid(term);
  }
}

/** `[":" domain-spec] [dual-cidr-length]`; a slash may be part of the domain-spec. */
function targetAndCidr(rest: string): { target: MacroString | undefined; cidr: CidrLengths } | undefined {
  const at = cidrStart(rest);
  const cidr = cidrLengths(rest.slice(at));
  if (!cidr) return undefined;
  if (at === 0) return { target: undefined, cidr };
  const target = rest.startsWith(':') ? parseDomainSpec(rest.slice(1, at)) : undefined;
  return target && { target, cidr };
}

/** Where the last `/24`, `//64` or `/24//64` begins. */
function cidrStart(rest: string): number {
  const end = rest.slice(-16);
  const match = /(?:\/\d+)?(?:\/\/\d+)$|\/\d+$/.exec(end);
  return match ? rest.length - match[0].length : rest.length;
}

/** RFC 7208 §5.6: no leading zeros. */
function cidrLengths(text: string): CidrLengths | undefined {
  if (text === '') return { v4: 32, v6: 128 };
  const match = /^(?:\/(0|[1-9]\d?))?(?:\/\/(0|[1-9]\d{0,2}))?$/.exec(text);
  if (!match) return undefined;
  const v4 = Number(match[1] ?? 32);
  const v6 = Number(match[2] ?? 128);
  return v4 <= 32 && v6 <= 128 ? { v4, v6 } : undefined;
}

function networkOf(rest: string, family: 4 | 6): { network: IpAddress; bits: number } | undefined {
  const match = /^:([0-9a-f:.]{2,45})(?:\/(0|[1-9]\d{0,2}))?$/i.exec(rest);
  if (!match) return undefined;
  const [, text = '', length] = match;
  if (text.includes(':') !== (family === 6)) return undefined;
  const network = parseAddress(text);
  const longest = family === 4 ? 32 : 128;
  const bits = Number(length ?? longest);
  if (!network || bits > longest) return undefined;
  if (network.family === family) return { network, bits };
  // a mapped network (§5: such a client is an IPv4 client): only the IPv6 family is asked for here, it never matches
  return { network: { family: 6, octets: mappedOctets(network) }, bits };
}

function mappedOctets({ octets }: IpAddress): Uint8Array {
  return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...octets);
}

function invalid(term: string, hint = ''): string {
  return `"${shown(term)}" is not a valid term${hint}`;
}

/** The mistake that is made most. */
function targetHint(target: string): string {
  return parseAddress(target.split('/', 1)[0]!) ? '; an address stands behind ip4: or ip6:' : '';
}

function shown(term: string): string {
  return term.length > 80 ? `${term.slice(0, 80)}...` : term;
}

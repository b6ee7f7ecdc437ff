/** What a domain must publish, and what DNS says about it. */
import { ResolveError } from '../../platform/resolver.ts';
import type { Resolver } from '../../platform/resolver.ts';
import type { SigningDomain, SigningKey } from './domain.ts';
import type { DomainRegistry } from './domains.ts';
import { parseKeyRecord } from './key-record.ts';
import { recordName, recordText, zoneLine } from './keys.ts';
import { DmarcDiscovery } from '../dmarc/discovery.ts';
import type { FoundRecord } from '../dmarc/discovery.ts';
import { isDmarcRecord } from '../dmarc/record.ts';
import { inspectSpf, isSpfRecord } from './policy-records.ts';

export interface RecordOptions {
  /** The relay's name, as its mail servers' addresses are published. */
  hostname: string;
  /** Further SPF terms, such as `include:spf.protection.outlook.com`. */
  spfTerms?: string[];
  /** Where aggregate reports go. Default `dmarc@` and the domain. */
  reportsTo?: string;
}

/** A record to publish, word for word. */
export interface DomainRecord {
  purpose: 'dkim' | 'spf' | 'dmarc';
  /** DKIM: which key. */
  selector?: string;
  stage?: SigningKey['stage'];
  name: string;
  type: 'TXT';
  value: string;
  /** The same for a zone file, in strings of 255 octets. */
  zone: string;
  /** What to think of before publishing it. */
  note: string;
}

const STAGE_NOTES: Record<SigningKey['stage'], string> = {
  next: 'Publish it now; the key signs only after it was activated.',
  active: 'This key signs.',
  retiring: 'Leave it until mail that it signed has arrived: seven days.',
};

/** The records for a domain: one for each key, and a proposal for SPF and DMARC. */
export function domainRecords(domain: SigningDomain, options: RecordOptions): DomainRecord[] {
  const record = (
    purpose: DomainRecord['purpose'],
    name: string,
    value: string,
    note: string,
  ): DomainRecord => ({ purpose, name, type: 'TXT', value, zone: zoneLine(name, value), note });
  const terms = [`a:${options.hostname}`, ...(options.spfTerms ?? [])];
  const reports = options.reportsTo ?? `dmarc@${domain.name}`;
  return [
    ...domain.keys.map((key) => ({
      ...record('dkim', recordName(key.selector, domain.name), recordText(key), STAGE_NOTES[key.stage]),
      selector: key.selector,
      stage: key.stage,
    })),
    record(
      'spf',
      domain.name,
      // softfail: a proposal can not know the domain's other senders
      `v=spf1 ${terms.join(' ')} ~all`,
      'One SPF record a domain: if there is one already, add the terms to it.',
    ),
    record(
      'dmarc',
      `_dmarc.${domain.name}`,
      `v=DMARC1; p=none; rua=mailto:${reports}`,
      'Begin with p=none, read the reports, and raise it to quarantine and reject (RFC 9989 section 7.4).',
    ),
  ];
}

export type RecordStatus = 'ok' | 'missing' | 'different' | 'temporary';

export interface RecordCheck {
  purpose: DomainRecord['purpose'];
  selector?: string;
  stage?: SigningKey['stage'];
  /** Where the answer was found: for DMARC perhaps at the organisational domain. */
  name: string;
  /** `temporary`: nobody could tell; it says nothing about the record. */
  status: RecordStatus;
  /** What DNS answered, cut off where it is long. */
  found: string[];
  /** For a person. */
  text: string;
  /** DMARC: the requested policy. */
  policy?: 'none' | 'quarantine' | 'reject';
  /** DMARC: `adkim=s`, a signature by a parent domain does not align. */
  strictAlignment?: boolean;
}

export interface DomainCheck {
  domain: string;
  /** Wall time, milliseconds. */
  at: number;
  records: RecordCheck[];
}

const MOST_FOUND = 5;
const LONGEST_FOUND = 512;

/**
 * Asks DNS for every record of a domain. A failed query is `temporary`, never `missing`.
 * @throws only what the resolver throws beside ResolveError.
 */
export async function checkDomain(
  domain: SigningDomain,
  resolver: Pick<Resolver, 'txt'>,
  now: number,
): Promise<DomainCheck> {
  const records = await Promise.all([
    ...domain.keys.map((key) => checkKey(domain.name, key, resolver)),
    checkSpf(domain.name, resolver),
    checkDmarc(domain.name, resolver),
  ]);
  return { domain: domain.name, at: now, records };
}

/** Writes what a check has found about keys into the registry; a temporary failure changes nothing. */
export async function recordPublication(
  check: DomainCheck,
  registry: Pick<DomainRegistry, 'markPublished'>,
): Promise<void> {
  for (const record of check.records) {
    if (record.selector === undefined || record.status === 'temporary') continue;
    await registry.markPublished(
      check.domain,
      record.selector,
      record.status === 'ok' ? check.at : undefined,
    );
  }
}

type Answer =
  | { status: 'found'; texts: string[] }
  | { status: 'missing' }
  | { status: 'temporary'; text: string };

async function ask(name: string, resolver: Pick<Resolver, 'txt'>): Promise<Answer> {
  try {
    const texts = await resolver.txt(name);
    return texts.length > 0 ? { status: 'found', texts } : { status: 'missing' };
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    return error.failure === 'temporary'
      ? { status: 'temporary', text: error.message }
      : { status: 'missing' };
  }
}

function cut(texts: string[]): string[] {
  return texts
    .slice(0, MOST_FOUND)
    .map((text) => (text.length > LONGEST_FOUND ? `${text.slice(0, LONGEST_FOUND)}...` : text));
}

async function checkKey(
  domain: string,
  key: SigningKey,
  resolver: Pick<Resolver, 'txt'>,
): Promise<RecordCheck> {
  const name = recordName(key.selector, domain);
  const about = { purpose: 'dkim' as const, selector: key.selector, stage: key.stage, name };
  const answer = await ask(name, resolver);
  if (answer.status === 'temporary') return { ...about, status: 'temporary', found: [], text: answer.text };
  if (answer.status === 'missing') {
    const text = `There is no TXT record ${name}; a new one may take as long as the zone's negative TTL to be seen.`;
    return { ...about, status: 'missing', found: [], text };
  }
  const { status, text } = judgeKey(answer.texts, key);
  return { ...about, status, found: cut(answer.texts), text };
}

function judgeKey(texts: string[], key: SigningKey): { status: RecordStatus; text: string } {
  const different = (text: string) => ({ status: 'different' as const, text });
  // RFC 6376 §3.6.2.2: with several records a verifier may take any of them
  if (texts.length > 1) return different(`There are ${texts.length} TXT records; there must be one.`);
  const record = parseKeyRecord(texts[0]!);
  if ('failure' in record) {
    return different(
      record.failure === 'revoked'
        ? 'The record revokes the key (p= is empty).'
        : `The record is not a usable key record (${record.failure}); a provider that cuts long records is the usual cause.`,
    );
  }
  if (`${record.type}-sha256` !== key.algorithm || record.published !== key.publicKey) {
    return different('The record publishes another key: an old one, or one that was cut at 255 characters.');
  }
  return {
    status: 'ok',
    text: record.testing
      ? 'Published, with t=y: take that flag out when the tests are over.'
      : 'Published as it should be.',
  };
}

async function checkSpf(domain: string, resolver: Pick<Resolver, 'txt'>): Promise<RecordCheck> {
  const about = { purpose: 'spf' as const, name: domain };
  const answer = await ask(domain, resolver);
  if (answer.status === 'temporary') return { ...about, status: 'temporary', found: [], text: answer.text };
  const records = answer.status === 'found' ? answer.texts.filter(isSpfRecord) : [];
  const found = cut(records);
  if (records.length === 0) {
    return { ...about, status: 'missing', found, text: `${domain} has no SPF record.` };
  }
  if (records.length > 1) {
    // RFC 7208 §4.5: that is a permanent error
    return {
      ...about,
      status: 'different',
      found,
      text: 'There are several SPF records; receivers use none.',
    };
  }
  const problem = inspectSpf(records[0]!);
  if (problem !== undefined) return { ...about, status: 'different', found, text: problem };
  return { ...about, status: 'ok', found, text: 'There is one SPF record.' };
}

async function checkDmarc(domain: string, resolver: Pick<Resolver, 'txt'>): Promise<RecordCheck> {
  const about = { purpose: 'dmarc' as const, name: `_dmarc.${domain}` };
  // receivers pass over several records in silence; their owner should hear of it
  const own = await ask(about.name, resolver);
  const records = own.status === 'found' ? own.texts.filter(isDmarcRecord) : [];
  if (records.length > 1) {
    const text = 'There are several DMARC records; receivers use none.';
    return { ...about, status: 'different', found: cut(records), text };
  }
  let applies: FoundRecord | undefined;
  try {
    ({ applies } = await new DmarcDiscovery(resolver).discover(domain));
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    return { ...about, status: 'temporary', found: [], text: error.message };
  }
  if (!applies) return { ...about, status: 'missing', found: [], text: `${domain} has no DMARC record.` };
  const { record } = applies;
  const place = { ...about, name: `_dmarc.${applies.domain}`, found: cut([record.text]) };
  if (!record.valid) return { ...place, status: 'different', text: record.faults.join(' ') };
  const inherited = applies.domain !== domain;
  const policy = (inherited ? record.subdomains : undefined) ?? record.policy;
  const text = [`The policy is ${policy}.`, ...record.faults].join(' ');
  return { ...place, status: 'ok', text, policy, strictAlignment: record.dkimAlignment === 'strict' };
}

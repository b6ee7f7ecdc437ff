/**
 * Everything that can be known about who sent a message, asked for under one budget of lookups. What could not be
 * looked up is `temperror` wherever it could have mattered: nothing passes because DNS was silent.
 */
import type { HeaderIndex } from '../message/headers.ts';
import { ArcVerification } from './arc/verify.ts';
import type { ArcResult } from './arc/verify.ts';
import { readDomainAuthor } from './author.ts';
import type { Author } from './author.ts';
import { BodyHashes } from './dkim/body-hash.ts';
import type { Body } from './dkim/body-hash.ts';
import { HeadFields } from './dkim/fields.ts';
import { dnsKeyLookup, KeyCheck } from './dkim/key-check.ts';
import type { KeyCheckOptions } from './dkim/key-check.ts';
import { DkimVerification, LONGEST_HEAD } from './dkim/verify.ts';
import type { DkimResult } from './dkim/verify.ts';
import { checkDmarc } from './dmarc/check.ts';
import type { DmarcResult } from './dmarc/check.ts';
import type { LookupLimit, Lookups } from './lookups.ts';
import { checkReverseDns } from './reverse-dns.ts';
import type { ReverseDnsResult } from './reverse-dns.ts';
import { checkSpf } from './spf/check.ts';
import type { SpfResult } from './spf/check.ts';

export interface ReceivedMessage {
  /** Of the client. */
  address: string;
  /** The argument of HELO or EHLO. */
  helo: string;
  /** The reverse-path without angle brackets; empty: the null reverse-path. */
  sender: string;
  head: HeaderIndex;
  body: Body;
}

export interface AuthenticateOptions extends KeyCheckOptions {
  /** What this host is called. */
  receiver: string;
  /** DKIM signatures looked at. Default 10. */
  maxSignatures?: number;
}

export interface Authentication {
  /** Of the client. */
  address: string;
  helo: string;
  sender: string;
  iprev: ReverseDnsResult;
  /** Of the MAIL FROM identity; of HELO when the reverse-path is null. */
  spf: SpfResult;
  /** In the order of the head; empty: no signature. */
  dkim: DkimResult[];
  arc: ArcResult;
  author: Author;
  /** `permerror` when there is not exactly one author domain; then its `domain` is empty. */
  dmarc: DmarcResult;
  /** Questions asked, and which limit of the budget was met. */
  dns: { queries: number; exceeded?: LookupLimit };
}

/** Judges one message. Rejects only with what reading the body fails with. */
export async function authenticateMessage(
  message: ReceivedMessage,
  lookups: Lookups,
  options: AuthenticateOptions,
): Promise<Authentication> {
  const { address, helo, sender, head } = message;
  const author = readDomainAuthor(head);
  const [iprev, spf, { dkim, arc }] = await Promise.all([
    checkReverseDns(address, lookups),
    checkSpf({ address, sender, helo, receiver: options.receiver }, lookups),
    checkSignatures(message, lookups, options),
  ]);
  const dmarc: DmarcResult =
    author.kind === 'domain'
      ? await checkDmarc({ domain: author.domain, spf, dkim }, lookups)
      : { result: 'permerror', domain: '', aligned: [], text: authorText(author) };
  const { queries, exceeded } = lookups;
  const dns = exceeded === undefined ? { queries } : { queries, exceeded };
  return { address, helo, sender, iprev, spf, dkim, arc, author, dmarc, dns };
}

/** DKIM and ARC read the body once, together, and each key once. */
async function checkSignatures(
  { head: { head }, body }: ReceivedMessage,
  lookups: Lookups,
  options: AuthenticateOptions,
): Promise<Pick<Authentication, 'dkim' | 'arc'>> {
  if (head.length > LONGEST_HEAD) {
    return {
      dkim: [{ result: 'permerror', reason: 'size' }],
      arc: { result: 'fail', reason: 'size', highest: 0, sealedAsFailed: false, hops: [] },
    };
  }
  const timed = { ...options, now: lookups.clock.now() };
  const fields = new HeadFields(head);
  const bodies = new BodyHashes();
  const signatures = new DkimVerification(fields, bodies, timed);
  const chain = new ArcVerification(fields, bodies, timed);
  await bodies.read(body);
  const keys = new KeyCheck(dnsKeyLookup(lookups), options);
  const [dkim, arc] = await Promise.all([signatures.results(keys), chain.result(keys)]);
  return { dkim, arc };
}

function authorText(author: Exclude<Author, { kind: 'domain' }>): string {
  if (author.kind === 'none') return 'The message has no author: DMARC can not be applied.';
  return `The author can be read in more than one way (${author.reason}): DMARC can not be applied.`;
}

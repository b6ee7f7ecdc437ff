/** Fetches the key of a signature and verifies with it (RFC 6376 §6.1.2, §6.1.3): for DKIM and ARC. */
import { hash, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { ResolveError } from '../../platform/resolver.ts';
import type { Resolver } from '../../platform/resolver.ts';
import { parseKeyRecord } from './key-record.ts';
import type { KeyRecord, KeyRecordFailure } from './key-record.ts';
import type { KeyRecords } from './key-records.ts';
import { recordName } from './keys.ts';
import type { SignerTags } from './signature-field.ts';

/** The TXT records of a selector, each with its strings joined. Rejects with ResolveError. */
export type KeyLookup = (selector: string, domain: string) => Promise<string[]>;

/** Looks keys up in DNS; on behalf of a message, the resolver is its budget of lookups. */
export function dnsKeyLookup(resolver: Pick<Resolver, 'txt'>): KeyLookup {
  return (selector, domain) => resolver.txt(recordName(selector, domain));
}

export type KeyReason =
  | `key-${KeyRecordFailure}`
  | 'key-missing'
  | 'key-unavailable'
  | 'key-short'
  | 'key-mismatch'
  | 'key-identity'
  | 'signature';

export interface KeyOutcome {
  result: 'pass' | 'fail' | 'temperror' | 'permerror';
  /** Absent when it passed. */
  reason?: KeyReason;
  keyBits?: number;
  /** The record says `t=y`. */
  testing?: boolean;
}

export interface KeyCheckOptions {
  /** Shortest RSA key that counts, bits. Default 1024, the floor of RFC 8301 §3.2. */
  minBits?: number;
  /** Keys that were read before; shared by all messages. */
  records?: Pick<KeyRecords, 'read'>;
}

/** Records of one selector that are tried; RFC 6376 §3.6.2.2 expects one. */
const MOST_RECORDS = 5;

/**
 * What is verified on the spot: with 2048 bits it takes 22 µs, and to hand it to the pool and wait takes as long.
 * Ed25519 takes 115 µs, RSA of 4096 bits 70: they go to the pool.
 */
const QUICK_BITS = 2048;
const QUICK_OCTETS = 65_536;

type Fetched = { records: string[] } | { outcome: KeyOutcome };

/** The keys of one message: each selector is asked for once. */
export class KeyCheck {
  readonly #lookup: KeyLookup;
  readonly #minBits: number;
  readonly #read: (text: string) => KeyRecord | { failure: KeyRecordFailure };
  readonly #fetched = new Map<string, Promise<Fetched>>();

  constructor(lookup: KeyLookup, options: KeyCheckOptions) {
    const { records } = options;
    this.#lookup = lookup;
    this.#minBits = options.minBits ?? 1024;
    this.#read = records ? (text) => records.read(text) : parseKeyRecord;
  }

  /**
   * Verifies one signature over what `data` gives, which is asked for only when there is a key.
   * @param identityDomain of `i=`; undefined where there is none, as in ARC.
   */
  async verify(by: SignerTags, data: () => Buffer, identityDomain?: string): Promise<KeyOutcome> {
    const fetched = await this.#fetch(by);
    if ('outcome' in fetched) return fetched.outcome;
    let input: Buffer | undefined;
    let worst: KeyOutcome | undefined;
    for (const text of fetched.records.slice(0, MOST_RECORDS)) {
      const usable = this.#usable(text, by, identityDomain);
      let outcome: KeyOutcome;
      if ('key' in usable) {
        input ??= data();
        outcome = await verifyWith(usable, by, input);
        if (outcome.result === 'pass') return outcome;
      } else {
        outcome = usable;
      }
      // what a usable key says counts for more than a record that is no key
      if (!worst || outcome.result === 'fail') worst = outcome;
    }
    return worst!;
  }

  #fetch({ selector, domain }: SignerTags): Promise<Fetched> {
    const name = recordName(selector, domain);
    let fetched = this.#fetched.get(name);
    if (!fetched) {
      fetched = fetch(this.#lookup, selector, domain);
      this.#fetched.set(name, fetched);
    }
    return fetched;
  }

  #usable(text: string, by: SignerTags, identityDomain: string | undefined): KeyRecord | KeyOutcome {
    const record = this.#read(text);
    if ('failure' in record) return { result: 'permerror', reason: `key-${record.failure}` };
    const refuse = (reason: KeyReason): KeyOutcome => ({ result: 'permerror', reason, ...about(record) });
    if (`${record.type}-sha256` !== by.algorithm) return refuse('key-mismatch');
    if (record.type === 'rsa' && record.bits < this.#minBits) return refuse('key-short');
    // RFC 6376 §3.6.1, t=s
    if (record.strictIdentity && identityDomain !== undefined && identityDomain !== by.domain) {
      return refuse('key-identity');
    }
    return record;
  }
}

async function fetch(lookup: KeyLookup, selector: string, domain: string): Promise<Fetched> {
  try {
    const records = await lookup(selector, domain);
    return records.length > 0 ? { records } : { outcome: { result: 'permerror', reason: 'key-missing' } };
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    return {
      outcome:
        error.failure === 'temporary'
          ? { result: 'temperror', reason: 'key-unavailable' }
          : { result: 'permerror', reason: 'key-missing' },
    };
  }
}

function about(record: KeyRecord): Pick<KeyOutcome, 'keyBits' | 'testing'> {
  return record.testing ? { keyBits: record.bits, testing: true } : { keyBits: record.bits };
}

async function verifyWith(record: KeyRecord, by: SignerTags, data: Buffer): Promise<KeyOutcome> {
  // RFC 8463 §3: with Ed25519 the SHA-256 of the data is what was signed
  const rsa = by.algorithm === 'rsa-sha256';
  const input = rsa ? data : hash('sha256', data, 'buffer');
  const valid =
    rsa && record.bits <= QUICK_BITS && data.length <= QUICK_OCTETS
      ? checkNow(input, record.key, by.signature)
      : await checkInPool(rsa ? 'sha256' : null, input, record.key, by.signature);
  if (valid === 'unusable') return { result: 'permerror', reason: 'key-key', ...about(record) };
  return valid
    ? { result: 'pass', ...about(record) }
    : { result: 'fail', reason: 'signature', ...about(record) };
}

/** `unusable`: OpenSSL will not compute with this key, which anybody may have put into DNS. */
type Validity = boolean | 'unusable';

function checkNow(data: Buffer, key: KeyObject, signature: Buffer): Validity {
  try {
    return verify('sha256', data, key, signature);
  } catch {
    return 'unusable';
  }
}

function checkInPool(
  algorithm: 'sha256' | null,
  data: Buffer,
  key: KeyObject,
  signature: Buffer,
): Promise<Validity> {
  const { promise, resolve } = Promise.withResolvers<Validity>();
  verify(algorithm, data, key, signature, completion(resolve));
  return promise;
}

/** Forgets its promise when it is done, for what a job of the pool can reach stays until a full collection. */
function completion(begun: (valid: Validity) => void): (error: Error | null, valid: boolean) => void {
  let resolve: typeof begun | undefined = begun;
  return (error, valid) => {
    const answer = resolve!;
    resolve = undefined;
    answer(error ? 'unusable' : valid);
  };
}

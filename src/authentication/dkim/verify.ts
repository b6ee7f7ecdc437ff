/**
 * Verifies the DKIM signatures of a message (RFC 6376 §6, RFC 8301, RFC 8463), with results in the words of
 * RFC 8601 §2.7.1. Signatures, names, records and sizes are bounded; what is beyond is not looked at.
 */
import { createHash, hash, verify as verifyInPool } from 'node:crypto';
import type { Hash, KeyObject } from 'node:crypto';

import { ResolveError } from '../../platform/resolver.ts';
import type { Resolver } from '../../platform/resolver.ts';
import { bodyCanonicalizer, relaxField } from './canonical.ts';
import type { BodyCanonicalizer, Canonicalization } from './canonical.ts';
import { fieldName, scanField } from './fields.ts';
import type { FieldSpan } from './fields.ts';
import { parseKeyRecord } from './key-record.ts';
import type { KeyRecord, KeyRecordFailure } from './key-record.ts';
import { recordName } from './keys.ts';
import { parseSignatureField } from './signature-field.ts';
import type { SignatureFailure, SignatureField } from './signature-field.ts';

/** The TXT records of a selector, each with its strings joined. Rejects with ResolveError. */
export type KeyLookup = (selector: string, domain: string) => Promise<string[]>;

/** Looks keys up in DNS. */
export function dnsKeyLookup(resolver: Pick<Resolver, 'txt'>): KeyLookup {
  return (selector, domain) => resolver.txt(recordName(selector, domain));
}

export type DkimReason =
  | SignatureFailure
  | `key-${KeyRecordFailure}`
  | 'key-missing'
  | 'key-unavailable'
  | 'key-short'
  | 'key-mismatch'
  | 'key-identity'
  | 'expired'
  | 'body-hash'
  | 'length'
  | 'signature'
  | 'size';

/** What became of one signature. No results at all is what RFC 8601 calls `none`. */
export interface DkimResult {
  result: 'pass' | 'fail' | 'neutral' | 'temperror' | 'permerror';
  /** Absent when it passed. */
  reason?: DkimReason;
  domain?: string;
  selector?: string;
  /** `i=`: on whose behalf. */
  identity?: string;
  algorithm?: SignatureField['algorithm'];
  keyBits?: number;
  /** `l=` leaves the end of the body unsigned: anything may have been added (RFC 6376 §8.2). */
  partial?: boolean;
  /** The record says `t=y`: the domain is testing (RFC 6376 §3.6.1). */
  testing?: boolean;
  /** `h=` in order. */
  signed?: string[];
}

export interface VerifyOptions {
  /** Wall time, milliseconds, for `x=`. */
  now: number;
  /** Signatures looked at, from the top. Default 10. */
  maxSignatures?: number;
  /** Shortest RSA key that counts, bits. Default 1024, the floor of RFC 8301 §3.2. */
  minBits?: number;
}

/** A longer signature field is refused unread, octets. */
const LONGEST_SIGNATURE = 16_384;
const LONGEST_HEAD = 1_048_576;
/** Records of one selector that are tried; RFC 6376 §3.6.2.2 expects one. */
const MOST_RECORDS = 5;

interface Field {
  name: string;
  start: number;
  end: number;
}

/** One way to hash the body: signatures that want the same share it. */
interface BodyCheck {
  kind: Canonicalization;
  limit: number | undefined;
  hash: Hash;
  canonical: BodyCanonicalizer;
  seen: number;
  digest: Buffer | undefined;
}

/**
 * Verifies each signature of a message, in the order of the head.
 * `body` may be a file's chunks; it is read once. Never rejects but for a lookup or a body that fails in
 * another way than their contracts say.
 */
export async function verifyDkim(
  message: { head: Buffer; body: Buffer | Iterable<Buffer> | AsyncIterable<Buffer> },
  lookup: KeyLookup,
  options: VerifyOptions,
): Promise<DkimResult[]> {
  const { head } = message;
  if (head.length > LONGEST_HEAD) return [{ result: 'permerror', reason: 'size' }];
  const fields = indexFields(head);
  const candidates = fields
    .filter((field) => field.name === 'dkim-signature')
    .slice(0, options.maxSignatures ?? 10);
  if (candidates.length === 0) return [];

  const checks: BodyCheck[] = [];
  const parsed = candidates.map((field) => parseCandidate(head, field, checks));
  if (checks.length > 0) await hashBody(message.body, checks);

  return Promise.all(
    parsed.map(async (candidate) =>
      'result' in candidate
        ? candidate
        : { ...known(candidate.signature), ...(await verifyOne(head, fields, candidate, lookup, options)) },
    ),
  );
}

/** A signature that can be checked. */
interface Candidate {
  field: Field;
  /** Where the field's value begins in the head: behind the colon. */
  valueStart: number;
  signature: SignatureField;
  body: BodyCheck;
}

function parseCandidate(head: Buffer, field: Field, checks: BodyCheck[]): Candidate | DkimResult {
  if (field.end - field.start > LONGEST_SIGNATURE) return { result: 'neutral', reason: 'size' };
  const valueStart = head.indexOf(':', field.start) + 1;
  const text = head.toString('latin1', valueStart, field.end).replace(/\r\n$/, '');
  const signature = parseSignatureField(text);
  if ('failure' in signature) {
    const { failure, ...names } = signature;
    return { result: resultOf(failure), reason: failure, ...names };
  }
  return { field, valueStart, signature, body: bodyCheck(checks, signature) };
}

function known(signature: SignatureField): Omit<DkimResult, 'result'> {
  const { domain, selector, identity, algorithm, signed } = signature;
  const partial = signature.length === undefined ? {} : { partial: true };
  return { domain, selector, identity, algorithm, signed, ...partial };
}

/** RFC 8601 §2.7.1: what can not be read is neutral, what can never verify is permerror. */
function resultOf(failure: SignatureFailure): 'neutral' | 'permerror' {
  return failure === 'from-not-signed' || failure === 'identity' || failure === 'algorithm'
    ? 'permerror'
    : 'neutral';
}

type Outcome = Pick<DkimResult, 'result' | 'reason' | 'keyBits' | 'testing'>;

async function verifyOne(
  head: Buffer,
  fields: Field[],
  candidate: Candidate,
  lookup: KeyLookup,
  options: VerifyOptions,
): Promise<Outcome> {
  const { field, valueStart, signature, body } = candidate;
  if (signature.expiry !== undefined && options.now / 1000 > signature.expiry) {
    return { result: 'fail', reason: 'expired' };
  }
  // before the key: a body that was changed costs no query
  if (signature.length !== undefined && body.seen < signature.length) {
    return { result: 'permerror', reason: 'length' };
  }
  if (!body.digest?.equals(signature.bodyHash)) return { result: 'fail', reason: 'body-hash' };

  let records: string[];
  try {
    records = await lookup(signature.selector, signature.domain);
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    return error.failure === 'temporary'
      ? { result: 'temperror', reason: 'key-unavailable' }
      : { result: 'permerror', reason: 'key-missing' };
  }
  if (records.length === 0) return { result: 'permerror', reason: 'key-missing' };

  const data = signedOctets(head, fields, field, valueStart, signature);
  let worst: Outcome | undefined;
  for (const text of records.slice(0, MOST_RECORDS)) {
    const outcome = await verifyWith(text, data, signature, options.minBits ?? 1024);
    if (outcome.result === 'pass') return outcome;
    // what a usable key says counts for more than a record that is no key
    if (!worst || outcome.result === 'fail') worst = outcome;
  }
  return worst!;
}

async function verifyWith(
  text: string,
  data: Buffer,
  signature: SignatureField,
  minBits: number,
): Promise<Outcome> {
  const record = parseKeyRecord(text);
  if ('failure' in record) return { result: 'permerror', reason: `key-${record.failure}` };
  const about = { keyBits: record.bits, ...(record.testing ? { testing: true } : {}) };
  const refusal = unfit(record, signature, minBits);
  if (refusal) return { result: 'permerror', reason: refusal, ...about };
  const valid =
    signature.algorithm === 'rsa-sha256'
      ? await check('sha256', data, record.key, signature.signature)
      : // RFC 8463 §3: the SHA-256 of the data is what was signed
        await check(null, hash('sha256', data, 'buffer'), record.key, signature.signature);
  if (valid === 'unusable') return { result: 'permerror', reason: 'key-key', ...about };
  return valid ? { result: 'pass', ...about } : { result: 'fail', reason: 'signature', ...about };
}

function unfit(record: KeyRecord, signature: SignatureField, minBits: number): DkimReason | undefined {
  if (`${record.type}-sha256` !== signature.algorithm) return 'key-mismatch';
  if (record.type === 'rsa' && record.bits < minBits) return 'key-short';
  if (record.strictIdentity && signature.identityDomain !== signature.domain) return 'key-identity';
  return undefined;
}

/** `unusable`: OpenSSL will not compute with this key, which anybody may have put into DNS. */
function check(
  algorithm: 'sha256' | null,
  data: Buffer,
  key: KeyObject,
  signature: Buffer,
): Promise<boolean | 'unusable'> {
  return new Promise((resolve) => {
    verifyInPool(algorithm, data, key, signature, (error, valid) => resolve(error ? 'unusable' : valid));
  });
}

function indexFields(head: Buffer): Field[] {
  const fields: Field[] = [];
  const span: FieldSpan = { colon: -1, end: 0 };
  for (let start = 0; scanField(head, start, span); start = span.end) {
    if (span.colon >= 0) fields.push({ name: fieldName(head, start, span.colon), start, end: span.end });
  }
  return fields;
}

function bodyCheck(checks: BodyCheck[], signature: SignatureField): BodyCheck {
  const known = checks.find((one) => one.kind === signature.body && one.limit === signature.length);
  if (known) return known;
  const made = createHash('sha256');
  const one: BodyCheck = {
    kind: signature.body,
    limit: signature.length,
    hash: made,
    seen: 0,
    digest: undefined,
    canonical: bodyCanonicalizer(signature.body, (octets) => {
      const room = one.limit === undefined ? octets.length : Math.max(0, one.limit - one.seen);
      made.update(room < octets.length ? octets.subarray(0, room) : octets);
      one.seen += octets.length;
    }),
  };
  checks.push(one);
  return one;
}

async function hashBody(
  body: Buffer | Iterable<Buffer> | AsyncIterable<Buffer>,
  checks: BodyCheck[],
): Promise<void> {
  for await (const chunk of Buffer.isBuffer(body) ? [body] : body) {
    for (const one of checks) one.canonical.update(chunk);
  }
  for (const one of checks) {
    one.canonical.end();
    one.digest = one.hash.digest();
  }
}

/** RFC 6376 §3.7: the fields that `h=` names, from the bottom up, then the signature with an empty `b=`. */
function signedOctets(
  head: Buffer,
  fields: Field[],
  own: Field,
  valueStart: number,
  signature: SignatureField,
): Buffer {
  const waiting = new Map<string, Field[]>();
  for (const field of fields) {
    if (field === own) continue;
    const same = waiting.get(field.name);
    if (same) same.push(field);
    else waiting.set(field.name, [field]);
  }
  // each field is used once at most, so that all of it fits into a copy of the head and a CRLF
  const out = Buffer.allocUnsafe(head.length + own.end - own.start + 4);
  let used = 0;
  const append = (source: Buffer, start: number, end: number): void => {
    if (signature.header === 'relaxed') used = relaxField(source, start, end, out, used);
    else used += source.copy(out, used, start, end);
  };
  for (const name of signature.signed) {
    const field = waiting.get(name)?.pop();
    if (!field) continue; // a name beyond the last instance stands for nothing (§5.4.2)
    append(head, field.start, field.end);
    if (signature.header === 'relaxed') {
      out[used++] = 0x0d;
      out[used++] = 0x0a;
    }
  }
  const unsigned = Buffer.concat([
    head.subarray(own.start, valueStart + signature.signatureStart),
    head.subarray(valueStart + signature.signatureEnd, own.end),
  ]);
  const length = unsigned.length;
  const closed = length >= 2 && unsigned[length - 2] === 0x0d && unsigned[length - 1] === 0x0a;
  append(unsigned, 0, closed ? length - 2 : length);
  return out.subarray(0, used);
}

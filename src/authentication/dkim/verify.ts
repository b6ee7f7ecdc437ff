/**
 * Verifies the DKIM signatures of a message (RFC 6376 §6, RFC 8301, RFC 8463), with results in the words of
 * RFC 8601 §2.7.1. Signatures, names, records and sizes are bounded; what is beyond is not looked at.
 */
import { BodyHashes } from './body-hash.ts';
import type { Body, BodyDigest } from './body-hash.ts';
import { HeadFields, signedOctets } from './fields.ts';
import type { Field } from './fields.ts';
import { KeyCheck } from './key-check.ts';
import type { KeyCheckOptions, KeyLookup, KeyReason } from './key-check.ts';
import { parseSignatureField } from './signature-field.ts';
import type { SignatureFailure, SignatureField } from './signature-field.ts';

export { dnsKeyLookup } from './key-check.ts';
export type { KeyLookup } from './key-check.ts';

export type DkimReason =
  | SignatureFailure
  | KeyReason
  | 'expired'
  | 'future'
  | 'body-hash'
  | 'length'
  | 'unsigned-from'
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
  /** Octets of the canonical body behind `l=`, which nobody signed: more than 0 means that something was added. */
  unsignedOctets?: number;
  /** The record says `t=y`: the domain is testing (RFC 6376 §3.6.1). */
  testing?: boolean;
  /** `h=` in order. */
  signed?: string[];
  /**
   * Fields that may stand there once, stand there more often, and not all of them signed: a reader may show
   * another than the signed one (RFC 6376 §8.15). From is never among them, for then it does not pass.
   */
  unsignedDuplicates?: string[];
}

export interface VerifyOptions extends KeyCheckOptions {
  /** Wall time, milliseconds, for `x=` and `t=`. */
  now: number;
  /** Signatures looked at, from the top. Default 10. */
  maxSignatures?: number;
  /** How far a signer's clock may be ahead of ours, seconds. Default 300. */
  clockSkew?: number;
}

/** A longer signature field is refused unread, octets. */
export const LONGEST_SIGNATURE = 16_384;
export const LONGEST_HEAD = 1_048_576;

/** RFC 5322 §3.6 and MIME allow one of each, and all change what is shown or where an answer goes. */
const SINGLE = [
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
];

/**
 * Fields that may stand there once, stand there more often, and are not all signed. RFC 6376 §3.8: a message with two
 * From fields is not one that a verifier should validate. Which of them is shown is up to the reader, so that one which
 * is not signed takes away what the signature says.
 * @param signed `h=` of a signature
 */
export function unsignedDuplicates(fields: HeadFields, signed: readonly string[]): string[] {
  return SINGLE.filter((name) => {
    const count = fields.all(name).length;
    return count > 1 && signed.filter((one) => one === name).length < count;
  });
}

/**
 * Verifies each signature of a message, in the order of the head.
 * `body` may be a file's chunks; it is read once. Never rejects but for a lookup or a body that fails in
 * another way than their contracts say.
 */
export async function verifyDkim(
  message: { head: Buffer; body: Body },
  lookup: KeyLookup,
  options: VerifyOptions,
): Promise<DkimResult[]> {
  if (message.head.length > LONGEST_HEAD) return [{ result: 'permerror', reason: 'size' }];
  const bodies = new BodyHashes();
  const verification = new DkimVerification(new HeadFields(message.head), bodies, options);
  await bodies.read(message.body);
  return verification.results(new KeyCheck(lookup, options));
}

/** A signature that can be checked. */
interface Candidate {
  field: Field;
  signature: SignatureField;
  body: BodyDigest;
}

/** The two halves of verifying: what can be known before the body is read, and what follows. */
export class DkimVerification {
  readonly #fields: HeadFields;
  readonly #options: VerifyOptions;
  readonly #candidates: (Candidate | DkimResult)[];

  /** Reads the signatures, and asks `bodies` for the hashes that they need. */
  constructor(fields: HeadFields, bodies: BodyHashes, options: VerifyOptions) {
    this.#fields = fields;
    this.#options = options;
    this.#candidates = fields
      .all('dkim-signature')
      .slice(0, options.maxSignatures ?? 10)
      .map((field) => this.#candidate(field, bodies));
  }

  /** To be called when `bodies` has read the body. */
  results(keys: KeyCheck): Promise<DkimResult[]> {
    return Promise.all(
      this.#candidates.map(async (candidate) =>
        'result' in candidate ? candidate : this.#verify(candidate, keys),
      ),
    );
  }

  #candidate(field: Field, bodies: BodyHashes): Candidate | DkimResult {
    if (field.end - field.start > LONGEST_SIGNATURE) return { result: 'neutral', reason: 'size' };
    const signature = parseSignatureField(this.#fields.text(field));
    if ('failure' in signature) {
      const { failure, ...names } = signature;
      return { result: resultOf(failure), reason: failure, ...names };
    }
    const body = bodies.want(signature.body, signature.length);
    return body ? { field, signature, body } : { ...known(signature), result: 'permerror', reason: 'size' };
  }

  async #verify(candidate: Candidate, keys: KeyCheck): Promise<DkimResult> {
    const { field, signature, body } = candidate;
    const refused = timeRefusal(signature, this.#options) ?? bodyRefusal(signature, body);
    // before the key: a message that was changed costs no query
    if (refused) return { ...known(signature, body), ...refused };
    const unsigned = unsignedDuplicates(this.#fields, signature.signed);
    if (unsigned.includes('from')) {
      return { ...known(signature, body), result: 'permerror', reason: 'unsigned-from' };
    }
    const outcome = await keys.verify(
      signature,
      () => signedOctets(this.#fields, field, signature),
      signature.identityDomain,
    );
    const duplicates = unsigned.length > 0 ? { unsignedDuplicates: unsigned } : {};
    return { ...known(signature, body), ...duplicates, ...outcome };
  }
}

function known(signature: SignatureField, body?: BodyDigest): Omit<DkimResult, 'result'> {
  const { domain, selector, identity, algorithm, signed, length } = signature;
  const names = { domain, selector, identity, algorithm, signed };
  if (length === undefined) return names;
  const rest = body && { unsignedOctets: Math.max(0, body.total - length) };
  return { ...names, partial: true, ...rest };
}

/** RFC 8601 §2.7.1: what can not be read is neutral, what can never verify is permerror. */
function resultOf(failure: SignatureFailure): 'neutral' | 'permerror' {
  return failure === 'from-not-signed' || failure === 'identity' || failure === 'algorithm'
    ? 'permerror'
    : 'neutral';
}

type Refusal = Pick<DkimResult, 'result' | 'reason'>;

function timeRefusal({ expiry, timestamp }: SignatureField, options: VerifyOptions): Refusal | undefined {
  const now = options.now / 1000;
  if (expiry !== undefined && now > expiry) return { result: 'fail', reason: 'expired' };
  // RFC 6376 §3.5, t=: a signature from the future may be ignored, beyond what clocks differ by
  if (timestamp !== undefined && timestamp > now + (options.clockSkew ?? 300)) {
    return { result: 'fail', reason: 'future' };
  }
  return undefined;
}

function bodyRefusal(signature: SignatureField, body: BodyDigest): Refusal | undefined {
  if (signature.length !== undefined && body.total < signature.length) {
    return { result: 'permerror', reason: 'length' };
  }
  return body.digest.equals(signature.bodyHash) ? undefined : { result: 'fail', reason: 'body-hash' };
}

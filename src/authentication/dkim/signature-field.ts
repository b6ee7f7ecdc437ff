import { domainToASCII } from 'node:url';

import type { Canonicalization } from './canonical.ts';
import { decodeBase64, parseTagList, withoutSpace } from './tag-list.ts';

/** A DKIM-Signature field that follows RFC 6376 §3.5. */
export interface SignatureField {
  algorithm: 'rsa-sha256' | 'ed25519-sha256';
  header: Canonicalization;
  body: Canonicalization;
  /** `d=`, A-labels, lower case. */
  domain: string;
  selector: string;
  /** `i=` as written, or `@` and the domain. */
  identity: string;
  identityDomain: string;
  /** `h=` in lower case, in order. */
  signed: string[];
  bodyHash: Buffer;
  signature: Buffer;
  /** `l=`: how many octets of the canonical body are signed; absent: all. */
  length?: number;
  /** `t=` and `x=`, seconds. */
  timestamp?: number;
  expiry?: number;
  /** Where the value of `b=` lies in the field's value, surrounding white space included. */
  signatureStart: number;
  signatureEnd: number;
}

export type SignatureFailure =
  | 'syntax'
  | 'version'
  | 'algorithm'
  | 'canonicalization'
  | 'query'
  | 'identity'
  | 'from-not-signed';

const MOST_NAMES = 512;
const FIELD_NAME = /^[\x21-\x39\x3b-\x7e]{1,256}$/;
const DOMAIN =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/**
 * Reads the value of a DKIM-Signature field, one character an octet.
 * The identities that were read are given with a failure too, as far as they go: reports want them.
 */
export function parseSignatureField(
  text: string,
): SignatureField | { failure: SignatureFailure; domain?: string; selector?: string } {
  const tags = parseTagList(text);
  if (!tags) return { failure: 'syntax' };
  const value = (name: string): string | undefined => tags.get(name)?.value;
  const domain = toDomain(value('d'));
  const selector = toDomain(value('s'));
  const fail = (failure: SignatureFailure) => ({ failure, domain, selector });

  const version = value('v');
  const algorithm = value('a')?.toLowerCase();
  const names = value('h');
  const hashText = value('bh');
  const signatureTag = tags.get('b');
  if (version === undefined || algorithm === undefined || names === undefined) return fail('syntax');
  if (!domain || !selector || hashText === undefined || !signatureTag) return fail('syntax');
  if (version !== '1') return fail('version');
  // RFC 8301 §3.1: rsa-sha1 must not be used any more, neither way
  if (algorithm !== 'rsa-sha256' && algorithm !== 'ed25519-sha256') return fail('algorithm');

  const [header = '', body = 'simple', ...rest] = withoutSpace(value('c') ?? 'simple/simple')
    .toLowerCase()
    .split('/');
  if (rest.length > 0 || !isCanonicalization(header) || !isCanonicalization(body)) {
    return fail('canonicalization');
  }
  const methods = withoutSpace(value('q') ?? 'dns/txt').toLowerCase();
  if (!methods.split(':').includes('dns/txt')) return fail('query');

  const signed = withoutSpace(names).toLowerCase().split(':');
  if (signed.length > MOST_NAMES || !signed.every((name) => FIELD_NAME.test(name))) return fail('syntax');
  const bodyHash = decodeBase64(hashText);
  const signature = decodeBase64(signatureTag.value);
  if (bodyHash?.length !== 32 || !signature || signature.length === 0) return fail('syntax');

  const length = toNumber(value('l'), 76);
  const timestamp = toNumber(value('t'), 12);
  const expiry = toNumber(value('x'), 12);
  if (length === 'invalid' || timestamp === 'invalid' || expiry === 'invalid') return fail('syntax');
  if (expiry !== undefined && timestamp !== undefined && expiry <= timestamp) return fail('syntax');

  const identity = toText(value('i') ?? `@${domain}`);
  const at = identity.lastIndexOf('@');
  const identityDomain = at < 0 ? undefined : toDomain(identity.slice(at + 1));
  if (!identityDomain) return fail('syntax');
  if (identityDomain !== domain && !identityDomain.endsWith(`.${domain}`)) return fail('identity');
  // RFC 6376 §5.4: what is not signed by whom it shows is worth nothing
  if (!signed.includes('from')) return fail('from-not-signed');

  return {
    algorithm,
    header,
    body,
    domain,
    selector,
    identity,
    identityDomain,
    signed,
    bodyHash,
    signature,
    length,
    timestamp,
    expiry,
    signatureStart: signatureTag.start,
    signatureEnd: signatureTag.end,
  };
}

function isCanonicalization(text: string): text is Canonicalization {
  return text === 'simple' || text === 'relaxed';
}

/** RFC 8616 §5: in an internationalised message the tags may hold UTF-8. */
function toText(value: string): string {
  return /^[\x00-\x7f]*$/.test(value) ? value : Buffer.from(value, 'latin1').toString('utf8');
}

function toDomain(value: string | undefined): string | undefined {
  if (value === undefined || value.length > 1024) return undefined;
  const text = toText(value);
  const name = text === value ? text.toLowerCase() : domainToASCII(text);
  return DOMAIN.test(name) ? name : undefined;
}

/** Digits only. A count too large for a number is more than any body has, and any time that we shall see. */
function toNumber(value: string | undefined, digits: number): number | undefined | 'invalid' {
  if (value === undefined) return undefined;
  return /^[0-9]+$/.test(value) && value.length <= digits ? Number(value) : 'invalid';
}

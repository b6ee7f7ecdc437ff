import { domainToASCII } from 'node:url';

import type { Canonicalization } from './canonical.ts';
import { decodeBase64, parseTagList, withoutSpace } from './tag-list.ts';
import type { Tag } from './tag-list.ts';

/** A DKIM-Signature field that follows RFC 6376 §3.5. */
export interface SignatureField extends SignerTags, CoverageTags {
  /** `i=`, or `@` and the domain; the domain is in A-labels. */
  identity: string;
  identityDomain: string;
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
/** Longest `i=` that is reported, octets: a local part and a domain of RFC 5321 §4.5.3.1. */
const LONGEST_IDENTITY = 320;
const FIELD_NAME = /^[\x21-\x39\x3b-\x7e]{1,256}$/;
const DOMAIN =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
/** What may stand in a report as it is: no blank, no quote, nothing that could change how a line is read. */
const PLAIN_LOCAL_PART = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]*$/;

type Tags = ReadonlyMap<string, Tag>;

/** Who signed and how: what DKIM-Signature, ARC-Message-Signature and ARC-Seal have in common. */
export interface SignerTags {
  algorithm: 'rsa-sha256' | 'ed25519-sha256';
  /** `d=`, A-labels, lower case. */
  domain: string;
  selector: string;
  signature: Buffer;
  /** `t=`, seconds. */
  timestamp?: number;
  /** Where the value of `b=` lies in the field's value, surrounding white space included. */
  signatureStart: number;
  signatureEnd: number;
}

/** What was signed: what DKIM-Signature and ARC-Message-Signature have in common. */
export interface CoverageTags {
  /** Whether there is a `c=`; without one, both are simple (RFC 6376 §3.5). */
  canonicalized: boolean;
  header: Canonicalization;
  body: Canonicalization;
  /** `h=` in lower case, in order. */
  signed: string[];
  bodyHash: Buffer;
  /** `l=`: how many octets of the canonical body are signed; absent: all. */
  length?: number;
  /** `x=`, seconds. */
  expiry?: number;
}

/** The names under which a failure is reported, as far as they can be read. */
function readNames(tags: Tags): { domain?: string; selector?: string } {
  const domain = toDomain(tags.get('d')?.value);
  const selector = toDomain(tags.get('s')?.value);
  return { ...(domain && { domain }), ...(selector && { selector }) };
}

/** @returns the name of what is wrong, or the tags. */
export function readSigner(tags: Tags): SignerTags | 'syntax' | 'algorithm' {
  const { domain, selector } = readNames(tags);
  const algorithm = tags.get('a')?.value.toLowerCase();
  const signatureTag = tags.get('b');
  // RFC 6376 §6.1.1 lets a verifier ignore a d= as wide as a top-level domain
  if (!domain?.includes('.') || !selector || algorithm === undefined || !signatureTag) return 'syntax';
  // RFC 8301 §3.1: rsa-sha1 must not be used any more, neither way
  if (algorithm !== 'rsa-sha256' && algorithm !== 'ed25519-sha256') return 'algorithm';
  const signature = decodeBase64(signatureTag.value);
  const timestamp = toNumber(tags.get('t')?.value, 12);
  if (!signature || signature.length === 0 || timestamp === 'invalid') return 'syntax';
  return {
    algorithm,
    domain,
    selector,
    signature,
    timestamp,
    signatureStart: signatureTag.start,
    signatureEnd: signatureTag.end,
  };
}

/** @returns the name of what is wrong, or the tags. @param sparse whether `h=` may have empty names. */
export function readCoverage(
  tags: Tags,
  sparse: boolean,
): CoverageTags | 'syntax' | 'canonicalization' | 'query' {
  const value = (name: string): string | undefined => tags.get(name)?.value;
  const names = value('h');
  const hashText = value('bh');
  if (names === undefined || hashText === undefined) return 'syntax';
  const [header = '', body = 'simple', ...rest] = withoutSpace(value('c') ?? 'simple/simple')
    .toLowerCase()
    .split('/');
  if (rest.length > 0 || !isCanonicalization(header) || !isCanonicalization(body)) return 'canonicalization';
  const methods = withoutSpace(value('q') ?? 'dns/txt').toLowerCase();
  if (!methods.split(':').includes('dns/txt')) return 'query';

  const listed = withoutSpace(names).toLowerCase().split(':');
  const signed = sparse ? listed.filter((name) => name !== '') : listed;
  if (signed.length > MOST_NAMES || !signed.every((name) => FIELD_NAME.test(name))) return 'syntax';
  const bodyHash = decodeBase64(hashText);
  const length = toNumber(value('l'), 76);
  const expiry = toNumber(value('x'), 12);
  if (bodyHash?.length !== 32 || length === 'invalid' || expiry === 'invalid') return 'syntax';
  return { canonicalized: tags.has('c'), header, body, signed, bodyHash, length, expiry };
}

/**
 * Reads the value of a DKIM-Signature field, one character an octet.
 * The identities that were read are given with a failure too, as far as they go: reports want them.
 */
export function parseSignatureField(
  text: string,
): SignatureField | { failure: SignatureFailure; domain?: string; selector?: string } {
  const tags = parseTagList(text);
  if (!tags) return { failure: 'syntax' };
  const fail = (failure: SignatureFailure) => ({ failure, ...readNames(tags) });

  const version = tags.get('v')?.value;
  if (version === undefined) return fail('syntax');
  if (version !== '1') return fail('version');
  const signer = readSigner(tags);
  if (typeof signer === 'string') return fail(signer);
  const coverage = readCoverage(tags, false);
  if (typeof coverage === 'string') return fail(coverage);
  const { timestamp, domain } = signer;
  const { expiry } = coverage;
  if (expiry !== undefined && timestamp !== undefined && expiry <= timestamp) return fail('syntax');

  const identity = readIdentity(tags.get('i')?.value ?? `@${domain}`);
  if (!identity) return fail('syntax');
  if (identity.domain !== domain && !identity.domain.endsWith(`.${domain}`)) return fail('identity');
  // RFC 6376 §5.4: what is not signed by whom it shows is worth nothing
  if (!coverage.signed.includes('from')) return fail('from-not-signed');
  return { ...signer, ...coverage, identity: identity.text, identityDomain: identity.domain };
}

/**
 * `i=` with a domain that is a name. A local part that could be read as something else in a report is left out:
 * it is the signer's word only, nothing is decided by it (RFC 6376 §3.11).
 */
function readIdentity(value: string): { text: string; domain: string } | undefined {
  const text = toText(withoutSpace(value));
  const at = text.lastIndexOf('@');
  const domain = at < 0 ? undefined : toDomain(text.slice(at + 1));
  if (!domain) return undefined;
  const local = text.slice(0, at);
  const plain = local.length + domain.length < LONGEST_IDENTITY && PLAIN_LOCAL_PART.test(local);
  return { text: `${plain ? local : ''}@${domain}`, domain };
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
  const name = /^[\x00-\x7f]*$/.test(value) ? value.toLowerCase() : domainToASCII(toText(value));
  return DOMAIN.test(name) ? name : undefined;
}

/** Digits only. A count too large for a number is more than any body has, and any time that we shall see. */
function toNumber(value: string | undefined, digits: number): number | undefined | 'invalid' {
  if (value === undefined) return undefined;
  return /^[0-9]+$/.test(value) && value.length <= digits ? Number(value) : 'invalid';
}

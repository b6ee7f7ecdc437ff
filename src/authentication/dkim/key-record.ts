import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { decodeBase64, parseTagList, withoutSpace } from './tag-list.ts';

/** A key record as published (RFC 6376 §3.6.1). */
export interface KeyRecord {
  type: 'rsa' | 'ed25519';
  key: KeyObject;
  /** Length of the modulus, or 256. */
  bits: number;
  /** The `p=` tag without white space, for comparison. */
  published: string;
  /** `t=y`: the domain is only testing. */
  testing: boolean;
  /** `t=s`: the domain of `i=` must be that of `d=`. */
  strictIdentity: boolean;
}

/** Why a record gives no key. */
export type KeyRecordFailure = 'syntax' | 'version' | 'type' | 'hash' | 'service' | 'revoked' | 'key';

/** Longest record that is looked at, octets; an RSA key of 4096 bits needs about 750. */
const LONGEST_RECORD = 4096;
/** RFC 8301 §3.2 lets verifiers support up to 4096; more only costs time. */
const MOST_BITS = 8192;
/**
 * Exponents in use are 3 and 65537. One as long as the modulus makes a verification as slow as a signature without
 * its shortcuts, and with 1 everybody can sign.
 */
const MOST_EXPONENT = 2n ** 64n;

/** Reads the text of one TXT record. Unknown tags are ignored, `g=` and `n=` too (RFC 6376 §3.6.1). */
export function parseKeyRecord(text: string): KeyRecord | { failure: KeyRecordFailure } {
  if (text.length > LONGEST_RECORD) return { failure: 'syntax' };
  const tags = parseTagList(text);
  if (!tags) return { failure: 'syntax' };
  const version = tags.get('v');
  // v= is optional, but when there it comes first
  if (version && (version.value !== 'DKIM1' || tags.keys().next().value !== 'v')) {
    return { failure: 'version' };
  }
  const material = tags.get('p');
  if (!material) return { failure: 'syntax' };
  const type = tags.get('k')?.value ?? 'rsa';
  if (type !== 'rsa' && type !== 'ed25519') return { failure: 'type' };
  const hashes = list(tags.get('h')?.value);
  if (hashes && !hashes.includes('sha256')) return { failure: 'hash' };
  const services = list(tags.get('s')?.value);
  if (services && !services.includes('*') && !services.includes('email')) return { failure: 'service' };
  const published = withoutSpace(material.value);
  if (published === '') return { failure: 'revoked' };
  const octets = decodeBase64(published);
  const key = octets && (type === 'rsa' ? rsaKey(octets) : ed25519Key(octets));
  if (!key) return { failure: 'key' };
  const bits = type === 'ed25519' ? 256 : (key.asymmetricKeyDetails?.modulusLength ?? 0);
  if (bits > MOST_BITS) return { failure: 'key' };
  const flags = list(tags.get('t')?.value) ?? [];
  return {
    type,
    key,
    bits,
    published,
    testing: flags.includes('y'),
    strictIdentity: flags.includes('s'),
  };
}

function list(value: string | undefined): string[] | undefined {
  return value === undefined ? undefined : withoutSpace(value).toLowerCase().split(':');
}

/** The RFC's text names RSAPublicKey, its example holds SubjectPublicKeyInfo: both are in use. */
function rsaKey(octets: Buffer): KeyObject | undefined {
  for (const type of ['spki', 'pkcs1'] as const) {
    try {
      const key = createPublicKey({ key: octets, format: 'der', type });
      const exponent = key.asymmetricKeyDetails?.publicExponent ?? 0n;
      if (key.asymmetricKeyType === 'rsa') return exponent > 1n && exponent < MOST_EXPONENT ? key : undefined;
    } catch {
      // not of this form; the caller learns that the key can not be read when it is of neither
    }
  }
  return undefined;
}

function ed25519Key(octets: Buffer): KeyObject | undefined {
  // RFC 8463 §4.2: the bare key, not wrapped
  if (octets.length !== 32) return undefined;
  try {
    return createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: octets.toString('base64url') },
      format: 'jwk',
    });
  } catch {
    return undefined;
  }
}

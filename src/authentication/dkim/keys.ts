/** Makes keys and the DNS text that publishes them. */
import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

import type { SigningKey } from './domain.ts';

const makePair = promisify(generateKeyPair);

/** RFC 8301 §3.2: signers use 2048; its record fits a DNS answer, that of 4096 often does not. */
const RSA_BITS = 2048;

/** Makes a key in the thread pool; an RSA key takes 50 to 500 ms of one of its threads. */
export async function generateKey(
  algorithm: SigningKey['algorithm'],
): Promise<Pick<SigningKey, 'algorithm' | 'privateKey' | 'publicKey'>> {
  const { privateKey } =
    algorithm === 'rsa-sha256'
      ? await makePair('rsa', { modulusLength: RSA_BITS })
      : await makePair('ed25519', {});
  return {
    algorithm,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    publicKey: publicText(privateKey),
  };
}

/**
 * What the `p=` tag of a private key must hold, and the algorithm that it is for.
 * @throws when the PEM can not be read, or the key is neither RSA nor Ed25519.
 */
export function readPrivateKey(pem: string): Pick<SigningKey, 'algorithm' | 'privateKey' | 'publicKey'> {
  const key = createPrivateKey(pem);
  const type = key.asymmetricKeyType;
  if (type !== 'rsa' && type !== 'ed25519')
    throw new Error(`a key of type ${type ?? 'unknown'} can not sign DKIM`);
  return {
    algorithm: type === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256',
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }),
    publicKey: publicText(key),
  };
}

function publicText(privateKey: KeyObject): string {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  // RFC 8463 §4.2: the bare 32 octets, which end the SubjectPublicKeyInfo
  const octets = privateKey.asymmetricKeyType === 'ed25519' ? spki.subarray(-32) : spki;
  return octets.toString('base64');
}

/** A whole key, ready for a domain. */
export async function makeKey(options: {
  algorithm: SigningKey['algorithm'];
  selector: string;
  stage: SigningKey['stage'];
  /** Wall time, milliseconds. */
  at: number;
}): Promise<SigningKey> {
  const { algorithm, selector, stage, at } = options;
  return { selector, stage, createdAt: at, ...(await generateKey(algorithm)) };
}

/**
 * The next selector that is not taken: `p2026a`, `p2026b`, ... `p2026aa`. The year tells how old a key is;
 * a selector is never used for a second key, because verifiers may still hold the first (RFC 6376 §3.1).
 */
export function newSelector(at: number, taken: Iterable<string>): string {
  const names = new Set([...taken].map((name) => name.toLowerCase()));
  const year = new Date(at).getUTCFullYear();
  for (let number = 0; ; number++) {
    const selector = `p${year}${letters(number)}`;
    if (!names.has(selector)) return selector;
  }
}

function letters(number: number): string {
  const last = String.fromCharCode(0x61 + (number % 26));
  return number < 26 ? last : letters(Math.floor(number / 26) - 1) + last;
}

const SELECTOR = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** RFC 6376 §3.1: labels of letters, digits and hyphens; in lower case here, so that they compare as text. */
export function isSelector(text: string): boolean {
  return text.length <= 63 && SELECTOR.test(text);
}

export function recordName(selector: string, domain: string): string {
  return `${selector}._domainkey.${domain}`;
}

/** What the TXT record of a key must say. */
export function recordText(key: Pick<SigningKey, 'algorithm' | 'publicKey'>): string {
  return `v=DKIM1; k=${key.algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'}; p=${key.publicKey}`;
}

/** The character-strings of a TXT record: at most 255 octets each (RFC 1035 §3.3). The text must be ASCII. */
export function splitText(text: string): string[] {
  const parts: string[] = [];
  for (let i = 0; i < text.length; i += 255) parts.push(text.slice(i, i + 255));
  return parts.length > 0 ? parts : [''];
}

/** A line for a zone file as RFC 1035 §5.1 writes it. */
export function zoneLine(name: string, text: string): string {
  const strings = splitText(text).map((part) => `"${part.replace(/["\\]/g, '\\$&')}"`);
  const data = strings.length === 1 ? strings[0]! : `( ${strings.join(' ')} )`;
  return `${name}. IN TXT ${data}`;
}

/**
 * What a message is found by exactly, as words of a full-text index: one word for each address, domain, network, ...
 * A word is a letter for the kind and, where the value is not a word itself, a hash of it; that two values share a
 * hash is ruled out by looking at the row.
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { MessageRow } from './message-row.ts';

/** Prefixes of addresses that have words: a block of another length is looked for by the next shorter one. */
const V4_PREFIXES = [8, 16, 24, 32];
const V6_PREFIXES = [32, 48, 64, 128];

export function wordsOf(row: MessageRow): string {
  const words = new Set<string>([`d${row.direction}`]);
  if (row.source !== undefined) words.add(sourceWord(row.source));
  for (const address of [row.from, row.headerFrom]) {
    if (address === undefined) continue;
    words.add(senderWord(address));
    words.add(senderWord(domainPart(address)));
  }
  for (const address of row.recipients) {
    words.add(recipientWord(address));
    words.add(recipientWord(domainPart(address)));
  }
  if (row.messageId) words.add(messageIdWord(row.messageId));
  for (const word of addressWords(row.network ?? '')) words.add(word);
  return [...words].join(' ');
}

/** What is found by any part of it; the parts of a row end at line ends, which nobody looks for. */
export function searchedText({ from, headerFrom, recipients, subject, messageId }: MessageRow): string {
  return [from, headerFrom, ...recipients, subject, messageId].filter(Boolean).join('\n');
}

export const directionWord = (direction: string): string => `d${direction}`;
export const sourceWord = (source: string): string => `s${hash(source)}`;
/** @param address or `@domain` */
export const senderWord = (address: string): string => `f${hash(address.toLowerCase())}`;
/** @param address or `@domain` */
export const recipientWord = (address: string): string => `t${hash(address.toLowerCase())}`;
export const messageIdWord = (id: string): string => `m${hash(id.replace(/^<|>$/g, ''))}`;

/** The word that all addresses of a block have; undefined for a block that is wider than any word, or no block. */
export function networkWord(network: string): string | undefined {
  const [address = '', length] = network.split('/');
  const four = isIPv4(address);
  if (!four && !isIPv6(address)) return undefined;
  const bits = length === undefined ? (four ? 32 : 128) : Number(length);
  const prefix = (four ? V4_PREFIXES : V6_PREFIXES).findLast((one) => one <= bits);
  if (prefix === undefined) return undefined;
  return four ? v4Word(address, prefix) : v6Word(groupsOf(address), prefix);
}

function addressWords(address: string): string[] {
  if (isIPv4(address)) return V4_PREFIXES.map((prefix) => v4Word(address, prefix));
  if (!isIPv6(address)) return [];
  const groups = groupsOf(address);
  return V6_PREFIXES.map((prefix) => v6Word(groups, prefix));
}

function v4Word(address: string, prefix: number): string {
  return `n${address
    .split('.')
    .slice(0, prefix / 8)
    .join('x')}`;
}

function v6Word(groups: string[], prefix: number): string {
  return `n6x${groups.slice(0, prefix / 16).join('x')}`;
}

/** Eight groups of hexadecimal digits (RFC 4291 §2.2), without a zone. */
function groupsOf(address: string): string[] {
  const plain = (address.split('%', 1)[0] as string).toLowerCase();
  // ::ffff:192.0.2.1
  const text = plain.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a: string, b: string, c: string, d: string) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  );
  const [head = '', tail] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return groups.map((group) => Number.parseInt(group, 16).toString(16));
}

export function domainPart(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? '@' : address.slice(at);
}

/** 53 bits in base 36: two hashes of 32 bits with different multipliers (FNV-1a and one of Bernstein's kind). */
function hash(text: string): string {
  let high = 0x811c9dc5;
  let low = 5381;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low, 33) ^ code;
  }
  return ((high >>> 0) * 2_097_152 + ((low >>> 0) & 2_097_151)).toString(36);
}

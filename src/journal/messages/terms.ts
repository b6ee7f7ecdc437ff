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

/**
 * Makes the words of messages, and knows those that it has made: most messages of a batch have senders, domains and
 * networks in common. Made for a batch, and dropped with it.
 */
export class Words {
  readonly #known = new Map<string, string>();

  of(row: MessageRow): string {
    const words = [directionWord(row.direction)];
    if (row.source !== undefined) words.push(this.#word('s', row.source, sourceWord));
    if (row.from !== undefined) words.push(this.#word('f', row.from, senderWords));
    if (row.headerFrom !== undefined) words.push(this.#word('f', row.headerFrom, senderWords));
    for (const address of row.recipients) words.push(this.#word('t', address, recipientWords));
    if (row.messageId) words.push(messageIdWord(row.messageId));
    if (row.network !== undefined) words.push(this.#word('n', row.network, addressWords));
    const text = words.join(' ');
    // many recipients have few domains
    return row.recipients.length > 1 ? [...new Set(text.split(' '))].join(' ') : text;
  }

  #word(kind: string, value: string, make: (value: string) => string): string {
    const key = kind + value;
    let words = this.#known.get(key);
    if (words === undefined) this.#known.set(key, (words = make(value)));
    return words;
  }
}

const senderWords = (address: string): string => `${senderWord(address)} ${senderWord(domainPart(address))}`;
const recipientWords = (address: string): string =>
  `${recipientWord(address)} ${recipientWord(domainPart(address))}`;

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

function addressWords(address: string): string {
  if (isIPv4(address)) return V4_PREFIXES.map((prefix) => v4Word(address, prefix)).join(' ');
  if (!isIPv6(address)) return '';
  const groups = groupsOf(address);
  return V6_PREFIXES.map((prefix) => v6Word(groups, prefix)).join(' ');
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

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
/** Ten bits, as two letters. */
const PAIRS: readonly string[] = Array.from(
  { length: 1024 },
  (_, bits) => `${LETTERS[bits >> 5]}${LETTERS[bits & 31]}`,
);

/** 50 bits of two hashes with different multipliers (FNV-1a and one of Bernstein's kind), as letters. */
function hash(text: string): string {
  let high = 0x811c9dc5;
  let low = 5381;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low, 33) ^ code;
  }
  const pair = (bits: number): string => PAIRS[bits & 1023] as string;
  return pair(high) + pair(high >>> 10) + pair(high >>> 20) + pair(low) + pair(low >>> 10);
}

import type { Told } from './fact.ts';

/** 53 bits of a text, so that a set of millions is a row of numbers. Who finds one compares the texts behind it. */
export function hashOf(text: string): number {
  let low = LOW;
  let high = HIGH;
  const { length } = text;
  let at = 0;
  // four characters at a step
  for (; at + 4 <= length; at += 4) {
    const word =
      text.charCodeAt(at) ^
      (text.charCodeAt(at + 1) << 8) ^
      (text.charCodeAt(at + 2) << 16) ^
      (text.charCodeAt(at + 3) << 24);
    low = Math.imul(low ^ word, 0x01000193);
    low ^= low >>> 16;
    high = Math.imul(high ^ word, 0x5bd1e995);
    high ^= high >>> 15;
  }
  for (; at < length; at++) {
    low = Math.imul(low ^ text.charCodeAt(at), 0x01000193);
    high = Math.imul(high ^ text.charCodeAt(at), 0x5bd1e995);
    high ^= high >>> 15;
  }
  return mixed(low, high);
}

/** The same of a text that stands in octets; NaN where it is not ASCII. */
export function hashOfOctets(octets: Uint8Array, start: number, end: number): number {
  let low = LOW;
  let high = HIGH;
  let all = 0;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = octets[at]! ^ (octets[at + 1]! << 8) ^ (octets[at + 2]! << 16) ^ (octets[at + 3]! << 24);
    all |= word;
    low = Math.imul(low ^ word, 0x01000193);
    low ^= low >>> 16;
    high = Math.imul(high ^ word, 0x5bd1e995);
    high ^= high >>> 15;
  }
  for (; at < end; at++) {
    const octet = octets[at]!;
    all |= octet;
    low = Math.imul(low ^ octet, 0x01000193);
    high = Math.imul(high ^ octet, 0x5bd1e995);
    high ^= high >>> 15;
  }
  return (all & -0x7f7f7f80) === 0 ? mixed(low, high) : Number.NaN;
}

const LOW = 0x811c9dc5;
const HIGH = 0x9747b28c;

function mixed(ofLow: number, ofHigh: number): number {
  let low = ofLow;
  let high = ofHigh;
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b);
  low ^= low >>> 13;
  high = Math.imul(high ^ (high >>> 13), 0xc2b2ae35) ^ low;
  high ^= high >>> 16;
  return ((high >>> 0) & 0x1fffff) * 0x1_0000_0000 + (low >>> 0);
}

/** One hash of two. */
export function hashOfBoth(a: number, b: number): number {
  return mixed(
    Math.imul(a >>> 0, 0x01000193) ^ (b >>> 0),
    Math.imul(b / 2 ** 32, 0x5bd1e995) ^ (a / 2 ** 32),
  );
}

/** How a message is found again in another source. Absent where the fact lacks what the key is of. */
export interface Keys {
  /** Network message id and recipient. */
  network?: number;
  /** Message-ID and recipient. */
  message?: number;
  /** The message to all of its recipients. */
  whole?: number;
  /** Address and recipient in a stretch of time; for evidence without identifiers. */
  moment?: number;
  /** A row of a report that counts: everything that tells it from others. */
  row?: number;
}

const MOMENT = 120_000;

export function keysOf(told: Told): Keys {
  if (told.count !== undefined) return { row: hashOf(`r ${rowText(told)}`) };
  const keys: Keys = {};
  const id = networkIdOf(told);
  const recipient = told.recipient ?? '';
  if (id !== undefined) keys.network = hashOf(`n ${id} ${recipient}`);
  if (told.messageId) keys.message = hashOf(`m ${told.messageId} ${recipient}`);
  if (id !== undefined) keys.whole = hashOf(`N ${id}`);
  else if (told.messageId) keys.whole = hashOf(`M ${told.messageId}`);
  if (told.at !== undefined && told.address)
    keys.moment = momentKey(told.address, recipient, Math.floor(told.at / MOMENT));
  // nothing to find it by: it stands for itself
  if (Object.keys(keys).length === 0) keys.row = hashOf(`r ${rowText(told)}`);
  return keys;
}

/** Where a message without identifiers may be found: its stretch of time and those beside it. */
export function momentsOf(told: Told): number[] {
  if (told.at === undefined || !told.address) return [];
  const at = Math.floor(told.at / MOMENT);
  return [at - 1, at, at + 1].map((moment) => momentKey(told.address!, told.recipient ?? '', moment));
}

function momentKey(address: string, recipient: string, moment: number): number {
  return hashOf(`a ${address} ${recipient} ${moment}`);
}

export function networkIdOf({ networkMessageId, traceId }: Told): string | undefined {
  return networkMessageId ?? traceId;
}

function rowText(told: Told): string {
  const entries = Object.entries(told).filter(([, value]) => value !== undefined);
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether two tell of one message; keys only brought them together. */
export function isSameMessage(a: Told, b: Told): boolean {
  if (a.count !== undefined || b.count !== undefined) return rowText(a) === rowText(b);
  if (differ(a.recipient, b.recipient)) return false;
  const [left, right] = [networkIdOf(a), networkIdOf(b)];
  if (left !== undefined && right !== undefined) return left === right;
  if (a.messageId && b.messageId) return a.messageId === b.messageId;
  // only time and address speak: what both tell must agree
  return (
    a.at !== undefined &&
    b.at !== undefined &&
    Math.abs(a.at - b.at) <= MOMENT &&
    a.address === b.address &&
    a.recipient !== undefined &&
    !differ(a.subject, b.subject) &&
    !differ(a.p1, b.p1) &&
    !differ(a.p2 ?? a.sender, b.p2 ?? b.sender)
  );
}

function differ(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

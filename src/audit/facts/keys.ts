import type { Told } from './fact.ts';
import { hashOf } from './hash.ts';

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

function networkIdOf({ networkMessageId, traceId }: Told): string | undefined {
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

import type { Recipient } from '../../message/envelope.ts';
import { domainOf } from '../../message/envelope.ts';
import { bodyLength, type Traits } from '../../message/content.ts';
import { parseMessageId } from '../message-id.ts';
import type { NewMessage, Settlement } from '../spool.ts';

/**
 * What goes to the writer's thread in one message: all values of all requests in one flat array, and all
 * contents in one block of memory that changes hands without a copy. Objects of their own would cost more to
 * carry over than to store.
 */
export interface Batch {
  values: Value[];
  content: ArrayBuffer;
}

type Value = string | number | null;

/** A request of the spool that ends in a commit. The settlements of one call stand or fall together. */
export type WriteRequest =
  | { kind: 'store'; message: NewMessage; bodyFile?: string }
  | { kind: 'settle'; settlements: Settlement[] };

export const FINISHED = 0;
export const DEFERRED = 1;
const HOLD = 2;

const EIGHT_BIT = 1;
const DOT_LINES = 2;
const LOOSE_SPACE = 4;

function traitBits(traits: Traits): number {
  return (
    (traits.eightBit ? EIGHT_BIT : 0) |
    (traits.dotLines ? DOT_LINES : 0) |
    (traits.looseSpace ? LOOSE_SPACE : 0)
  );
}

export function traitsOf(bits: number, longestLine: number): Traits {
  return {
    eightBit: (bits & EIGHT_BIT) !== 0,
    dotLines: (bits & DOT_LINES) !== 0,
    looseSpace: (bits & LOOSE_SPACE) !== 0,
    longestLine,
  };
}

/** Octets that a request puts into a batch. */
export function weighRequest(request: WriteRequest): number {
  if (request.kind === 'store') return inlineLength(request.message);
  let total = 0;
  for (const { notifications } of request.settlements) {
    for (const notification of notifications ?? []) total += inlineLength(notification);
  }
  return total;
}

function inlineLength({ head, body }: NewMessage): number {
  return head.length + (body.kind === 'memory' ? body.bytes.length : 0);
}

/** @throws TypeError for an identifier that is none; `checkMessage` and `checkSettlement` find these before. */
export function encodeBatch(requests: WriteRequest[]): Batch {
  let length = 0;
  for (const request of requests) length += weighRequest(request);
  // memory of its own, because it changes hands; every octet is written below
  const content = Buffer.allocUnsafeSlow(length);
  const values: Value[] = [];
  let used = 0;

  const addMessage = (message: NewMessage, bodyFile: string | null) => {
    const { head, body, envelope, traits } = message;
    content.set(head, used);
    used += head.length;
    if (body.kind === 'memory') {
      content.set(body.bytes, used);
      used += body.bytes.length;
    }
    values.push(
      numberOf(message.id),
      message.receivedAt,
      head.length + bodyLength(body),
      traitBits(traits),
      traits.longestLine,
      head.length,
      bodyFile,
      JSON.stringify(envelope),
      body.kind === 'memory' ? head.length + body.bytes.length : head.length,
      message.source,
      envelope.from,
      message.hold ?? null,
    );
    const parts = partsOf(envelope.recipients);
    values.push(parts.length / 2);
    for (const value of parts) values.push(value);
  };

  for (const request of requests) {
    if (request.kind === 'store') {
      values.push(0);
      addMessage(request.message, request.bodyFile ?? null);
      continue;
    }
    values.push(1, request.settlements.length);
    for (const { message, part, outcome, notifications } of request.settlements) {
      values.push(numberOf(message), part);
      if (outcome.kind === 'finished') values.push(FINISHED);
      else if (outcome.kind === 'held') values.push(HOLD, outcome.reason, outcome.lastReply ?? null);
      else {
        const { recipients, nextAttemptAt, attempts, lastReply, delayNotified } = outcome;
        values.push(DEFERRED, JSON.stringify(recipients), nextAttemptAt, attempts, lastReply);
        values.push(delayNotified ? 1 : 0);
      }
      values.push(notifications?.length ?? 0);
      for (const notification of notifications ?? []) addMessage(notification, null);
    }
  }
  return { values, content: content.buffer };
}

function numberOf(id: string): number {
  const number = parseMessageId(id);
  if (number === undefined) throw new TypeError(`no message identifier: ${JSON.stringify(id)}`);
  return number;
}

/** Domain and recipients (JSON), by turns, in the order in which the domains first occur. */
function partsOf(recipients: Recipient[]): string[] {
  const [first] = recipients;
  if (first && recipients.length === 1) return [domainOf(first.address), JSON.stringify(recipients)];
  const byDomain = new Map<string, Recipient[]>();
  for (const recipient of recipients) {
    const domain = domainOf(recipient.address);
    const known = byDomain.get(domain);
    if (known) known.push(recipient);
    else byDomain.set(domain, [recipient]);
  }
  const parts: string[] = [];
  for (const [domain, members] of byDomain) parts.push(domain, JSON.stringify(members));
  return parts;
}

/** A message as the writer binds it. */
export interface StoredMessage {
  id: number;
  received: number;
  size: number;
  traits: number;
  longestLine: number;
  head: number;
  bodyFile: string | null;
  envelope: string;
  content: Uint8Array;
  source: string;
  sender: string;
  hold: string | null;
  /** Domain and recipients (JSON), by turns. */
  parts: string[];
}

export interface StoredSettlement {
  message: number;
  part: number;
  outcome:
    | { kind: typeof FINISHED }
    | {
        kind: typeof DEFERRED;
        recipients: string;
        next: number;
        attempts: number;
        reply: string;
        delayNotified: number;
      }
    | { kind: typeof HOLD; reason: string; reply: string | null };
  notifications: StoredMessage[];
}

export type StoredRequest =
  | { kind: 'store'; message: StoredMessage }
  | { kind: 'settle'; settlements: StoredSettlement[] };

/** The requests of a batch; contents are views of its block. */
export function decodeBatch(batch: Batch): StoredRequest[] {
  const { values } = batch;
  const content = new Uint8Array(batch.content);
  let at = 0;
  let octet = 0;
  const number = () => values[at++] as number;
  const text = () => values[at++] as string;
  const optional = () => values[at++] as string | null;

  const message = (): StoredMessage => {
    const [id, received, size, traits] = [number(), number(), number(), number()];
    const [longestLine, head, bodyFile, envelope] = [number(), number(), optional(), text()];
    const start = octet;
    octet += number();
    const [source, sender, hold] = [text(), text(), optional()];
    const parts: string[] = [];
    for (let left = number() * 2; left > 0; left -= 1) parts.push(text());
    return {
      id,
      received,
      size,
      traits,
      longestLine,
      head,
      bodyFile,
      envelope,
      content: content.subarray(start, octet),
      source,
      sender,
      hold,
      parts,
    };
  };

  const settlement = (): StoredSettlement => {
    const [id, part, kind] = [number(), number(), number()];
    let outcome: StoredSettlement['outcome'];
    if (kind === FINISHED) outcome = { kind };
    else if (kind === HOLD) outcome = { kind, reason: text(), reply: optional() };
    else {
      const recipients = text();
      const [next, attempts] = [number(), number()];
      outcome = { kind: DEFERRED, recipients, next, attempts, reply: text(), delayNotified: number() };
    }
    const notifications: StoredMessage[] = [];
    for (let left = number(); left > 0; left -= 1) notifications.push(message());
    return { message: id, part, outcome, notifications };
  };

  const requests: StoredRequest[] = [];
  while (at < values.length) {
    if (number() === 0) {
      requests.push({ kind: 'store', message: message() });
      continue;
    }
    const settlements: StoredSettlement[] = [];
    for (let left = number(); left > 0; left -= 1) settlements.push(settlement());
    requests.push({ kind: 'settle', settlements });
  }
  return requests;
}

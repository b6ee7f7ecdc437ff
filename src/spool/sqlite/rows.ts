import type { Delivery, HoldReason, NewMessage, Payload, Settlement, SurveyRow } from '../spool.ts';
import { formatMessageId, parseMessageId } from '../message-id.ts';
import { traitsOf } from './batch.ts';
import type { Bodies } from './bodies.ts';
import type { DeliveryRow, PayloadRow, SurveyTally } from './reader.ts';
import { QUEUED } from './schema.ts';

export function deliveryOf(row: DeliveryRow): Delivery {
  const [message, part, domain, state, next, attempts, received, size, delayNotified] = row;
  const [, , , , , , , , , source, sender, recipients, hold, reply, route] = row;
  return {
    message: formatMessageId(message),
    part,
    domain,
    recipients: JSON.parse(recipients),
    source,
    from: sender,
    state: state === QUEUED ? 'queued' : 'held',
    hold: (hold as HoldReason | null) ?? undefined,
    receivedAt: received,
    size,
    nextAttemptAt: next,
    attempts,
    lastReply: reply ?? undefined,
    delayNotified: delayNotified !== 0,
    ...(route !== null && { route }),
  };
}

export function surveyRowOf([
  domain,
  source,
  from,
  hold,
  route,
  reply,
  deliveries,
  bytes,
  oldestAt,
  nextAttemptAt,
  attempts,
]: SurveyTally): SurveyRow {
  return {
    domain,
    source,
    from,
    ...(hold !== null && { hold: hold as HoldReason }),
    ...(route !== null && { route }),
    ...(reply !== null && { lastReply: reply }),
    deliveries,
    bytes,
    oldestAt,
    nextAttemptAt,
    attempts,
  };
}

export function payloadOf(row: PayloadRow, bodies: Bodies): Payload {
  const { buffer, byteOffset, byteLength } = row.content;
  const content = Buffer.from(buffer, byteOffset, byteLength);
  return {
    head: content.subarray(0, row.head),
    body:
      row.body_file === null
        ? { kind: 'memory', bytes: content.subarray(row.head) }
        : { kind: 'file', path: bodies.path(row.body_file), length: row.size - row.head },
    traits: traitsOf(row.traits, row.longest_line),
    envelope: JSON.parse(row.envelope),
  };
}

/** Finds what the caller did wrong before it reaches a batch that others share. @throws TypeError */
export function checkMessage({ id, envelope, receivedAt }: NewMessage): void {
  if (parseMessageId(id) === undefined) throw new TypeError(`no message identifier: ${JSON.stringify(id)}`);
  if (envelope.recipients.length === 0) throw new TypeError(`message ${id} has no recipients`);
  if (!Number.isSafeInteger(receivedAt)) throw new TypeError(`message ${id} has no time: ${receivedAt}`);
}

/** @throws TypeError */
export function checkSettlement({ message, part, outcome, notifications }: Settlement): void {
  if (parseMessageId(message) === undefined || !Number.isSafeInteger(part)) {
    throw new TypeError(`no delivery: ${JSON.stringify(message)} part ${part}`);
  }
  if (outcome.kind === 'deferred') {
    if (outcome.recipients.length === 0) throw new TypeError('a deferred delivery has recipients left');
    if (!Number.isSafeInteger(outcome.nextAttemptAt))
      throw new TypeError('a deferred delivery has a next time');
  }
  for (const notification of notifications ?? []) {
    checkMessage(notification);
    if (notification.body.kind === 'file') throw new TypeError('a notification is held in memory');
  }
}

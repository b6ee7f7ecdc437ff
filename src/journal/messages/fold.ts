import type { JournalEvent, RecordedEvent } from '../event.ts';
import { isOfLab } from '../lab-listeners.ts';
import {
  type Direction,
  hasEnded,
  type IndexedMessage,
  MOST_FOUND,
  stateOf,
  type Waiting,
} from './message-row.ts';

/** The detail of an event as far as the index reads it; anything may stand there. */
interface Detail {
  subject?: unknown;
  messageId?: unknown;
  headerFrom?: unknown;
  hold?: unknown;
  edge?: unknown;
  from?: unknown;
  /** Envelope and header sender, where a policy has refused them. */
  envelope?: unknown;
  header?: unknown;
  recipient?: unknown;
  recipients?: unknown;
  attempt?: unknown;
  command?: unknown;
}

/** Commands of a session whose refusal is the refusal of a message (RFC 5321 §3.3, RFC 3030 §2). */
const MESSAGE_COMMANDS = new Set(['MAIL', 'RCPT', 'DATA', 'BDAT']);
const LONGEST_REPLY = 300;
/** UTF-16 units of what is shown and searched: more than any line of a message has (RFC 5322 §2.1.1). */
const LONGEST = 1000;

/**
 * The row that an event begins, if it begins one: an acceptance, the refusal of a message, or the first that is heard
 * of a message whose acceptance the journal has lost or never had (what the relay writes itself).
 * @param edgeListeners names of the listeners that take mail from the internet
 */
export function beginRow(
  event: RecordedEvent,
  edgeListeners: ReadonlySet<string>,
): IndexedMessage | undefined {
  const detail = (event.detail ?? {}) as Detail;
  if (isOfLab(event)) return undefined;
  if (event.type === 'refusal') {
    if (event.code === undefined || !isOfMessage(event, detail)) return undefined;
  } else if (event.message === undefined || !TELLING.has(event.type)) return undefined;
  if (event.type === 'system' && event.outcome !== 'queued') return undefined;

  const accepted = event.type === 'acceptance';
  const refused = event.type === 'refusal';
  const recipients = [...new Set(event.to ?? [text(detail.recipient) ?? ''].filter(Boolean))];
  const count = refused ? wholeNumber(detail.recipients) : undefined;
  const direction = directionOf(event, detail, edgeListeners);
  const row: IndexedMessage = {
    id: event.id,
    at: event.at,
    message: event.message,
    session: event.session,
    // what came in from outside belongs to no source, whatever the spool calls it
    source: direction === 'edge' || event.source === '' ? undefined : event.source,
    listener: event.listener,
    direction,
    network: accepted || refused ? event.network : undefined,
    from: text(event.from) ?? text(detail.from) ?? text(detail.envelope),
    headerFrom: text(detail.headerFrom) ?? text(detail.header),
    recipients: recipients.slice(0, MOST_FOUND).map((address) => address.slice(0, LONGEST)),
    recipientCount: Math.max(count ?? 0, recipients.length),
    subject: text(detail.subject),
    messageId: text(detail.messageId),
    size: event.size,
    state: 'queued',
    hold: text(detail.hold),
    code: refused ? event.code : undefined,
    reply: refused ? event.reply?.slice(0, LONGEST_REPLY) : undefined,
    attempts: 0,
    lastAt: event.at,
    waiting: refused ? 'refused' : event.outcome === 'held' && accepted ? 'held' : 'queued',
    delivered: 0,
    failed: 0,
    ended: new Set(),
  };
  row.state = stateOf(row);
  return row;
}

const TELLING = new Set<string>(['acceptance', 'attempt', 'bounce', 'system']);

function isOfMessage({ listener }: RecordedEvent, { command }: Detail): boolean {
  // over HTTP only messages are refused by this name
  if (listener === 'http') return true;
  return typeof command === 'string' && MESSAGE_COMMANDS.has(command.toUpperCase());
}

function directionOf(
  { listener, type, source }: RecordedEvent,
  { edge }: Detail,
  edgeListeners: ReadonlySet<string>,
): Direction {
  if (edge !== undefined || (listener !== undefined && edgeListeners.has(listener))) return 'edge';
  if (listener === 'http') return 'api';
  if (type === 'acceptance' || type === 'refusal') return 'submission';
  if (source?.startsWith('edge')) return 'edge';
  return source === undefined || source === '' ? 'relay' : 'submission';
}

/** Carries what an event says into the row of its message. @returns whether anything changed */
export function continueRow(row: IndexedMessage, event: RecordedEvent): boolean {
  const to = event.to ?? [];
  switch (event.type) {
    case 'attempt':
      addRecipients(row, to);
      row.attempts = Math.max(row.attempts, attemptOf(event));
      if (event.outcome === 'delivered') end(row, 'delivered', to);
      else if (event.outcome === 'deferred') wait(row, 'deferred');
      else if (event.outcome === 'held') wait(row, 'held', 'source');
      if (event.reply !== undefined) row.reply = event.reply.slice(0, LONGEST_REPLY);
      if (event.code !== undefined) row.code = event.code;
      else if (event.outcome === 'delivered') row.code = undefined;
      break;
    case 'bounce':
      // an attempt that failed for good is followed by this, and what was given up for its age has only this
      addRecipients(row, to);
      end(row, 'failed', to);
      if (event.code !== undefined) row.code = event.code;
      if (event.reply !== undefined) row.reply = event.reply.slice(0, LONGEST_REPLY);
      break;
    case 'acceptance':
    case 'system':
    case 'warning':
    case 'delay':
    case 'change':
      break;
    case 'refusal':
    case 'connection':
    case 'tls-failure':
    case 'authentication':
    case 'authentication-failure':
    case 'alarm':
      return false;
  }
  row.lastAt = Math.max(row.lastAt, event.at);
  row.state = stateOf(row);
  return true;
}

/** An administrator's word about what waits. */
export function setWaiting(
  row: IndexedMessage,
  waiting: Waiting,
  hold: string | undefined,
  at: number,
): void {
  wait(row, waiting, hold);
  row.lastAt = Math.max(row.lastAt, at);
  row.state = stateOf(row);
}

/** Each recipient ends once: what is told again of one does not count for another. */
function end(row: IndexedMessage, how: 'delivered' | 'failed', to: string[]): void {
  if (hasEnded(row)) return;
  for (const address of to) {
    if (row.ended.has(address)) continue;
    row.ended.add(address);
    row[how]++;
  }
  // where the acceptance is not known there may be more of them
  if (hasEnded(row) && row.listener !== undefined) row.ended.clear();
}

function wait(row: IndexedMessage, waiting: Waiting, hold?: string): void {
  row.waiting = waiting;
  row.hold = hold;
}

function attemptOf({ detail }: JournalEvent): number {
  return wholeNumber(detail?.attempt) ?? 1;
}

/** Where the acceptance is not known, recipients are learnt one attempt after the other. */
function addRecipients(row: IndexedMessage, to: string[]): void {
  // an acceptance has named them all
  if (row.listener !== undefined || row.recipients.length >= MOST_FOUND) return;
  for (const address of to) {
    if (row.recipients.includes(address)) continue;
    row.recipientCount++;
    row.recipients.push(address);
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, LONGEST) : undefined;
}

function wholeNumber(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

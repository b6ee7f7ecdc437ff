import type { RecordedEvent } from '../journal/event.ts';
import { REFUSALS, isRefusalCode } from '../refusals.ts';
import type { Delivery } from '../spool/spool.ts';

/** Each event of a message as a sentence for a person, and where the message is now. */
export interface Story {
  /** One sentence: what became of it. */
  summary: string;
  steps: { at: number; text: string }[];
}

/** @param events of one message, oldest first */
export function tellStory(
  events: RecordedEvent[],
  waiting: Delivery[],
  nameOf: (source: string) => string,
): Story {
  const steps = events.map((event) => ({ at: event.at, text: sentence(event, nameOf) }));
  return { summary: summarize(events, waiting), steps };
}

function summarize(events: RecordedEvent[], waiting: Delivery[]): string {
  const held = waiting.filter(({ state }) => state === 'held');
  const queued = waiting.filter(({ state }) => state === 'queued');
  const parts: string[] = [];
  const delivered = events.filter(({ type, outcome }) => type === 'attempt' && outcome === 'delivered');
  const failed = events.filter(
    ({ type, outcome }) => type === 'bounce' || (type === 'attempt' && outcome === 'failed'),
  );
  if (delivered.length > 0) parts.push(`delivered to ${destinations(delivered)}`);
  if (queued.length > 0) {
    const next = Math.min(...queued.map(({ nextAttemptAt }) => nextAttemptAt));
    const why = queued.find(({ lastReply }) => lastReply)?.lastReply;
    parts.push(
      `waiting for ${domains(queued)}${why ? ` (last answer: ${why})` : ''}, next attempt at ${new Date(next).toISOString()}`,
    );
  }
  if (held.length > 0) {
    parts.push(
      `held for ${domains(held)} (${[...new Set(held.map(({ hold }) => HOLDS[hold ?? 'operator']))].join('; ')})`,
    );
  }
  if (failed.length > 0) parts.push('given up for some or all recipients');
  if (parts.length > 0) return `The message was ${parts.join('; ')}.`;
  if (events.some(({ type }) => type === 'acceptance'))
    return 'The message was accepted; it is no longer in the spool.';
  const refusal = events.find(({ type }) => type === 'refusal');
  return refusal
    ? `The message was refused${refusal.code ? ` with ${refusal.code}` : ''}.`
    : 'Nothing more is known.';
}

const HOLDS: Record<string, string> = {
  operator: 'by an administrator; postern queue release lets it go',
  limit: 'the source is over its rate limit',
  source: 'its source is suspended',
  containment: 'its source does what it does not usually do; see postern containment show',
  alignment: 'its From domain has no usable DKIM key; see postern domain check',
};

function sentence(event: RecordedEvent, nameOf: (source: string) => string): string {
  const { type, code, reply, destination, outcome, network, text, tls, size } = event;
  const source = event.source ? nameOf(event.source) : 'the relay';
  const over = tls ? `over ${tls}` : 'without TLS';
  switch (type) {
    case 'acceptance':
      return `Accepted from ${source}${network ? ` at ${network}` : ''} ${over}${size === undefined ? '' : `, ${size} octets`}, for ${event.to?.join(', ') ?? 'its recipients'}.`;
    case 'attempt':
      return `${attemptWord(outcome)} ${destination ?? network ?? 'the next hop'}${reply ? `: ${reply}` : ''}.`;
    case 'refusal':
      return `Refused${reply ? `: ${reply}` : ''}. ${code && isRefusalCode(code) ? `${REFUSALS[code].explanation} ${REFUSALS[code].remedy}` : (text ?? '')}`.trim();
    case 'warning':
      return `Warning: ${text ?? reply ?? code ?? 'see the event'}`;
    case 'bounce':
      return `Given up, and the sender was told${reply ? `: ${reply}` : ''}${text ? ` (${text})` : ''}.`;
    case 'delay':
      return 'The sender was told that it takes longer.';
    case 'change':
      return `An administrator changed something: ${text ?? ''}`;
    case 'connection':
    case 'tls-failure':
    case 'authentication':
    case 'authentication-failure':
    case 'alarm':
    case 'system':
      return text ?? reply ?? type;
  }
}

function attemptWord(outcome = ''): string {
  if (outcome === 'delivered') return 'Delivered to';
  if (outcome === 'deferred') return 'Not now, to be tried again, at';
  if (outcome === 'failed') return 'Refused for good by';
  return `Attempt (${outcome || 'unknown'}) at`;
}

function destinations(events: RecordedEvent[]): string {
  return listed(events.map(({ destination, network }) => destination ?? network ?? 'the next hop'));
}

function domains(deliveries: Delivery[]): string {
  return listed(deliveries.map(({ domain }) => domain));
}

/** A sentence names a few. */
const MOST_LISTED = 10;

function listed(names: string[]): string {
  const different = [...new Set(names)];
  const more = different.length - MOST_LISTED;
  if (more <= 0) return different.join(', ');
  return `${different.slice(0, MOST_LISTED).join(', ')} and ${more} more`;
}

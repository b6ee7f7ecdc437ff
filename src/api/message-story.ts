import type { EventType, RecordedEvent } from '../journal/event.ts';
import { beginRow, continueRow } from '../journal/messages/fold.ts';
import { type MessageRow, OPEN_STATES, shownOf } from '../journal/messages/message-row.ts';
import type { Delivery } from '../spool/spool.ts';
import type { ApiContext } from './context.ts';
import { type MessageEvents, type Omitted, readEvents } from './message-events.ts';
import { tellStory } from './story.ts';

/** All that is known of one message now. */
export interface MessageStory {
  row: MessageRow;
  /** Of its session and of itself, oldest first. */
  events: RecordedEvent[];
  /** Events of itself that are not among them. */
  omitted: Omitted | undefined;
  /** What still waits. */
  deliveries: Delivery[];
  summary: string;
  transcript: boolean;
  content: { spool: boolean; inbox?: number };
}

const MOST_WAITING = 500;
const MOST_OF_SESSION = 100;
/** Events of a session are looked for so many events around those of the message: a session can be long, a search may not. */
const NEIGHBOURHOOD = 30_000;
/** Of a session those that are about its messages too; others of its messages have stories of their own. */
const BEGINNING = ['connection', 'tls-failure', 'authentication'] as const;
const FAILURES = ['authentication-failure', 'refusal'] as const;
const INBOX_PAGE = 500;

/** The name of a message in the API: what was refused has no identifier in the spool. */
export function nameOfMessage({ id, message }: Pick<MessageRow, 'id' | 'message'>): string {
  return message ?? `refusal-${id}`;
}

/** The event that a name of a refused message stands for. */
export function refusalEvent(name: string): { event: number } | undefined {
  const [, event] = /^refusal-(\d{1,15})$/.exec(name) ?? [];
  return event === undefined ? undefined : { event: Number(event) };
}

/** Read from journal and spool, not from the index: what is said of one message is not some moments old. */
export async function readMessage(
  context: ApiContext,
  which: { event: number } | { message: string },
): Promise<MessageStory | undefined> {
  const { journal, spool } = context;
  await journal.flush();
  const [told, deliveries] =
    'event' in which
      ? [{ events: await journal.search({ types: ['refusal'] }, 1, which.event + 1, which.event - 1) }, []]
      : await Promise.all([
          readEvents(context, which.message),
          spool.list({ message: which.message }, MOST_WAITING),
        ]);
  const { events: own, omitted }: MessageEvents = told;
  const folded = rowOf(context, own);
  // what is left out has made the state too: the index has read it all
  const indexed = omitted && folded?.message && (await context.messages.message(folded.message));
  const row = indexed || folded;
  if (!row) return undefined;
  heedSpool(row, deliveries);
  if (deliveries.length === 0 && OPEN_STATES.includes(row.state) && row.message !== undefined)
    row.state = (await context.messages.message(row.message))?.state ?? 'deleted';
  const events = await withSession(context, own, row);
  const nameOf = (id: string) => context.sources.byId(id)?.name ?? id;
  return {
    row,
    events,
    omitted,
    deliveries,
    summary: tellStory(own, deliveries, nameOf).summary,
    transcript:
      row.session !== undefined && (await context.refusalReport.transcript(row.session)) !== undefined,
    content: { spool: deliveries.length > 0, ...(await inInbox(context, own, row)) },
  };
}

/** What its events say of a message, oldest first. */
export function rowOf({ edge }: ApiContext, events: RecordedEvent[]): MessageRow | undefined {
  const edgeListeners = new Set(edge.listeners);
  let row: ReturnType<typeof beginRow>;
  for (const event of events) {
    if (row) continueRow(row, event);
    else {
      row = beginRow(event, edgeListeners);
      if (row && event.type !== 'acceptance') continueRow(row, event);
    }
  }
  return row && shownOf(row);
}

/** Changes of many at once do not name each message; the spool knows best. */
function heedSpool(row: MessageRow, deliveries: readonly Delivery[]): void {
  const held = deliveries.find(({ state }) => state === 'held');
  if (held) {
    row.hold = held.hold;
    if (row.state !== 'partly') row.state = 'held';
  } else {
    row.hold = undefined;
    if (row.state === 'held' && deliveries.length > 0)
      row.state = deliveries.some(({ attempts }) => attempts > 0) ? 'deferred' : 'queued';
  }
}

async function withSession(
  { journal }: ApiContext,
  own: RecordedEvent[],
  { id, session, message }: MessageRow,
): Promise<RecordedEvent[]> {
  if (session === undefined) return own;
  const search = (types: readonly EventType[]): Promise<RecordedEvent[]> =>
    journal.search({ session, types: [...types] }, MOST_OF_SESSION, id + NEIGHBOURHOOD, id - NEIGHBOURHOOD);
  // many refusals do not hide who it was
  const around = (await Promise.all([search(BEGINNING), search(FAILURES)])).flat();
  const known = new Set(own.map((event) => event.id));
  const others = around.filter((event) => !known.has(event.id) && (event.message ?? message) === message);
  return [...own, ...others].sort((a, b) => a.id - b.id);
}

/** What went to the sandbox is looked for among the newest there. */
async function inInbox(
  { inbox }: ApiContext,
  events: RecordedEvent[],
  { message }: MessageRow,
): Promise<{ inbox?: number }> {
  if (!events.some(({ type, destination }) => type === 'attempt' && destination?.startsWith('sandbox')))
    return {};
  const entry = (await inbox.list(INBOX_PAGE)).find((one) => one.message === message);
  return entry ? { inbox: entry.id } : {};
}

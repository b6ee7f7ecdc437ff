import type { RecordedEvent } from '../journal/event.ts';
import { beginRow, continueRow } from '../journal/messages/fold.ts';
import { type MessageRow, OPEN_STATES, shownOf } from '../journal/messages/message-row.ts';
import type { Delivery } from '../spool/spool.ts';
import type { ApiContext } from './context.ts';
import { tellStory } from './story.ts';

/** All that is known of one message now. */
export interface MessageStory {
  row: MessageRow;
  /** Of its session and of itself, oldest first. */
  events: RecordedEvent[];
  /** What still waits. */
  deliveries: Delivery[];
  summary: string;
  transcript: boolean;
  content: { spool: boolean; inbox?: number };
}

const MOST_EVENTS = 500;
const MOST_OF_SESSION = 100;
/** Events of a session are looked for so many events around those of the message: a session can be long, a search may not. */
const NEIGHBOURHOOD = 30_000;
/** Of a session those that are about its messages too; others of its messages have stories of their own. */
const OF_SESSION = [
  'connection',
  'tls-failure',
  'authentication',
  'authentication-failure',
  'refusal',
] as const;
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
  const [own, deliveries] =
    'event' in which
      ? [await journal.search({ types: ['refusal'] }, 1, which.event + 1, which.event - 1), []]
      : await Promise.all([
          journal.search({ message: which.message }, MOST_EVENTS),
          spool.list({ message: which.message }, MOST_EVENTS),
        ]);
  own.reverse();
  const row = rowOf(own, deliveries, new Set(context.edge.listeners));
  if (!row) return undefined;
  if (deliveries.length === 0 && OPEN_STATES.includes(row.state) && row.message !== undefined)
    row.state = (await context.messages.message(row.message))?.state ?? 'deleted';
  const events = await withSession(context, own, row);
  const nameOf = (id: string) => context.sources.byId(id)?.name ?? id;
  return {
    row,
    events,
    deliveries,
    summary: tellStory(own, deliveries, nameOf).summary,
    transcript:
      row.session !== undefined && (await context.refusalReport.transcript(row.session)) !== undefined,
    content: { spool: deliveries.length > 0, ...(await inInbox(context, own, row)) },
  };
}

function rowOf(
  events: RecordedEvent[],
  deliveries: Delivery[],
  edgeListeners: ReadonlySet<string>,
): MessageRow | undefined {
  let row: ReturnType<typeof beginRow>;
  for (const event of events) {
    if (row) continueRow(row, event);
    else {
      row = beginRow(event, edgeListeners);
      if (row && event.type !== 'acceptance') continueRow(row, event);
    }
  }
  if (!row) return undefined;
  // changes of many at once do not name each message; the spool knows best
  const held = deliveries.find(({ state }) => state === 'held');
  if (held) {
    row.hold = held.hold;
    if (row.state !== 'partly') row.state = 'held';
  } else {
    row.hold = undefined;
    if (row.state === 'held' && deliveries.length > 0)
      row.state = deliveries.some(({ attempts }) => attempts > 0) ? 'deferred' : 'queued';
  }
  return shownOf(row);
}

async function withSession(
  { journal }: ApiContext,
  own: RecordedEvent[],
  { id, session, message }: MessageRow,
): Promise<RecordedEvent[]> {
  if (session === undefined) return own;
  const around = await journal.search(
    { session, types: [...OF_SESSION] },
    MOST_OF_SESSION,
    id + NEIGHBOURHOOD,
    id - NEIGHBOURHOOD,
  );
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

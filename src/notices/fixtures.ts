/** What tests of this room, and of the API, share: the report over events that are only remembered. */
import type { SystemMail } from '../deliver/system-mail.ts';
import type { EventFilter, EventSink, RecordedEvent } from '../journal/event.ts';
import { networkMatcher } from '../journal/filter.ts';
import { type RefusalQuery, Tallies } from '../journal/refusal-groups.ts';
import type { KeptTranscript } from '../journal/transcript.ts';
import type { Clock } from '../platform/clock.ts';
import type { Source } from '../sources/source.ts';
import type { ControlStore } from '../store/control.ts';
import { NoticeStore } from './notice-store.ts';
import { OwnerNotices, type OwnerNoticesOptions } from './owner-notices.ts';
import { RefusalReport } from './refusal-report.ts';

export interface RefusalFixtureRooms {
  journal: EventSink & {
    events: RecordedEvent[];
    search(filter: EventFilter, limit: number): Promise<RecordedEvent[]>;
  };
  sources: { byId(id: string): Source | undefined; byName(name: string): Source | undefined };
  db: ControlStore;
  clock: Clock;
  mail: SystemMail;
}

const TYPES = new Set(['refusal', 'authentication-failure', 'tls-failure']);

export function refusalFixture(
  { journal, sources, db, clock, mail }: RefusalFixtureRooms,
  options: Partial<OwnerNoticesOptions> = {},
) {
  const transcripts = new Map<string, KeptTranscript>();
  const refusalReport = new RefusalReport({
    sources,
    isInternal: (domain) => domain === 'corp.example',
    contact: 'postmaster@relay.corp.example',
    openTranscript: () => undefined,
    journal: {
      refusals: async (query) => ({ tallies: tally(journal.events, query), complete: true }),
      events: async (ids) => journal.events.filter(({ id }) => ids.includes(id)),
      search: async (filter, limit) => {
        const inNetwork = filter.network === undefined ? undefined : networkMatcher(filter.network);
        const found = await journal.search(filter, Number.MAX_SAFE_INTEGER);
        return found.filter(({ network = '' }) => inNetwork?.(network) ?? true).slice(0, limit);
      },
      transcript: async (session) => transcripts.get(session),
      flush: async () => {},
    },
  });
  const store = new NoticeStore(db);
  const ownerNotices = new OwnerNotices({
    clock,
    store,
    mail,
    events: journal,
    sources,
    on: true,
    language: 'en',
    timeZone: 'UTC',
    everyHours: 24,
    contact: 'postmaster@relay.corp.example',
    ...options,
  });
  return { refusalReport, ownerNotices, store, transcripts };
}

function tally(events: RecordedEvent[], { codes, since, until = Infinity, source, network }: RefusalQuery) {
  const tallies = new Tallies();
  const inNetwork = network === undefined ? undefined : networkMatcher(network);
  for (const event of events) {
    const { id, at, type, code } = event;
    if (!TYPES.has(type) || code === undefined || !codes.includes(code) || at < since || at >= until)
      continue;
    if (source !== undefined && event.source !== source) continue;
    if (inNetwork && !inNetwork(event.network ?? '')) continue;
    const who = event.source === undefined ? { network: event.network ?? '' } : { source: event.source };
    tallies.add({ ...who, code, count: 1, first: at, last: at, lastId: id });
  }
  return tallies.all();
}

import type { EventFilter, EventType, RecordedEvent } from '../journal/event.ts';
import type { RefusalQuery, RefusalTally } from '../journal/refusal-groups.ts';
import type { KeptTranscript } from '../journal/transcript.ts';
import { isRefusalCode, REFUSALS } from '../refusals.ts';
import { networkOf } from '../smtp/server/limits.ts';
import type { Source } from '../sources/source.ts';
import { type AdviceContext, adviseOn } from './advice.ts';
import type { Advice } from './change.ts';

/** What the report reads. */
export interface RefusalReportRooms extends AdviceContext {
  journal: {
    refusals(query: RefusalQuery): Promise<{ tallies: RefusalTally[]; complete: boolean }>;
    events(ids: number[]): Promise<RecordedEvent[]>;
    search(filter: EventFilter, limit: number): Promise<RecordedEvent[]>;
    transcript(session: string): Promise<KeptTranscript | undefined>;
    flush(): Promise<void>;
  };
  sources: { byId(id: string): Source | undefined; byName(name: string): Source | undefined };
  /** Of a session that is still open. */
  openTranscript(session: string): KeptTranscript | undefined;
}

export interface GroupQuery {
  /** Wall times, milliseconds. */
  since: number;
  until?: number;
  /** Identifier. */
  source?: string;
  /** Address or CIDR block. */
  network?: string;
  code?: string;
}

/** Refusals of one code to one source, or to one network where nobody was recognized. */
export interface RefusalGroup {
  /** `scanner:S402`, `192.0.2.7:A302`; unique, for `show`. */
  group: string;
  source?: string;
  network?: string;
  code: string;
  count: number;
  first: number;
  last: number;
  lastId: number;
}

export interface ExplainedGroup extends RefusalGroup {
  /** What stands on the wire. */
  text: string;
  explanation: string;
  example?: RecordedEvent;
  advice: Advice;
}

export interface GroupDetails extends ExplainedGroup {
  /** What was refused, distinct, with how often among the newest events. */
  particulars: { text: string; count: number; last: number }[];
  /** Of the newest session that has one. */
  transcript?: KeptTranscript;
  events: RecordedEvent[];
}

const TYPES: EventType[] = ['refusal', 'authentication-failure', 'tls-failure'];
/** Newest events of a group that are read for its details. */
const NEWEST = 50;
/** Sessions that are asked for a transcript; of most it is the first. */
const SESSIONS = 10;
/** Codes that this relay gives to clients; what other servers say of deliveries (D) is another report. */
const CODES = Object.keys(REFUSALS).filter((code) => !code.startsWith('D'));

/** Answers who is refused, why, and what would change it. */
export class RefusalReport {
  readonly #rooms: RefusalReportRooms;

  constructor(rooms: RefusalReportRooms) {
    this.#rooms = rooms;
  }

  /** The latest first. `complete` is false when not all refusals could be counted. */
  async groups(query: GroupQuery): Promise<{ groups: RefusalGroup[]; complete: boolean }> {
    const { code, ...rest } = query;
    await this.#rooms.journal.flush();
    const codes = code === undefined ? CODES : CODES.filter((one) => one === code);
    const { tallies, complete } = await this.#rooms.journal.refusals({ ...rest, codes });
    const groups = new Map<string, RefusalGroup>();
    for (const tally of tallies) {
      const one = this.#groupOf(tally);
      const known = groups.get(one.group);
      if (known) join(known, one);
      else groups.set(one.group, one);
    }
    const sorted = [...groups.values()].sort((a, b) => b.last - a.last || (a.group < b.group ? -1 : 1));
    return { groups: sorted, complete };
  }

  /** Adds to each group what it means and what would change it. */
  async explain(groups: RefusalGroup[]): Promise<ExplainedGroup[]> {
    const examples = await this.#rooms.journal.events(groups.map(({ lastId }) => lastId));
    const byId = new Map(examples.map((event) => [event.id, event]));
    return groups.map((group) => {
      const example = byId.get(group.lastId);
      return this.#explained(group, example ? [example] : []);
    });
  }

  /** @param name as in `group`. Undefined when there is no such refusal in that time. */
  async show(
    name: string,
    { since, until }: Pick<GroupQuery, 'since' | 'until'>,
  ): Promise<GroupDetails | undefined> {
    const about = this.#parse(name);
    if (!about) return undefined;
    const { groups } = await this.groups({ since, until, ...about });
    const group = groups.find((one) => one.group === about.group);
    if (!group) return undefined;
    const filter = {
      types: TYPES,
      since,
      until,
      source: about.source,
      network: about.network,
      code: about.code,
    };
    const found = await this.#rooms.journal.search(filter, NEWEST * 2);
    const events = found.filter(({ source }) => source === about.source).slice(0, NEWEST);
    const transcript = await this.#transcriptOf(events);
    return {
      ...this.#explained(group, events),
      particulars: particularsOf(events),
      events,
      ...(transcript && { transcript }),
    };
  }

  /** Of a session, open or over. */
  async transcript(session: string): Promise<KeptTranscript | undefined> {
    const open = this.#rooms.openTranscript(session);
    if (open) return open;
    await this.#rooms.journal.flush();
    return this.#rooms.journal.transcript(session);
  }

  #explained(group: RefusalGroup, events: RecordedEvent[]): ExplainedGroup {
    const { code, source } = group;
    const definition = isRefusalCode(code) ? REFUSALS[code] : undefined;
    const known = source === undefined ? undefined : this.#rooms.sources.byId(source);
    return {
      ...group,
      text: definition?.text ?? code,
      explanation: definition?.explanation ?? '',
      example: events[0],
      advice: adviseOn({ code, source: known, events }, this.#rooms),
    };
  }

  #groupOf(tally: RefusalTally): RefusalGroup {
    const { source, code } = tally;
    const network = tally.network === undefined ? undefined : safeNetwork(tally.network);
    // a source that was removed is called by its identifier
    const who = source === undefined ? (network ?? '') : (this.#rooms.sources.byId(source)?.name ?? source);
    const { network: _, ...rest } = tally;
    return { ...rest, ...(network !== undefined && { network }), group: `${who}:${code}` };
  }

  /** The code follows the last colon: addresses have colons too. */
  #parse(name: string): { group: string; source?: string; network?: string; code: string } | undefined {
    const colon = name.lastIndexOf(':');
    if (colon < 1) return undefined;
    const who = name.slice(0, colon);
    const code = name.slice(colon + 1).toUpperCase();
    const group = `${who}:${code}`;
    const source = this.#rooms.sources.byName(who)?.id ?? (who.startsWith('src_') ? who : undefined);
    return source === undefined ? { group, network: who, code } : { group, source, code };
  }

  async #transcriptOf(events: RecordedEvent[]): Promise<KeptTranscript | undefined> {
    const sessions = [...new Set(events.flatMap(({ session }) => session ?? []))].slice(0, SESSIONS);
    for (const session of sessions) {
      const found = await this.transcript(session);
      if (found) return found;
    }
    return undefined;
  }
}

function safeNetwork(address: string): string {
  return /^[0-9a-fA-F:.]+$/.test(address) ? networkOf(address) : address;
}

function join(known: RefusalGroup, more: RefusalGroup): void {
  known.count += more.count;
  known.first = Math.min(known.first, more.first);
  known.last = Math.max(known.last, more.last);
  known.lastId = Math.max(known.lastId, more.lastId);
}

function particularsOf(events: RecordedEvent[]): { text: string; count: number; last: number }[] {
  const found = new Map<string, { text: string; count: number; last: number }>();
  for (const { text = '', at } of events) {
    const known = found.get(text);
    if (known) known.count++;
    else found.set(text, { text, count: 1, last: at });
  }
  return [...found.values()];
}

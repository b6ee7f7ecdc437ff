import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventFilter, RecordedEvent } from '../journal/event.ts';
import type { Journal } from '../journal/journal.ts';
import type { Source } from '../sources/source.ts';
import type { Change } from './changes.ts';
import { type Fate, type FateLimits, fateOf, fateText, type Probe } from './fate.ts';
import type { World } from './world.ts';

/** Messages that would meet another fate, of one source and one kind of change. */
export interface FateGroup {
  /** Name of the source. */
  source: string;
  /** `accept`, `hold`, `refuse S401` */
  before: string;
  after: string;
  count: number;
  /** Wall times of the first and the last of them. */
  first: number;
  last: number;
  /** Why, of the newest one. */
  reason: string;
  examples: { at: number; message?: string; network?: string; from: string; to: string[] }[];
}

export interface Replay {
  since: number;
  /** How many messages were judged anew. */
  judged: number;
  /** Refusals that do not tell enough of their message to be judged. */
  unjudged: number;
  /** There were more than are looked at; the newest were. */
  truncated: boolean;
  groups: FateGroup[];
}

const MOST_EVENTS = 50_000;
const PAGE = 1000;
/** Up to so many sources are searched for one by one; beyond it, reading everything costs less. */
const FEW_SOURCES = 30;
const EXAMPLES = 5;

/**
 * Judges what came since a moment by the policies as they are and as they would be, and answers what differs. Both
 * worlds count the same messages, so that what can not be known of the past is the same in both.
 */
export async function replay(
  journal: Journal,
  changes: readonly Change[],
  worlds: { before: World; after: World },
  limits: FateLimits,
  since: number,
): Promise<Replay> {
  const result: Replay = { since, judged: 0, unjudged: 0, truncated: false, groups: [] };
  const { events, truncated } = await concerned(journal, changes, worlds.before, since);
  result.truncated = truncated;
  const groups = new Map<string, FateGroup>();
  for (const [index, event] of events.entries()) {
    if (index % 200 === 199) await nextTurn();
    if (event.code === 'A302') {
      const known = stranger(event, worlds);
      if (known) gather(groups, event, { from: event.from ?? '', to: event.to ?? [] }, known);
      result.judged++;
      continue;
    }
    const probe = probeOf(event, worlds.before);
    if (!probe) {
      result.unjudged++;
      continue;
    }
    result.judged++;
    const before = fateOf(worlds.before, probe, limits);
    const source = worlds.after.byId(probe.source.id);
    const after: Fate = source
      ? fateOf(worlds.after, { ...probe, source }, limits)
      : { kind: 'refuse', code: 'A301', particulars: 'the source is deleted' };
    if (fateText(before) === fateText(after)) continue;
    gather(groups, event, probe, {
      source: probe.source.name,
      before: fateText(before),
      after: fateText(after),
      reason: reasonOf(after) || reasonOf(before),
    });
  }
  result.groups = [...groups.values()].sort((a, b) => b.count - a.count);
  return result;
}

/** A device that nobody knew: its envelope was never heard, so all that can be said is that it would be known now. */
function stranger(
  { network = '' }: RecordedEvent,
  { before, after }: { before: World; after: World },
): Pick<FateGroup, 'source' | 'before' | 'after' | 'reason'> | undefined {
  const source = after.sourceOfNetwork(network);
  if (!source || before.sourceOfNetwork(network)) return undefined;
  const reason = `${network} is a network of source ${source.name}`;
  return { source: source.name, before: 'refuse A302', after: 'let in', reason };
}

function reasonOf(fate: Fate): string {
  if (fate.kind === 'hold') return `held for ${fate.reason}`;
  return fate.kind === 'refuse' ? fate.particulars : '';
}

function gather(
  groups: Map<string, FateGroup>,
  { at, message, network }: RecordedEvent,
  { from = '', to }: Pick<Probe, 'from' | 'to'>,
  { source, before, after, reason }: Pick<FateGroup, 'source' | 'before' | 'after' | 'reason'>,
): void {
  const key = JSON.stringify([source, before, after]);
  let group = groups.get(key);
  if (!group) {
    group = { source, before, after, count: 0, first: at, last: at, reason, examples: [] };
    groups.set(key, group);
  }
  group.count++;
  group.last = at;
  group.reason = reason;
  group.examples.unshift({ at, message, network, from, to: to.slice(0, 5) });
  group.examples.length = Math.min(EXAMPLES, group.examples.length);
}

/** What came from the sources that change, oldest first. */
async function concerned(
  journal: Journal,
  changes: readonly Change[],
  world: World,
  since: number,
): Promise<{ events: RecordedEvent[]; truncated: boolean }> {
  const filter: EventFilter = { types: ['acceptance', 'refusal'], since };
  const everybody = changes.some(({ kind }) => kind === 'domain');
  const names = new Set(
    changes.filter(({ kind }) => kind === 'source' || kind === 'credential').map(({ name }) => name),
  );
  const ids = new Set([...names].flatMap((name) => world.byName(name)?.id ?? []));
  const strangers = changes.some(({ kind, after }) => kind === 'credential' && after !== undefined);
  const wanted = ({ source, code }: RecordedEvent): boolean =>
    source === undefined ? strangers && code === 'A302' : everybody || ids.has(source);
  const filters: EventFilter[] =
    everybody || ids.size > FEW_SOURCES
      ? [filter]
      : [
          ...[...ids].map((source) => ({ ...filter, source })),
          ...(strangers ? [{ ...filter, types: ['refusal' as const], code: 'A302' }] : []),
        ];
  await journal.flush();
  const events: RecordedEvent[] = [];
  let truncated = false;
  for (const one of filters) {
    let before: number | undefined;
    for (;;) {
      const page = await journal.search(one, PAGE, before);
      events.push(...page.filter(wanted));
      before = page.at(-1)?.id;
      if (page.length < PAGE) break;
      if (events.length >= MOST_EVENTS) {
        truncated = true;
        break;
      }
    }
  }
  return { events: events.sort((a, b) => a.at - b.at || a.id - b.id).slice(-MOST_EVENTS), truncated };
}

/** Undefined when the event tells nothing that could be judged. */
function probeOf(event: RecordedEvent, world: World): (Probe & { source: Source }) | undefined {
  const { source: id, network, detail = {}, at } = event;
  const source = id === undefined ? undefined : world.byId(id);
  if (!source) return undefined;
  const text = (name: string): string | undefined => {
    const value = detail[name];
    // nothing that could end a line of a message that is made of it
    return typeof value === 'string' && !/[\u0000-\u001f\u007f]/.test(value) ? value : undefined;
  };
  const isRefusal = event.type === 'refusal';
  // a refusal tells what it was about, and no more of the message
  const from = event.from ?? text('envelope');
  const recipient = text('recipient');
  const to = event.to ?? (recipient === undefined ? [] : [recipient]);
  const size = event.size ?? (typeof detail['size'] === 'number' ? detail['size'] : 0);
  if (isRefusal && from === undefined && to.length === 0 && size === 0) return undefined;
  const probe: Probe & { source: Source } = { source, network, from, to, size, at };
  const credential = text('credential');
  if (credential !== undefined && world.credential(credential, source)) probe.credential = credential;
  // an acceptance names the author only where it is another than the envelope sender
  const headerFrom = isRefusal ? text('header') : (text('headerFrom') ?? from);
  if (headerFrom !== undefined && headerFrom !== '') probe.headerFrom = headerFrom;
  return probe;
}

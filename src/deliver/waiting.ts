import type { Clock } from '../platform/clock.ts';
import type { HoldReason, Spool, SurveyRow } from '../spool/spool.ts';
import type { Asleep } from './backoff.ts';
import type { RouteTable } from './routes.ts';

/** What waits for one recipient domain by one route, and why. */
export interface WaitingGroup {
  domain: string;
  /** Name of the route that it takes as the routes are now. */
  route: string;
  deliveries: number;
  /** Octets of their messages. */
  bytes: number;
  /** Wall times, milliseconds: of the first acceptance, and of the next attempt. */
  oldestAt: number;
  nextAttemptAt: number;
  /** The most that one of them had. */
  attempts: number;
  /** Of those, not tried yet. */
  untried: number;
  /** What the last attempts ended with, the most frequent first. */
  reasons: { reply: string; deliveries: number }[];
  /** The destination takes nothing now: what waits behind it is not tried one by one. */
  asleep?: Sleep;
}

export interface Sleep {
  /** Wall times, milliseconds: of the first failure, and of the next attempt. */
  since: number;
  until: number;
  /** In a row. */
  failures: number;
  reply: string;
}

/** What is held for one reason of one source. */
export interface HeldGroup {
  hold: HoldReason;
  /** Identifier; empty: what the relay itself wrote, or what came in at the edge. */
  source: string;
  deliveries: number;
  bytes: number;
  oldestAt: number;
  /** What a person was told of it last, where there is something. */
  reply?: string;
}

export interface WaitingView {
  /** Wall time, milliseconds, of which this is true. */
  at: number;
  /** The most first. */
  groups: WaitingGroup[];
  held: HeldGroup[];
  /** There were too many different ones; the deliveries of those that are left out are counted here. */
  leftOut: number;
}

export interface WaitingRooms {
  spool: Pick<Spool, 'survey'>;
  routes: Pick<RouteTable, 'resolve'>;
  asleep(): Asleep[];
  clock: Clock;
}

/** Groups that are kept apart; more than that nobody reads. */
const MOST_GROUPS = 20_000;
/** Different replies that are counted for each of them. */
const MOST_REASONS = 20;
const SHOWN_REASONS = 3;
/** A view is good for so many times what it took, so that looking never takes more than a tenth of the reader. */
const KEPT_TIMES = 10;
const KEPT_AT_LEAST_MS = 300;

interface Counted extends WaitingGroup {
  /** By what they say when what changes from one to the next is left out. */
  said: Map<string, { reply: string; deliveries: number }>;
}

/** Everything that waits, by where it is to go and why it is not there. One look for all who ask at the same time. */
export class Waiting {
  readonly #rooms: WaitingRooms;
  #kept: { until: number; view: Promise<WaitingView> } | undefined;

  constructor(rooms: WaitingRooms) {
    this.#rooms = rooms;
  }

  /** Some seconds old where very much waits. */
  view(): Promise<WaitingView> {
    const { clock } = this.#rooms;
    if (this.#kept && clock.monotonic() < this.#kept.until) return this.#kept.view;
    const begun = clock.monotonic();
    const view = this.#look();
    const kept = { until: Number.POSITIVE_INFINITY, view };
    this.#kept = kept;
    view.then(
      () => {
        const end = clock.monotonic();
        kept.until = end + Math.max(KEPT_AT_LEAST_MS, (end - begun) * KEPT_TIMES);
      },
      () => {
        if (this.#kept === kept) this.#kept = undefined;
      },
    );
    return view;
  }

  /** Somebody has changed the queue: the next to ask sees it. */
  forget(): void {
    this.#kept = undefined;
  }

  async #look(): Promise<WaitingView> {
    const { spool, routes, clock } = this.#rooms;
    const at = clock.now();
    const groups = new Map<string, Counted>();
    const held = new Map<string, HeldGroup>();
    let leftOut = 0;
    await spool.survey((rows) => {
      for (const row of rows) {
        const taken =
          row.hold === undefined
            ? count(groups, row, routes.resolve(row).name)
            : countHeld(held, row, row.hold);
        if (!taken) leftOut += row.deliveries;
      }
    });
    const sleeping = new Map<string, Sleep>();
    for (const { destination, since, until, failures, reply } of this.#rooms.asleep()) {
      const { route, domain } = destination.hop;
      sleeping.set(keyOf(route.name, route.target.kind === 'mx' ? domain : ''), {
        since,
        until,
        failures,
        reply,
      });
    }
    return {
      at,
      groups: [...groups.values()]
        .sort((a, b) => b.deliveries - a.deliveries || a.oldestAt - b.oldestAt)
        .map(({ said, ...group }) => {
          const asleep =
            sleeping.get(keyOf(group.route, group.domain)) ?? sleeping.get(keyOf(group.route, ''));
          return {
            ...group,
            reasons: [...said.values()].sort((a, b) => b.deliveries - a.deliveries).slice(0, SHOWN_REASONS),
            ...(asleep && { asleep }),
          };
        }),
      held: [...held.values()].sort((a, b) => b.deliveries - a.deliveries),
      leftOut,
    };
  }
}

const keyOf = (...words: string[]): string => words.join('\n');

/** @returns whether there was room for it */
function count(groups: Map<string, Counted>, row: SurveyRow, route: string): boolean {
  const key = keyOf(route, row.domain);
  let group = groups.get(key);
  if (!group) {
    if (groups.size >= MOST_GROUPS) return false;
    group = {
      domain: row.domain,
      route,
      deliveries: 0,
      bytes: 0,
      oldestAt: row.oldestAt,
      nextAttemptAt: row.nextAttemptAt,
      attempts: 0,
      untried: 0,
      reasons: [],
      said: new Map(),
    };
    groups.set(key, group);
  }
  group.deliveries += row.deliveries;
  group.bytes += row.bytes;
  group.oldestAt = Math.min(group.oldestAt, row.oldestAt);
  group.nextAttemptAt = Math.min(group.nextAttemptAt, row.nextAttemptAt);
  group.attempts = Math.max(group.attempts, row.attempts);
  if (row.attempts === 0) group.untried += row.deliveries;
  if (row.lastReply === undefined) return true;
  const kind = kindOf(row.lastReply);
  const known = group.said.get(kind);
  if (known) known.deliveries += row.deliveries;
  else if (group.said.size < MOST_REASONS)
    group.said.set(kind, { reply: row.lastReply, deliveries: row.deliveries });
  return true;
}

function countHeld(groups: Map<string, HeldGroup>, row: SurveyRow, hold: HoldReason): boolean {
  const key = keyOf(hold, row.source);
  const known = groups.get(key);
  if (known) {
    known.deliveries += row.deliveries;
    known.bytes += row.bytes;
    known.oldestAt = Math.min(known.oldestAt, row.oldestAt);
    known.reply ??= row.lastReply;
    return true;
  }
  if (groups.size >= MOST_GROUPS) return false;
  groups.set(key, {
    hold,
    source: row.source,
    deliveries: row.deliveries,
    bytes: row.bytes,
    oldestAt: row.oldestAt,
    ...(row.lastReply !== undefined && { reply: row.lastReply }),
  });
  return true;
}

/** Servers put queue identifiers, addresses and times into what they say; it is one reason all the same. */
function kindOf(reply: string): string {
  const [status = ''] = /^(?:\w+ )?\d{3}(?: \d\.\d{1,3}\.\d{1,3})?/.exec(reply) ?? [];
  return status + reply.slice(status.length).replaceAll(/\S*\d\S*/g, '#');
}

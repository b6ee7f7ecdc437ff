import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { Agenda } from './agenda.ts';
import type { Destination } from './destination.ts';
import type { Lane } from './lane.ts';
import { waitAfter } from './retry.ts';

export interface BackoffOptions {
  clock: Clock;
  random: Random;
  agenda: Agenda;
  /** Waits after the first failure, the second, ... */
  schedule: number[];
  jitter: number;
  /** A lane may be read again. */
  unparked(lane: Lane): void;
  /** Nothing waits for the destination any more. */
  forgotten(destination: Destination): void;
}

/** A destination that can not be reached. */
export interface Asleep {
  destination: Destination;
  /** In a row. */
  failures: number;
  /** Wall times, milliseconds: of the first of them, and of the next attempt. */
  since: number;
  until: number;
  reply: string;
  /** Of the recipients that wait for it; not all when they are many. */
  domains: string[];
}

const MOST_DOMAINS = 20;

interface State {
  /** In a row; 0 for a destination that is merely full. */
  failures: number;
  /** Wall time of the first of them. */
  since: number;
  until: number;
  reply: string;
  parked: Set<Lane>;
}

/**
 * The destinations that can not be reached now, or have enough for now, and the lanes parked on them.
 *
 *   awake ──failure──▶ asleep ──wait over──▶ on trial (one message) ──success──▶ awake
 *                        ▲                        │
 *                        └────────failure─────────┘
 */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #states = new Map<Destination, State>();
  readonly #onTrial = new Set<Destination>();

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** It takes nothing now: it sleeps, or its one message on trial is under way. */
  isClosed(destination: Destination): boolean {
    const state = this.#states.get(destination);
    if (!state || state.failures === 0) return false;
    return this.#options.clock.now() < state.until || !destination.unused;
  }

  knows(destination: Destination): boolean {
    return this.#states.has(destination);
  }

  /** What kept it asleep, and when it will be tried again. */
  about(destination: Destination): { reply: string; until: number } | undefined {
    const state = this.#states.get(destination);
    return state && state.failures > 0 ? state : undefined;
  }

  /** Those that can not be reached, and the domains of what waits for them. */
  asleep(): Asleep[] {
    return [...this.#states]
      .filter(([, { failures }]) => failures > 0)
      .map(([destination, { failures, since, until, reply, parked }]) => ({
        destination,
        failures,
        since,
        until,
        reply,
        domains: [...parked].slice(0, MOST_DOMAINS).map(({ domain }) => domain),
      }));
  }

  park(lane: Lane, destination: Destination): void {
    lane.more = true;
    lane.parkedOn = destination;
    this.#state(destination).parked.add(lane);
  }

  failed(destination: Destination, reply: string): void {
    const { clock, random, agenda, schedule, jitter } = this.#options;
    const state = this.#state(destination);
    if (state.failures++ === 0) state.since = clock.now();
    state.reply = reply;
    state.until = clock.now() + waitAfter({ schedule, jitter }, state.failures, random);
    this.#onTrial.delete(destination);
    agenda.add(state.until, () => {
      if (this.#states.get(destination) !== state) return;
      this.#onTrial.add(destination);
      this.#try(destination, state);
    });
  }

  /** @param lanes how many of its lanes it has room for */
  succeeded(destination: Destination, lanes: number): void {
    const state = this.#states.get(destination);
    if (!state || state.failures === 0) return;
    state.failures = 0;
    state.until = 0;
    this.#onTrial.delete(destination);
    this.relieve(destination, lanes);
  }

  /** An awake destination has room again. */
  relieve(destination: Destination, lanes: number): void {
    const state = this.#states.get(destination);
    if (!state || state.failures > 0) return;
    let left = lanes;
    for (const lane of state.parked) {
      if (left-- <= 0) break;
      this.#unpark(state, lane);
    }
    if (state.parked.size === 0) this.#states.delete(destination);
  }

  /** A lane that was read for a trial had nothing to try: the next one's turn. */
  tryOthers(): void {
    for (const destination of this.#onTrial) {
      const state = this.#states.get(destination);
      if (state) this.#try(destination, state);
      else this.#onTrial.delete(destination);
    }
  }

  /** Forgets the destination; its lanes may be read again. */
  drop(destination: Destination): void {
    const state = this.#states.get(destination);
    this.#states.delete(destination);
    this.#onTrial.delete(destination);
    for (const lane of state?.parked ?? []) this.#unpark(state as State, lane);
  }

  /** Forgets what would sleep until after `latest`, which only a clock that was set back can bring about. */
  dropAfter(latest: number): void {
    for (const [destination, { until }] of this.#states) if (until > latest) this.drop(destination);
  }

  /** The wait is over: one lane is read, and its first message is the trial. */
  #try(destination: Destination, state: State): void {
    if (!destination.unused || this.#options.clock.now() < state.until) return;
    const [lane] = state.parked;
    if (lane) {
      this.#unpark(state, lane);
      return;
    }
    this.#states.delete(destination);
    this.#onTrial.delete(destination);
    this.#options.forgotten(destination);
  }

  #unpark(state: State, lane: Lane): void {
    state.parked.delete(lane);
    lane.parkedOn = undefined;
    this.#options.unparked(lane);
  }

  #state(destination: Destination): State {
    let state = this.#states.get(destination);
    if (!state) {
      state = { failures: 0, since: 0, until: 0, reply: '', parked: new Set() };
      this.#states.set(destination, state);
    }
    return state;
  }
}

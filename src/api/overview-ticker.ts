import { type Counts, countsOf, emptyRow, MEASURES } from '../journal/traffic/counts.ts';
import { repeat } from '../platform/repeat.ts';
import type { AttentionBoard } from './attention/board.ts';
import type { Attention } from './attention/item.ts';
import type { ApiContext } from './context.ts';
import { minuteOrNot } from './overview-counts.ts';
import type { Live } from './overview-shapes.ts';

const EVERY_MS = 1000;

/** Whom a message is for; absent: everything. */
type Scope = (source: string) => boolean;

interface Listener {
  scope: Scope | undefined;
  send(live: Live): void;
  /** What was sent last, without its number and time. */
  last: string;
}

/**
 * What happens now, told once a second to all who look, where it has changed. There is one look at things however many
 * look on, and none while nobody does.
 */
export class OverviewTicker {
  readonly #context: ApiContext;
  readonly #board: AttentionBoard;
  readonly #failed: (error: unknown) => void;
  readonly #listeners = new Set<Listener>();
  #end: (() => Promise<void> | void) | undefined;
  #number = 0;

  constructor(context: ApiContext, board: AttentionBoard, failed: (error: unknown) => void) {
    this.#context = context;
    this.#board = board;
    this.#failed = failed;
  }

  /** The first message comes within a second. Answers a function that ends it. */
  follow(scope: Scope | undefined, send: (live: Live) => void): () => void {
    const listener: Listener = { scope, send, last: '' };
    this.#listeners.add(listener);
    if (!this.#end) {
      this.#end = repeat(this.#context.clock, EVERY_MS, () => this.#tick(), this.#failed);
      this.#tick().catch(this.#failed);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      void this.#end?.();
      this.#end = undefined;
    };
  }

  async #tick(): Promise<void> {
    const { clock, traffic, spool } = this.#context;
    const at = clock.now();
    const withSources = [...this.#listeners].some(({ scope }) => scope !== undefined);
    const [minute, statistics, items] = await Promise.all([
      minuteOrNot(traffic, at, withSources),
      spool.statistics(),
      this.#board.items(),
    ]);
    this.#number++;
    const all = { minute: minute.at, counts: minute.counts, spool: statistics, attention: weigh(items) };
    const told = JSON.stringify(all);
    for (const listener of this.#listeners) {
      const { scope, last, send } = listener;
      if (scope === undefined) {
        if (last === told) continue;
        listener.last = told;
        send({ id: this.#number, at, ...all });
        continue;
      }
      const own = {
        minute: minute.at,
        counts: sum(minute.sources.filter(({ source }) => scope(source)).map(({ counts }) => counts)),
        attention: weigh(items.filter(({ source }) => source !== undefined && scope(source))),
      };
      const text = JSON.stringify(own);
      if (last === text) continue;
      listener.last = text;
      send({ id: this.#number, at, ...own });
    }
  }
}

function weigh(items: readonly Attention[]): Live['attention'] {
  const weight = { critical: 0, warning: 0, info: 0 };
  for (const { severity } of items) weight[severity]++;
  return weight;
}

function sum(all: readonly Counts[]): Counts {
  const total = countsOf(emptyRow());
  for (const counts of all) for (const measure of MEASURES) total[measure] += counts[measure];
  return total;
}

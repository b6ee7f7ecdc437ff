import type { DatabaseSync } from 'node:sqlite';
import type { EventType } from './event.ts';
import { networkMatcher } from './filter.ts';
import { BLOCK } from './journal-database.ts';

/** Which refusals are counted. */
export interface RefusalQuery {
  codes: string[];
  /** Wall time, milliseconds. */
  since: number;
  until?: number;
  /** Of one source only. */
  source?: string;
  /** From one address or CIDR block only. */
  network?: string;
}

/** Refusals of one code to one source, or to one address that belongs to none. */
export interface RefusalTally {
  source?: string;
  network?: string;
  code: string;
  count: number;
  /** Wall times of the earliest and the latest, and the identifier of the latest event. */
  first: number;
  last: number;
  lastId: number;
}

export interface RefusalStep {
  query: RefusalQuery;
  /** Where the step before stopped: in the list of codes, and below which identifier. */
  code: number;
  below: number;
  /** Milliseconds after which the step ends. */
  budget: number;
}

export interface RefusalStepAnswer {
  tallies: RefusalTally[];
  events: number;
  /** Absent when everything was looked at. */
  next?: { code: number; below: number };
}

/** Types of events that say no to a client. */
const REFUSED: readonly EventType[] = ['refusal', 'authentication-failure', 'tls-failure'];
const ROWS = 1000;
/** Tallies that one answer has at most; more sources and networks than that nobody reads. */
const MOST_TALLIES = 5000;

/** Counts for a while, code by code, by the index of codes. @throws the library's error */
export function refusalStep(
  database: DatabaseSync,
  { query, code, below, budget }: RefusalStep,
): RefusalStepAnswer {
  const deadline = performance.now() + budget;
  const block = database
    .prepare('SELECT min(number) AS number FROM block WHERE latest >= ?')
    .get(query.since) as {
    number: number | null;
  };
  if (block.number === null) return { tallies: [], events: 0 };
  const rows = database.prepare(
    `SELECT id, at, source, network FROM event INDEXED BY event_code
     WHERE code = ? AND id >= ? AND id < ? AND at >= ? AND at < ?
       AND type IN (${REFUSED.map((type) => `'${type}'`).join()}) ${query.source === undefined ? '' : 'AND source = ?'}
     ORDER BY id DESC LIMIT ${ROWS}`,
  );
  const inNetwork = query.network === undefined ? undefined : networkMatcher(query.network);
  const tallies = new Tallies();
  const until = query.until ?? Number.MAX_SAFE_INTEGER;
  let events = 0;
  let from = below;
  for (let index = code; index < query.codes.length; index++) {
    const name = query.codes[index] as string;
    for (;;) {
      if (performance.now() > deadline)
        return { tallies: tallies.all(), events, next: { code: index, below: from } };
      const parameters = [name, block.number * BLOCK, from, query.since, until];
      const found = rows.all(
        ...parameters,
        ...(query.source === undefined ? [] : [query.source]),
      ) as unknown as Row[];
      for (const row of found) {
        events++;
        if (inNetwork && !(row.network !== null && inNetwork(row.network))) continue;
        tallies.add({
          ...(row.source === null ? { network: row.network ?? '' } : { source: row.source }),
          code: name,
          count: 1,
          first: row.at,
          last: row.at,
          lastId: row.id,
        });
      }
      from = found.at(-1)?.id ?? 0;
      if (found.length < ROWS) break;
    }
    from = Number.MAX_SAFE_INTEGER;
  }
  return { tallies: tallies.all(), events };
}

interface Row {
  id: number;
  at: number;
  source: string | null;
  network: string | null;
}

/** Adds tallies up by who and code. */
export class Tallies {
  readonly #tallies = new Map<string, RefusalTally>();
  /** Some were left out, because there are too many. */
  overflow = false;

  add(one: RefusalTally): void {
    const key = `${one.source ?? ''}\n${one.network ?? ''}\n${one.code}`;
    const known = this.#tallies.get(key);
    if (!known) {
      if (this.#tallies.size < MOST_TALLIES) this.#tallies.set(key, { ...one });
      else this.overflow = true;
      return;
    }
    known.count += one.count;
    known.first = Math.min(known.first, one.first);
    if (one.lastId > known.lastId) {
      known.lastId = one.lastId;
    }
    known.last = Math.max(known.last, one.last);
  }

  all(): RefusalTally[] {
    return [...this.#tallies.values()];
  }
}

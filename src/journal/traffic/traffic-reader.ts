import { DatabaseSync } from 'node:sqlite';
import { readingError } from '../followers/damage.ts';
import type { Window } from './periods.ts';
import { minute, overview, report, type ReportQuery } from './traffic-queries.ts';

export type TrafficQuestion =
  | { kind: 'overview'; window: Window; sources?: readonly string[] }
  | { kind: 'minute'; now: number; withSources: boolean }
  | { kind: 'report'; query: ReportQuery };

/** Answers questions about what was counted, on a connection of its own. */
export class TrafficReader {
  readonly #path: string;
  #database: DatabaseSync | undefined;

  /** @param path of the counts; they were opened by who counts */
  constructor(path: string) {
    this.#path = path;
  }

  /** @throws the library's error; the next question opens the file anew */
  answer(question: TrafficQuestion): unknown {
    try {
      const database = this.#connect();
      switch (question.kind) {
        case 'overview':
          return overview(database, question.window, question.sources);
        case 'minute':
          return minute(database, question.now, question.withSources);
        case 'report':
          return report(database, question.query);
      }
    } catch (error) {
      this.close();
      throw readingError(error);
    }
  }

  #connect(): DatabaseSync {
    if (!this.#database) {
      this.#database = new DatabaseSync(this.#path, { readOnly: true, timeout: 2000 });
      this.#database.exec(
        'PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF',
      );
    }
    return this.#database;
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }
}

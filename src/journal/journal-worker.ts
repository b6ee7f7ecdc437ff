/** The journal's threads: started twice, as the one that writes and as the one that searches. */
import { workerData } from 'node:worker_threads';
import { serveLink } from '../platform/worker-link.ts';
import { JournalDatabase, type Retention } from './journal-database.ts';
import type { Cell } from './journal-rows.ts';
import { JournalSearch, type SearchStep } from './journal-search.ts';

export interface JournalWorkerData {
  role: 'writer' | 'reader';
  path: string;
}

export type JournalRequest =
  | { kind: 'open' }
  | { kind: 'append'; cells: Cell[] }
  | { kind: 'retain'; retention: Retention }
  | { kind: 'search'; step: SearchStep }
  | { kind: 'close' };

const { role, path } = workerData as JournalWorkerData;
if (role === 'writer') write(new JournalDatabase(path));
else read(new JournalSearch(path));

function write(database: JournalDatabase): void {
  serveLink<JournalRequest>((request) => {
    switch (request.kind) {
      case 'open':
        return database.open();
      case 'append':
        return database.append(request.cells);
      case 'retain':
        return database.retain(request.retention);
      case 'close':
        return database.close();
      case 'search':
        throw new TypeError('the thread that writes does not search');
    }
  });
}

function read(search: JournalSearch): void {
  serveLink<JournalRequest>((request) => {
    switch (request.kind) {
      case 'search':
        return search.search(request.step);
      case 'close':
        return search.close();
      case 'open':
      case 'append':
      case 'retain':
        throw new TypeError('the thread that searches does not write');
    }
  });
}

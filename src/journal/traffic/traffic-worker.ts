/** The thread that counts, and answers questions about what was counted. */
import { workerData } from 'node:worker_threads';
import { serveLink } from '../../platform/worker-link.ts';
import type { Window } from './periods.ts';
import type { TrafficLimits } from './limits.ts';
import { TrafficDatabase } from './traffic-database.ts';
import { minute, overview, report, type ReportQuery } from './traffic-queries.ts';

export interface TrafficWorkerData {
  path: string;
  journalPath: string;
  edgeListeners: readonly string[];
  limits: TrafficLimits;
}

export type TrafficRequest =
  | { kind: 'open' }
  | { kind: 'step'; now: number }
  | { kind: 'trim'; now: number }
  | { kind: 'overview'; window: Window; sources?: readonly string[] }
  | { kind: 'minute'; now: number; withSources: boolean }
  | { kind: 'report'; query: ReportQuery }
  | { kind: 'close' };

const { path, journalPath, edgeListeners, limits } = workerData as TrafficWorkerData;
const database = new TrafficDatabase(path, journalPath, edgeListeners, limits);

serveLink<TrafficRequest>((request) => {
  switch (request.kind) {
    case 'open':
      return database.open();
    case 'step':
      return database.step(request.now);
    case 'trim':
      return database.trim(request.now);
    case 'overview':
      return overview(database.reader, request.window, request.sources);
    case 'minute':
      return minute(database.reader, request.now, request.withSources);
    case 'report':
      return report(database.reader, request.query);
    case 'close':
      return database.close();
  }
});

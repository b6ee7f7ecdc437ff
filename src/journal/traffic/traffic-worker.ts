/** The thread that answers questions about what was counted. */
import { workerData } from 'node:worker_threads';
import { serveLink } from '../../platform/worker-link.ts';
import { type TrafficQuestion, TrafficReader } from './traffic-reader.ts';

export interface TrafficThreadData {
  /** Of the counts. */
  file: string;
}

export type TrafficThreadRequest = TrafficQuestion | { kind: 'close' };

const reader = new TrafficReader((workerData as TrafficThreadData).file);

serveLink<TrafficThreadRequest>((request) =>
  request.kind === 'close' ? reader.close() : reader.answer(request),
);

/** The thread that answers questions about what was counted. */
import { workerData } from 'node:worker_threads';
import { serveLink } from '../../platform/worker-link.ts';
import { type PackedRows, packRows } from './packed-rows.ts';
import type { ReportAnswer } from './traffic-queries.ts';
import { type TrafficQuestion, TrafficReader } from './traffic-reader.ts';

export interface TrafficThreadData {
  /** Of the counts. */
  file: string;
}

export type TrafficThreadRequest = TrafficQuestion | { kind: 'close' };

export interface PackedReport extends Omit<ReportAnswer, 'rows'> {
  rows: PackedRows;
}

const reader = new TrafficReader((workerData as TrafficThreadData).file);

serveLink<TrafficThreadRequest>((request) => {
  switch (request.kind) {
    case 'overview':
    case 'minute':
      return reader.answer(request);
    case 'report':
      return packed(reader.answer(request) as ReportAnswer);
    case 'close':
      return reader.close();
  }
});

function packed({ rows, ...answer }: ReportAnswer): PackedReport {
  return { rows: packRows(rows), ...answer };
}

/** A collection on a thread of its own: answers of many megabytes must not hold up mail. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../platform/clock.ts';
import { systemDisk } from '../../platform/disk.ts';
import { systemRandom } from '../../platform/random.ts';
import { collect, type CollectReport } from '../collect/collect.ts';
import { CollectError } from '../collect/collect-error.ts';
import type { Part, Progress } from '../collect/collection.ts';
import { FetchHttp } from '../collect/http.ts';
import { type CollectSecret, credentialOf } from './collect-secret.ts';

/** Where Microsoft's services are. */
export interface ServiceUrls {
  graphUrl: string;
  loginUrl: string;
  exchangeUrl: string;
}

export interface CollectWorkerData {
  folder: string;
  tenant: string;
  clientId: string;
  secret: CollectSecret;
  days: number;
  parts?: Part[];
  domains: string[];
  /** Details for each pair of address and sender, a day; null for all. */
  details: number | null;
  urls: ServiceUrls;
}

export type CollectWorkerMessage =
  | { type: 'progress'; progress: Progress }
  | { type: 'waiting'; text: string; ms: number }
  | { type: 'done'; report: CollectReport }
  | { type: 'failed'; message: string };

/** Mail that is younger may not be in the trace yet. */
const SETTLE_MS = 3_600_000;

const port = parentPort;
if (!port) throw new Error('this module is a thread of its own');
const { tenant, clientId, secret, urls, details, ...wanted } = workerData as CollectWorkerData;
const tell = (message: CollectWorkerMessage): void => port.postMessage(message);
const stop = new AbortController();
port.on('message', () => stop.abort(new Error('stopped')));
try {
  const credential = credentialOf(clientId, secret, systemRandom);
  const report = await collect(
    {
      ...wanted,
      ...urls,
      app: { tenant, clientId, credential },
      detailsPerSender: details ?? Infinity,
      settleMs: SETTLE_MS,
      signal: stop.signal,
      progress: (progress) => tell({ type: 'progress', progress }),
      waiting: (text, ms) => tell({ type: 'waiting', text, ms }),
    },
    { http: new FetchHttp(), disk: systemDisk, clock: systemClock, random: systemRandom },
  );
  tell({ type: 'done', report });
} catch (error) {
  // an error that nobody has worded may hold what must not be told
  tell({
    type: 'failed',
    message: error instanceof CollectError ? error.message : 'the collection has failed',
  });
} finally {
  port.close();
}

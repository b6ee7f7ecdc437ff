/** The thread that follows the journal: what is derived from it is written here, and nowhere else. */
import os from 'node:os';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { serveLink } from '../../platform/worker-link.ts';
import { type IndexProgress, IndexBuilder } from '../messages/index-builder.ts';
import { TrafficCounter, type TrafficProgress } from '../traffic/traffic-counter.ts';
import { TrafficDatabase } from '../traffic/traffic-database.ts';
import type { TrafficLimits } from '../traffic/limits.ts';
import { EventReader } from './event-reader.ts';
import { Follower, type Outcome, type StepOptions } from './follower.ts';

export interface FollowerWorkerData {
  /** Where `journal.db` is; `messages.db` and `traffic.db` are made beside it. */
  folder: string;
  /** Names of the listeners that take mail from the internet. */
  edgeListeners: readonly string[];
  /** Codes that have a row of their own. */
  codes: readonly string[];
  limits: TrafficLimits;
}

export type FollowerRequest =
  | { kind: 'open' }
  | ({ kind: 'step' } & StepOptions)
  | { kind: 'trim'; now: number }
  | { kind: 'remake'; name: 'messages' | 'traffic' }
  | { kind: 'close' };

export interface StepAnswer {
  messages: Outcome<IndexProgress>;
  traffic: Outcome<TrafficProgress>;
  /** Milliseconds of processor time that the step took. */
  processorMs: number;
}

// Everybody else goes first: what was said of mail may be known some seconds later, mail may not wait. On Linux a
// thread has a priority of its own (setpriority(2), "C library/kernel differences"); elsewhere the process would get it.
if (os.platform() === 'linux') os.setPriority(os.constants.priority.PRIORITY_LOW);

const { folder, edgeListeners, codes, limits } = workerData as FollowerWorkerData;
const journal = new EventReader(join(folder, 'journal.db'));
const counts = new TrafficDatabase(join(folder, 'traffic.db'), limits);
const messages = new IndexBuilder({ path: join(folder, 'messages.db'), edgeListeners });
const traffic = new TrafficCounter(counts, { edgeListeners, codes });
const follower = new Follower(journal, { messages, traffic });

serveLink<FollowerRequest>((request) => {
  switch (request.kind) {
    case 'open':
      return traffic.open(journal.bounds().last);
    case 'step':
      return step(request);
    case 'trim':
      return traffic.trim(request.now);
    case 'remake':
      return follower.remake(request.name);
    case 'close':
      return follower.close();
  }
});

function step(options: StepOptions): StepAnswer {
  const before = process.threadCpuUsage();
  const outcome = follower.step(options);
  const { user, system } = process.threadCpuUsage(before);
  return { ...outcome, processorMs: (user + system) / 1000 };
}

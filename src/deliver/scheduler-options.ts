import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { Spool } from '../spool/spool.ts';
import type { DestinationLimits } from './destination.ts';
import type { Notifier } from './notifier.ts';
import { DEFAULT_RETRY, type RetryPolicy, sleepSchedule } from './retry.ts';
import type { RouteTarget } from './route.ts';
import type { RouteTable } from './routes.ts';
import type { Transport } from './transport.ts';

export interface SchedulerOptions {
  spool: Spool;
  routes: RouteTable;
  /** The transport of each kind of target. */
  transports: Record<RouteTarget['kind'], Transport>;
  clock: Clock;
  random: Random;
  events: EventSink;
  notifier: Notifier;
  /** The source may not send now: nothing more of it may leave. */
  isStopped(source: string): boolean;
  retry?: Partial<RetryPolicy>;
  limits?: Partial<SchedulerLimits>;
}

export interface SchedulerLimits extends DestinationLimits {
  /** Deliveries in memory. */
  lookAhead: number;
  /** Octets of offered messages kept in memory; those above are read from the spool again. */
  payloadBytes: number;
  /** Connections in all. */
  connections: number;
  /** Waits of a destination that can not be reached, milliseconds. */
  sleep: number[];
  /** Between looks at the whole backlog, and between sweeps for age. */
  refreshMs: number;
  sweepMs: number;
  collectMs: number;
}

export const DEFAULT_SCHEDULER_LIMITS: SchedulerLimits = {
  lookAhead: 2000,
  payloadBytes: 64 * 1024 * 1024,
  connections: 1000,
  sleep: sleepSchedule(DEFAULT_RETRY.schedule),
  refreshMs: 30_000,
  sweepMs: 60_000,
  collectMs: 4,
  idleMs: 5000,
  patienceMs: 100,
  recipientsPerTransaction: 100,
};

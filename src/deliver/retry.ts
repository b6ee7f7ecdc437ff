import type { Random } from '../platform/random.ts';

/** When a message is tried again, told to be late, and given up. All times in milliseconds. */
export interface RetryPolicy {
  /** The wait after the first failure, the second, ...; the last one goes on. */
  schedule: number[];
  /** Each wait is multiplied by 1 ± this. */
  jitter: number;
  /** RFC 5321 §4.5.4.1: at least 4 to 5 days. */
  giveUpAfter: number;
  /** Age at which the sender is told of the delay. */
  delayNoticeAfter: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const DEFAULT_RETRY: RetryPolicy = {
  schedule: [MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR],
  jitter: 0.2,
  giveUpAfter: 5 * 24 * HOUR,
  delayNoticeAfter: 4 * HOUR,
};

const LONGEST_SLEEP = 10 * MINUTE;

/**
 * Waits of a destination that can not be reached, from those of a message: it is tried again sooner, because one
 * attempt is made for all that wait for it, and a next hop that restarts is back within seconds.
 */
export function sleepSchedule(schedule: number[]): number[] {
  const [first = MINUTE] = schedule;
  const sooner = [first / 60, first / 12, first / 4];
  return [...sooner, ...schedule.map((ms) => ms / 2)].map((ms) => Math.min(ms, LONGEST_SLEEP));
}

/** Milliseconds to wait after `failures` (1 for the first) failures in a row. */
export function waitAfter(
  policy: Pick<RetryPolicy, 'schedule' | 'jitter'>,
  failures: number,
  random: Random,
): number {
  const { schedule, jitter } = policy;
  const wait = schedule[Math.min(Math.max(failures, 1), schedule.length) - 1] ?? HOUR;
  return Math.round(wait * (1 + jitter * (2 * random.fraction() - 1)));
}

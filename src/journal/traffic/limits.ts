import { DAY, GRAINS } from './periods.ts';

export interface TrafficLimits {
  /** Rows older than this go, milliseconds, by grain. */
  keepMs: readonly [minutes: number, hours: number, days: number];
  /** Sources with a row of their own, by grain; the rest is counted together. */
  sources: readonly [aMinute: number, anHour: number, aDay: number];
  /** Senders, and recipients' domains, of one source in a day. */
  addresses: number;
  /** The same of all sources, each by its own. */
  addressesADay: number;
  /** Recipients' domains in a day, whoever wrote to them. */
  domainsADay: number;
  /** In all; above it the oldest minutes go, then hours, then days. */
  rows: number;
}

const DAY_MS = GRAINS[DAY];

export const DEFAULT_LIMITS: TrafficLimits = {
  keepMs: [3 * DAY_MS, 93 * DAY_MS, 1096 * DAY_MS],
  sources: [2000, 20_000, 100_000],
  addresses: 200,
  addressesADay: 200_000,
  domainsADay: 20_000,
  rows: 20_000_000,
};

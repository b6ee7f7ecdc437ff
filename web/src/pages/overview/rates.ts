import type { Overview } from '../../api/schema.ts';

const MINUTE = 60_000;
/** The longest unit that a step can fill, and the shortest in which the busiest step has at least one message. */
const UNITS = [
  ['minute', MINUTE],
  ['hour', 60 * MINUTE],
  ['day', 1440 * MINUTE],
] as const;
export type RateUnit = (typeof UNITS)[number][0];

export const MEASURES = ['accepted', 'delivered', 'deferred', 'bounced', 'refused', 'held'] as const;
export type Measure = (typeof MEASURES)[number];

/** Counts of steps as messages in a unit of time: a minute, or longer where so little is sent that a minute has none. */
export function ratesOf({ series, step, at: now }: Overview): {
  unit: RateUnit;
  of: (measure: Measure) => number[];
} {
  const peak = Math.max(0, ...MEASURES.flatMap((measure) => series[measure])) / step;
  const [unit, length] = UNITS.find(([, size]) => step === MINUTE || peak * size >= 1) ?? UNITS[0];
  const last = series.at.length - 1;
  // the step in progress is divided by what has passed of it
  const passed = Math.min(step, Math.max(MINUTE, now - (series.at[last] ?? now)));
  return {
    unit,
    of: (measure) =>
      series[measure].map((count, index) => (count * length) / (index === last ? passed : step)),
  };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** `grain` of a row: how long the period is that it counts. Periods begin at multiples of their length (UTC). */
export const GRAINS = [MINUTE_MS, HOUR_MS, DAY_MS] as const;
export const MINUTE = 0;
export const HOUR = 1;
export const DAY = 2;
export type Grain = typeof MINUTE | typeof HOUR | typeof DAY;

export const WINDOWS = ['1h', '24h', '7d', '30d'] as const;
export type WindowName = (typeof WINDOWS)[number];

/** How a window is shown: its length, the step of its points, and the rows that they are added up from. */
const SHAPES: Record<WindowName, { length: number; step: number; grain: Grain }> = {
  '1h': { length: HOUR_MS, step: MINUTE_MS, grain: MINUTE },
  '24h': { length: DAY_MS, step: 15 * MINUTE_MS, grain: MINUTE },
  '7d': { length: 7 * DAY_MS, step: HOUR_MS, grain: HOUR },
  '30d': { length: 30 * DAY_MS, step: 6 * HOUR_MS, grain: HOUR },
};

export interface Window {
  /** Milliseconds; `since` and `until` are multiples of it, and `until` is the end of the step in progress. */
  step: number;
  grain: Grain;
  since: number;
  until: number;
  /** The window before, as far as this one has come. */
  before: { since: number; until: number };
}

export function windowAt(name: WindowName, now: number): Window {
  const { length, step, grain } = SHAPES[name];
  const until = floor(now, step) + step;
  const since = until - length;
  return {
    step,
    grain,
    since,
    until,
    before: { since: since - length, until: floor(now, GRAINS[grain]) - length },
  };
}

/** Rows of one grain: periods that begin at `from` and later, and before `to`. */
export interface Piece {
  grain: Grain;
  from: number;
  to: number;
}

/**
 * A stretch of time in as few rows as possible: whole days, then hours at its ends, then minutes at theirs.
 * @param finest of the rows that may be used; the stretch is widened to their periods
 */
export function pieces(since: number, until: number, finest: Grain): Piece[] {
  const length = GRAINS[finest];
  return split(floor(since, length), ceil(until, length), DAY, finest);
}

function split(since: number, until: number, grain: Grain, finest: Grain): Piece[] {
  if (since >= until) return [];
  const length = GRAINS[grain];
  if (grain === finest) return [{ grain, from: since, to: until }];
  const finer = (grain - 1) as Grain;
  const from = ceil(since, length);
  const to = floor(until, length);
  if (from >= to) return split(since, until, finer, finest);
  return [...split(since, from, finer, finest), { grain, from, to }, ...split(to, until, finer, finest)];
}

export const floor = (at: number, length: number): number => Math.floor(at / length) * length;
const ceil = (at: number, length: number): number => Math.ceil(at / length) * length;

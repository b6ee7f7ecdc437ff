/** From `from`, up to but without `to`; milliseconds since the epoch. */
export interface Interval {
  from: number;
  to: number;
}

export const DAY_MS = 86_400_000;

/**
 * What of `wanted` is in none of `done`, cut at midnight UTC and oldest first: the oldest is the next to be forgotten by the
 * service. No piece is longer than a day, so that a question stays far below the ten days that are allowed.
 */
export function missing(wanted: Interval, done: readonly Interval[]): Interval[] {
  const gaps: Interval[] = [];
  let from = wanted.from;
  for (const one of [...done].sort((a, b) => a.from - b.from)) {
    if (one.from > from) gaps.push({ from, to: Math.min(one.from, wanted.to) });
    from = Math.max(from, one.to);
  }
  gaps.push({ from, to: wanted.to });
  return gaps.filter((gap) => gap.to > gap.from).flatMap(days);
}

function days({ from, to }: Interval): Interval[] {
  const pieces: Interval[] = [];
  for (let start = from; start < to; ) {
    const end = Math.min(to, (Math.floor(start / DAY_MS) + 1) * DAY_MS);
    pieces.push({ from: start, to: end });
    start = end;
  }
  return pieces;
}

/** `20260131T000000Z-20260201T000000Z`, for names of files; what is not whole seconds keeps its milliseconds. */
export function intervalName({ from, to }: Interval): string {
  return `${compact(from)}-${compact(to)}`;
}

function compact(at: number): string {
  return new Date(at).toISOString().replaceAll(/[-:]|\.000/g, '');
}

/** Milliseconds, to two places: what half, and what all but a twentieth, stayed below. */
export function percentiles(times: readonly number[]): {
  asked: number;
  p50: number;
  p95: number;
  most: number;
} {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 100) / 100;
  return { asked: sorted.length, p50: at(0.5), p95: at(0.95), most: at(1) };
}

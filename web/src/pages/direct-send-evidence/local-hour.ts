/** The hour of UTC as the clock on the wall shows it. */
export function localHour(hour: number, time: (at: number) => string): string {
  const now = new Date();
  return time(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), hour));
}

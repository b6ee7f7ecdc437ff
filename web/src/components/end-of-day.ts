/** The end of that day, where the browser is: milliseconds since the epoch. @param day `2027-01-31`; NaN for what is none */
export function endOf(day: string): number {
  return new Date(`${day}T23:59:59`).getTime();
}

/** The day of a time, where the browser is, as a field for days has it. */
export function dayOf(at: number): string {
  const local = new Date(at);
  return new Date(at - local.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

import { usage } from './failure.ts';
import { date } from './values.ts';

const LENGTHS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A point in the future: `90d`, `12w`, `36h` from now, or a date. Answers milliseconds since the epoch. */
export function until(option: string, text: string, now: number): number {
  const [, amount, unit = ''] = /^(\d{1,4})([mhdw])$/.exec(text) ?? [];
  if (amount !== undefined) return now + Number(amount) * (LENGTHS[unit] ?? 0);
  const at = date(text);
  if (at !== undefined) return at;
  throw usage(`${option}: expected 90d, 12w or a date such as 2027-01-31, not ${JSON.stringify(text)}`);
}

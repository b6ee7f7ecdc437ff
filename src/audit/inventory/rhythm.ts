import type { Profile } from '../classify/profile.ts';

const DAY = 86_400_000;

/** When a sender sends. */
export interface Rhythm {
  /** Messages by hour and by weekday (0 is Sunday), UTC. */
  hours: number[];
  weekdays: number[];
  activeDays: number;
  /** Share of the days between its first and last message on which it sent. */
  regularity: number;
  /** Share from Monday to Friday within the ten busiest hours in a row. */
  businessHours: number;
  pattern: 'once' | 'steady' | 'bursts' | 'now-and-then';
}

export function rhythmOf(profile: Profile): Rhythm {
  const hours = [...profile.hours];
  const weekdays = [...profile.weekdays];
  const timed = hours.reduce((sum, count) => sum + count, 0);
  const days = [...profile.days.values()].map(({ messages, counted }) => Math.max(messages, counted));
  const span = Number.isFinite(profile.first)
    ? Math.floor(profile.last / DAY) - Math.floor(profile.first / DAY) + 1
    : 0;
  const regularity = span === 0 ? 0 : Math.min(1, days.length / span);
  const working = timed === 0 ? 0 : weekdays.slice(1, 6).reduce((sum, count) => sum + count, 0) / timed;
  const mean = days.length === 0 ? 0 : days.reduce((sum, count) => sum + count, 0) / days.length;
  const peak = days.reduce((most, count) => Math.max(most, count), 0);
  // five working days of seven make 0.71
  const pattern =
    days.length <= 1
      ? 'once'
      : peak > 10 && peak > 5 * mean
        ? 'bursts'
        : regularity >= 0.4
          ? 'steady'
          : 'now-and-then';
  return {
    hours,
    weekdays,
    activeDays: days.length,
    regularity: rounded(regularity),
    businessHours: timed === 0 ? 0 : rounded((busiestTen(hours) / timed) * working),
    pattern,
  };
}

/** A time zone is not told: the ten hours in a row that hold most. */
function busiestTen(hours: readonly number[]): number {
  let best = 0;
  for (let start = 0; start < 24; start++) {
    let sum = 0;
    for (let offset = 0; offset < 10; offset++) sum += hours[(start + offset) % 24]!;
    best = Math.max(best, sum);
  }
  return best;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

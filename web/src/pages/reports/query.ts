/** What a report is asked by: the address of the page on one side, the API on the other. */

export const BY = ['source', 'tag', 'owner', 'address', 'domain', 'recipient-domain', 'day', 'code'] as const;
export type By = (typeof BY)[number];

export const PERIODS = [
  'today',
  'yesterday',
  '7d',
  '30d',
  'month',
  'last-month',
  '90d',
  '12m',
  'custom',
] as const;
export type Period = (typeof PERIODS)[number];

const MEASURES = ['accepted', 'delivered', 'deferred', 'bounced', 'refused', 'held', 'octets'] as const;
export type Measure = (typeof MEASURES)[number];

/** What is counted of each. */
export const COLUMNS: Record<By, readonly Measure[]> = {
  source: MEASURES,
  tag: MEASURES,
  owner: MEASURES,
  address: MEASURES,
  domain: MEASURES,
  'recipient-domain': ['delivered', 'deferred', 'bounced', 'held'],
  day: MEASURES,
  code: ['refused'],
};

/** The parameters of the page's address. */
export const PARAMETERS = [
  'by',
  'period',
  'from',
  'to',
  'source',
  'tag',
  'owner',
  'compare',
  'sort',
] as const;
export type Parameters = Partial<Record<(typeof PARAMETERS)[number], string>>;

const DAY_MS = 86_400_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** A day of UTC: `2026-01-31`. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

export interface Span {
  period: Period;
  /** Days of UTC, as `2026-01-31`; both are in it. */
  from: string;
  to: string;
}

/** The days that are meant. @param now wall time, milliseconds */
export function spanOf({ period: named, from, to }: Parameters, now: number): Span {
  const today = dayOf(now);
  const at = new Date(now);
  const month = (number: number) => dayOf(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + number, 1));
  const back = (days: number) => dayOf(now - days * DAY_MS);
  const period = PERIODS.find((one) => one === named) ?? '30d';
  switch (period) {
    case 'today':
      return { period, from: today, to: today };
    case 'yesterday':
      return { period, from: back(1), to: back(1) };
    case '7d':
      return { period, from: back(6), to: today };
    case 'month':
      return { period, from: month(0), to: today };
    case 'last-month':
      return { period, from: month(-1), to: dayOf(Date.parse(month(0)) - DAY_MS) };
    case '90d':
      return { period, from: back(89), to: today };
    case '12m':
      return { period, from: month(-11), to: today };
    case 'custom': {
      const first = from !== undefined && DATE.test(from) ? from : back(29);
      const last = to !== undefined && DATE.test(to) && to >= first ? to : first > today ? first : today;
      return { period, from: first, to: last };
    }
    case '30d':
      return { period, from: back(29), to: today };
  }
}

/** As GET /reports takes it. */
export function queryOf(parameters: Parameters, span: Span) {
  const { source, tag, owner, compare } = parameters;
  const end = Date.parse(span.to) + DAY_MS;
  return {
    by: byOf(parameters),
    from: span.from,
    // the day in progress ends now, so that it is compared with as much of a day before
    to: end > Date.now() ? undefined : dayOf(end),
    source,
    tag,
    owner,
    sort: sortOf(parameters),
    compare: compare === undefined ? undefined : ('true' as const),
  };
}

export const byOf = ({ by }: Parameters): By => BY.find((one) => one === by) ?? 'source';

export function sortOf(parameters: Parameters): Measure | 'key' | undefined {
  const { sort } = parameters;
  if (sort === 'key') return 'key';
  return COLUMNS[byOf(parameters)].find((one) => one === sort);
}

/** Which one is sorted by where nobody has chosen. */
export function usualSort(by: By): Measure | 'key' {
  if (by === 'day') return 'key';
  return COLUMNS[by][0] ?? 'accepted';
}

/** Every day from the first to the last. */
export function daysOf({ from, to }: Span): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to) && days.length < 1200; at += DAY_MS)
    days.push(dayOf(at));
  return days;
}

/**
 * Dates of exports. ISO 8601 says what it means; `4/10/2026` says it only together with the rest of its file, so the
 * order of day and month is found out over the file and then applied to all of it.
 */
export type DateOrder = 'day-first' | 'month-first';

const MINUTE = 60_000;
const DAY = 86_400_000;
// an empty date of many programs is one of 1601 or the first of 1970
const EARLIEST = Date.UTC(1971, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/** The numbers of a date in their order, and what stood between them. */
interface Parts {
  numbers: number[];
  /** The character after the first number. */
  separator: string;
  digits: number;
  fraction: number;
  afternoon: boolean | undefined;
  /** Minutes east of UTC. */
  zone: number | undefined;
}

const LONGEST = 64;
const DIGITS =
  /^\s*(\d{1,4})([-/.\s年])\s?(\d{1,2})[-/.\s月]\s?(\d{1,4})日?\.?(?:(?:,?\s+|T|,)(?:(?:à|um|at)\s+)?(\d{1,2})[:.h](\d{2})(?:[:.m](\d{2})(?:[.,](\d{1,9}))?)?\s*([ap])?\.?\s?(?:m\.?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?\s*$/i;

/**
 * A moment, in milliseconds; without a zone it is UTC, as all these exports are. Undefined for what is no date, or where
 * it is one only in the other order.
 */
export function readMoment(text: string, order: DateOrder | undefined): number | undefined {
  if (text.length > LONGEST) return undefined;
  const parts = partsOf(text);
  if (!parts) return inWords(text);
  const [first = 0, second = 0, third = 0] = parts.numbers;
  if (parts.digits === 4) return moment(first, second, third, parts);
  const year = third < 100 ? 2000 + third : third;
  if (order === 'month-first') return moment(year, first, second, parts);
  if (order === 'day-first') return moment(year, second, first, parts);
  if (first > 12) return moment(year, second, first, parts);
  return second > 12 ? moment(year, first, second, parts) : undefined;
}

function partsOf(text: string): Parts | undefined {
  // 4/10/2026, 8:00:38 AM has a narrow space before AM since 2023
  const match = DIGITS.exec(text.replace(/[\u200e\u200f\u202a-\u202e]/g, ''));
  if (!match) return undefined;
  const [, a = '', separator = '', b = '', c = '', hour, minute, second, fraction, half, zone] = match;
  return {
    numbers: [a, b, c, hour ?? '0', minute ?? '0', second ?? '0'].map(Number),
    separator,
    digits: a.length,
    fraction: fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000),
    afternoon: half === undefined ? undefined : half.toLowerCase() === 'p',
    zone: zone === undefined ? undefined : minutesOf(zone),
  };
}

function minutesOf(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

function moment(year: number, month: number, day: number, parts: Parts): number | undefined {
  const { numbers, afternoon, zone = 0, fraction } = parts;
  const [, , , hours = 0, minutes = 0, seconds = 0] = numbers;
  let hour = hours;
  if (afternoon !== undefined) {
    if (hours < 1 || hours > 12) return undefined;
    hour = (hours % 12) + (afternoon ? 12 : 0);
  }
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minutes > 59 || seconds > 60) return undefined;
  const at = Date.UTC(year, month - 1, day, hour, minutes, seconds, fraction);
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) return undefined;
  return bounded(at - zone * MINUTE);
}

const bounded = (at: number): number | undefined => (at >= EARLIEST && at < LATEST ? at : undefined);

const MONTHS: Record<string, number> = {
  jan: 1,
  ene: 1,
  feb: 2,
  fev: 2,
  fév: 2,
  mar: 3,
  mär: 3,
  mrz: 3,
  apr: 4,
  avr: 4,
  abr: 4,
  may: 5,
  mai: 5,
  mag: 5,
  jun: 6,
  juin: 6,
  giu: 6,
  jul: 7,
  juil: 7,
  lug: 7,
  aug: 8,
  aoû: 8,
  aou: 8,
  ago: 8,
  sep: 9,
  set: 9,
  oct: 10,
  okt: 10,
  ott: 10,
  nov: 11,
  dec: 12,
  déc: 12,
  dez: 12,
  dic: 12,
};

const WORDS =
  /^(?:\p{L}{2,9}\.?,?\s+)?(\d{1,2})\.?[\s-]+(?:de\s+)?(\p{L}{3,10})\.?,?[\s-]+(?:de\s+)?(\d{4}),?(?:\s+(?:à\s+)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*([ap]m)?)?\s*(?:(Z|UT|UTC|GMT|[+-]\d{4})|\(UTC\)|[A-Z]{3,4})?\s*(?:\([^()]{0,40}\))?$/u;
const MONTH_FIRST =
  /^(?:\p{L}{2,9},?\s+)?(\p{L}{3,10})\.?\s+(\d{1,2}),?\s+(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AP]M)?)?$/iu;

/** `16 Jul 2025 13:03:14 +0000` (RFC 5322 §3.3), `16 juil. 2025 13:03`, `Jul 16, 2025 1:03 PM`, and numbers of seconds. */
function inWords(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d{9,10}(?:\.\d{1,9})?$/.test(trimmed)) return bounded(Math.floor(Number(trimmed) * 1000));
  if (/^\d{12,13}$/.test(trimmed)) return bounded(Number(trimmed));
  const epoch = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/.exec(trimmed);
  if (epoch) return bounded(Number(epoch[1]));
  const first = WORDS.exec(trimmed);
  if (first) {
    const [, day, name = '', year, hour, minute, second, fraction, half, zone] = first;
    return worded(name, day, year, hour, minute, second, half, fraction, zone);
  }
  const second = MONTH_FIRST.exec(trimmed);
  if (!second) return undefined;
  const [, name = '', day, year, hour, minute, seconds, half] = second;
  return worded(name, day, year, hour, minute, seconds, half, undefined, undefined);
}

function worded(
  name: string,
  day: string | undefined,
  year: string | undefined,
  hour = '0',
  minute = '0',
  second = '0',
  half: string | undefined,
  fraction: string | undefined,
  zone: string | undefined,
): number | undefined {
  const lower = name.toLowerCase();
  const month = MONTHS[lower.slice(0, 4)] ?? MONTHS[lower.slice(0, 3)];
  if (month === undefined) return undefined;
  return moment(Number(year), month, Number(day), {
    numbers: [0, 0, 0, Number(hour), Number(minute), Number(second)],
    separator: ' ',
    digits: 2,
    fraction: fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000),
    afternoon: half === undefined ? undefined : half.toLowerCase().startsWith('p'),
    zone: zone === undefined ? undefined : minutesOf(zone),
  });
}

/** `2025-07-16T13:03:14.1234567Z` among octets, at once; undefined for every other form. */
export function isoMoment(octets: Buffer, start: number, end: number): number | undefined {
  if (end - start < 19 || octets[start + 4] !== 45 || octets[start + 7] !== 45) return undefined;
  const between = octets[start + 10];
  if ((between !== 84 && between !== 32) || octets[start + 13] !== 58 || octets[start + 16] !== 58) {
    return undefined;
  }
  const year = two(octets, start) * 100 + two(octets, start + 2);
  const month = two(octets, start + 5);
  const day = two(octets, start + 8);
  const hour = two(octets, start + 11);
  const minute = two(octets, start + 14);
  const second = two(octets, start + 17);
  // NaN where something is no digit
  const inRange = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 23 && minute <= 59;
  if (!inRange || !(second <= 60) || !(year >= 1990 && year < 2100)) return undefined;
  let at = start + 19;
  let fraction = 0;
  if (octets[at] === 46) {
    at++;
    let scale = 100;
    for (; at < end && isDigit(octets[at]!); at++) {
      if (scale >= 1) fraction += (octets[at]! - 48) * scale;
      scale = scale === 1 ? 0 : scale / 10;
    }
  }
  if (at < end && !(octets[at] === 90 && at + 1 === end)) return undefined;
  const days = daysOf(year, month, day);
  return days * DAY + ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
}

const isDigit = (octet: number): boolean => octet >= 48 && octet <= 57;

function two(octets: Buffer, at: number): number {
  const high = octets[at]! - 48;
  const low = octets[at + 1]! - 48;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : Number.NaN;
}

/** Days since 1970 in the Gregorian calendar, counted from March so that leap days come last. */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  // quotients of whole numbers above zero; `| 0` keeps them whole without a detour
  const era = (y / 400) | 0;
  const yearOfEra = y - era * 400;
  const dayOfYear = (((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) | 0) + day - 1;
  const dayOfEra = yearOfEra * 365 + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Collects what the dates of a file say of their order. */
export class DateOrderSurvey {
  #dayFirst = 0;
  #monthFirst = 0;
  #undecided = 0;
  #dots = 0;
  #twelveHours = 0;
  #asDay = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
  #asMonth = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };

  /** Whether the date was one that alone decides, or needs no decision. */
  add(text: string): boolean {
    const parts = text.length > LONGEST ? undefined : partsOf(text);
    if (!parts || parts.digits === 4) return true;
    const [first = 0, second = 0, third = 0] = parts.numbers;
    if (first > 12) this.#dayFirst++;
    else if (second > 12) this.#monthFirst++;
    else {
      this.#undecided++;
      if (parts.separator === '.') this.#dots++;
      if (parts.afternoon !== undefined) this.#twelveHours++;
      const year = third < 100 ? 2000 + third : third;
      widen(this.#asDay, moment(year, second, first, parts));
      widen(this.#asMonth, moment(year, first, second, parts));
      return false;
    }
    return true;
  }

  /** Some date decides, so that the rest of the file need not be looked at. */
  get decided(): boolean {
    return this.#dayFirst > 0 || this.#monthFirst > 0;
  }

  /** The order, and how it was found; undefined where no date needs one. */
  verdict(): { order: DateOrder; how: string } | undefined {
    if (this.decided) {
      const both = this.#dayFirst > 0 && this.#monthFirst > 0;
      const order = this.#dayFirst >= this.#monthFirst ? 'day-first' : 'month-first';
      return {
        order,
        how: both ? 'most dates have a number above 12 there, others contradict' : 'a number above 12',
      };
    }
    if (this.#undecided === 0) return undefined;
    if (this.#dots === this.#undecided) return { order: 'day-first', how: 'dots between the numbers' };
    const spanAsDay = this.#asDay.last - this.#asDay.first;
    const spanAsMonth = this.#asMonth.last - this.#asMonth.first;
    // a file covers days that follow one another; read the wrong way round they lie months apart
    if (spanAsDay * 4 < spanAsMonth) return { order: 'day-first', how: 'the days lie together that way' };
    if (spanAsMonth * 4 < spanAsDay) return { order: 'month-first', how: 'the days lie together that way' };
    if (this.#twelveHours > 0) return { order: 'month-first', how: 'a guess, from AM and PM' };
    return { order: 'day-first', how: 'a guess, from the 24 hours' };
  }
}

function widen(range: { first: number; last: number }, at: number | undefined): void {
  if (at === undefined) return;
  if (at < range.first) range.first = at;
  if (at > range.last) range.last = at;
}

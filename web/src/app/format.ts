import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** Numbers and times as the language writes them. */
function formatsOf(language: string) {
  const number = new Intl.NumberFormat(language);
  const compact = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  const dateTime = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  const day = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' });
  const shortTime = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  return {
    number: (value: number) => number.format(value),
    /** 12.3K */
    compact: (value: number) => compact.format(value),
    /** @param value 0 to 1 */
    percent: (value: number) => percent.format(value),
    date: (at: number) => date.format(at),
    /** 31 Jan */
    day: (at: number) => day.format(at),
    dateTime: (at: number) => dateTime.format(at),
    time: (at: number) => shortTime.format(at),
    /** "2 min ago"; the largest unit that fits. */
    relative: (at: number, now: number = Date.now()) => {
      const difference = at - now;
      const [unit, length] =
        UNITS.find(([, size]) => Math.abs(difference) >= size) ?? (['second', 1000] as const);
      return relative.format(Math.round(difference / length), unit);
    },
    /** Octets, in powers of 1000. */
    bytes: (octets: number) => {
      const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
      const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, octets)) / 3)));
      return new Intl.NumberFormat(language, {
        style: 'unit',
        unit: units[power] ?? 'byte',
        unitDisplay: power === 0 ? 'long' : 'short',
        maximumFractionDigits: power === 0 ? 0 : 1,
      }).format(octets / 1000 ** power);
    },
    /** "3 h 20 min" of milliseconds; two units. */
    duration: (milliseconds: number) => {
      let rest = Math.max(0, milliseconds);
      const parts: string[] = [];
      for (const [unit, length] of UNITS.slice(2)) {
        const count = Math.floor(rest / length);
        if (count === 0 && !(parts.length === 0 && unit === 'second')) continue;
        parts.push(
          new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(count),
        );
        rest -= count * length;
        if (parts.length === 2) break;
      }
      return parts.join(' ');
    },
  };
}

export type Formats = ReturnType<typeof formatsOf>;

/** The language as this browser's region writes it: days come before months in en-GB. */
function regionalOf(language: string): string {
  return navigator.languages.find((tag) => tag.startsWith(`${language}-`)) ?? language;
}

export function useFormat(): Formats {
  const { i18n } = useTranslation();
  return useMemo(() => formatsOf(regionalOf(i18n.language)), [i18n.language]);
}

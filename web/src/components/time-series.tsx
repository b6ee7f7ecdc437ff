import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../app/format.ts';
import type { Tone } from './state-badge.tsx';

const Chart = lazy(() => import('./time-series-chart.tsx'));

export interface Series {
  label: string;
  /** One for each time; null where nothing is known. */
  values: readonly (number | null)[];
  tone?: Tone;
  /** Filled down to zero, or a dashed line; absent: a line. */
  look?: 'area' | 'dashed';
}

export interface TimeSeriesProps {
  /** What it shows, in words. */
  label: string;
  /** Milliseconds since the epoch, ascending. */
  times: readonly number[];
  series: readonly Series[];
  height?: number;
  /** The times are whole days, and told without their hour. */
  step?: 'day';
  /** How a value is written; absent: as a number of the language. */
  format?: (value: number) => string;
}

/** Numbers over time as lines, and the same numbers as a table for who can not see them. */
export function TimeSeries(props: TimeSeriesProps) {
  const { label, times, series, height = 200, step } = props;
  const format = useFormat();
  const { t } = useTranslation('components');
  const write = props.format ?? format.number;
  return (
    <figure style={{ margin: 0 }} aria-label={label}>
      <div aria-hidden="true" style={{ minHeight: height }}>
        <Suspense fallback={<Skeleton height={height} />}>
          <Chart {...props} />
        </Suspense>
      </div>
      <div className="visually-hidden">
        <table>
          <caption>{label}</caption>
          <thead>
            <tr>
              <th scope="col">{t('chart.time')}</th>
              {series.map((one) => (
                <th key={one.label} scope="col">
                  {one.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sampled(times.length).map((index) => (
              <tr key={times[index]}>
                <th scope="row">
                  {step === 'day' ? format.date(times[index] ?? 0) : format.dateTime(times[index] ?? 0)}
                </th>
                {series.map((one) => (
                  <td key={one.label}>{one.values[index] == null ? '' : write(one.values[index])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

/** At most 60 rows: nobody listens to a thousand. */
function sampled(length: number): number[] {
  const step = Math.max(1, Math.ceil(length / 60));
  return Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step);
}

import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import { useFormat } from '../app/format.ts';
import type { Tone } from './state-badge.tsx';
import type { TimeSeriesProps } from './time-series.tsx';
import classes from './time-series.module.css';

/** Lines that both schemes show clearly, 3:1 on their ground (WCAG 1.4.11). */
const LINES: Record<'light' | 'dark', Record<Tone, string>> = {
  light: { info: '#2f6db9', good: '#218a4c', warn: '#b06a00', bad: '#c5362b', quiet: '#6f7885' },
  dark: { info: '#6aa3e6', good: '#4fb87a', warn: '#dda03f', bad: '#f0776d', quiet: '#98a1af' },
};
const DAY = 86_400;
/** Distances of the marks of an axis of days, seconds. */
const DAYS = [1, 2, 7, 14, 30, 60, 90, 180, 365].map((days) => days * DAY);
const ORDER: Tone[] = ['info', 'good', 'bad', 'warn', 'quiet'];

/** The picture of `TimeSeries`. */
export default function TimeSeriesChart({ times, series, height = 200, step, format }: TimeSeriesProps) {
  const scheme = useComputedColorScheme('light');
  const formats = useFormat();
  const { t } = useTranslation('components');
  const timeLabel = t('chart.time');
  const write = format ?? formats.compact;
  const { ref, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  // the picture is made anew when its look changes; new numbers go into the one that is there
  const data = useMemo<uPlot.AlignedData>(
    () => [times.map((at) => at / 1000), ...series.map(({ values }) => [...values])],
    [times, series],
  );
  const shape = series.map(({ label, tone, look }) => `${label} ${tone} ${look}`).join('|');
  const latest = useRef({ data, series, write });
  latest.current = { data, series, write };

  useEffect(() => {
    if (!place.current || width === 0 || shape === '') return undefined;
    const { data: first, series: lines } = latest.current;
    const written = (value: number) => latest.current.write(value);
    const text = scheme === 'dark' ? '#a3abb8' : '#5a6371';
    const line = scheme === 'dark' ? '#2a3039' : '#e8ebf0';
    const exact = step === 'day' ? formats.date : formats.dateTime;
    const axis = {
      stroke: text,
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
      font: '11px system-ui',
    };
    const made = new uPlot(
      {
        width,
        height,
        padding: [8, 8, 0, 0],
        cursor: { y: false, points: { size: 6 } },
        legend: { live: true },
        // values are those where the pointer is; without one there is nothing to tell
        hooks: {
          setLegend: [({ root, legend }) => root.toggleAttribute('data-pointed', legend.idx != null)],
        },
        scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
        axes: [
          {
            ...axis,
            size: 30,
            ...(step === 'day' && { incrs: DAYS }),
            // steps of days are named by their day, shorter ones by their hour
            values: (_, splits, __, ___, apart) =>
              splits.map((at) => (apart >= DAY ? formats.day(at * 1000) : formats.time(at * 1000))),
          },
          { ...axis, size: 48, values: (_, splits) => splits.map(written) },
        ],
        series: [
          { label: timeLabel, value: (_, at) => (at == null ? '–' : exact(at * 1000)) },
          ...lines.map(({ label, tone, look }, index) => {
            const stroke = LINES[scheme][tone ?? ORDER[index % ORDER.length] ?? 'info'];
            return {
              label,
              stroke,
              width: 1.75,
              fill: lines.length === 1 || look === 'area' ? `${stroke}22` : undefined,
              dash: look === 'dashed' ? [5, 4] : undefined,
              points: { show: false },
              value: (_: uPlot, value: number | null) => (value == null ? '–' : written(value)),
            };
          }),
        ],
      },
      first,
      place.current,
    );
    chart.current = made;
    return () => {
      made.destroy();
      chart.current = undefined;
    };
  }, [width, height, scheme, shape, step, formats, timeLabel]);

  useEffect(() => chart.current?.setData(data), [data]);

  return (
    <div ref={ref} className={classes.chart}>
      <div ref={place} />
    </div>
  );
}

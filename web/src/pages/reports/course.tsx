import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Counts } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { type Series, TimeSeries } from '../../components/time-series.tsx';
import { type By, daysOf, type Measure, type Span } from './query.ts';

const LINES: Record<By, readonly Measure[]> = {
  source: ['accepted', 'delivered', 'refused', 'bounced'],
  tag: ['accepted', 'delivered', 'refused', 'bounced'],
  owner: ['accepted', 'delivered', 'refused', 'bounced'],
  address: ['accepted', 'delivered', 'refused', 'bounced'],
  domain: ['accepted', 'delivered', 'refused', 'bounced'],
  'recipient-domain': ['delivered', 'deferred', 'bounced'],
  day: ['accepted', 'delivered', 'refused', 'bounced'],
  code: ['refused'],
};

const LOOKS: Record<Measure, Pick<Series, 'tone' | 'look'>> = {
  accepted: { tone: 'info', look: 'area' },
  delivered: { tone: 'good' },
  deferred: { tone: 'warn' },
  bounced: { tone: 'bad', look: 'dashed' },
  refused: { tone: 'bad' },
  held: { tone: 'quiet' },
  octets: { tone: 'quiet' },
};

interface Props {
  by: By;
  span: Span;
  days: readonly { key: string; counts: Counts; before?: Counts }[];
}

/** The days of the report, one after the other. */
export function Course({ by, span, days }: Props) {
  const { t } = useTranslation('reports');
  const format = useFormat();
  const { times, series } = useMemo(() => {
    const all = daysOf(span);
    const rows = new Map(days.map((row) => [row.key, row]));
    const [first = 'accepted'] = LINES[by];
    const lines: Series[] = LINES[by].map((measure) => ({
      label: t(`measure.${measure}`),
      values: all.map((day) => rows.get(day)?.counts[measure] ?? 0),
      ...LOOKS[measure],
    }));
    if (days.some(({ before }) => before !== undefined)) {
      lines.push({
        label: t('beforeLine', { measure: t(`measure.${first}`) }),
        values: all.map((day) => rows.get(day)?.before?.[first] ?? null),
        tone: 'quiet',
        look: 'dashed',
      });
    }
    return { times: all.map(localMidnight), series: lines };
  }, [by, span, days, t]);
  // one point is no course
  if (times.length < 2) return null;
  return (
    <TimeSeries
      label={t('course')}
      times={times}
      series={series}
      height={190}
      step="day"
      format={(value) => format.number(Math.round(value * 10) / 10)}
    />
  );
}

/** A day of UTC where the picture has that date, whatever the zone of who looks. */
function localMidnight(day: string): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date).getTime();
}

import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Overview } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { type Series, TimeSeries } from '../../components/time-series.tsx';
import { Panel } from './panel.tsx';
import { MEASURES, type Measure, ratesOf } from './rates.ts';

const LOOKS: Record<Measure, Pick<Series, 'tone' | 'look'>> = {
  accepted: { tone: 'info', look: 'area' },
  delivered: { tone: 'good' },
  deferred: { tone: 'warn' },
  bounced: { tone: 'bad', look: 'dashed' },
  refused: { tone: 'bad' },
  held: { tone: 'quiet', look: 'dashed' },
};

/** What was sent when. */
export function TrafficChart({ overview, height }: { overview: Overview; height?: number }) {
  const { t, i18n } = useTranslation('overview');
  const format = useFormat();
  const { unit, of } = useMemo(() => ratesOf(overview), [overview]);
  const series = useMemo(
    () =>
      MEASURES.map((measure) => ({ label: t(`measure.${measure}`), values: of(measure), ...LOOKS[measure] })),
    [t, of],
  );
  const small = useMemo(
    () => new Intl.NumberFormat(i18n.language, { maximumSignificantDigits: 2 }),
    [i18n.language],
  );
  const title = t(`rate.${unit}`);
  return (
    <Panel title={title} note={t(`window.${overview.window}`)}>
      <TimeSeries
        label={title}
        times={overview.series.at}
        series={series}
        height={height ?? 248}
        format={(value) => (value < 10 ? small.format(value) : format.compact(value))}
      />
    </Panel>
  );
}

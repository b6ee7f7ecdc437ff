import { Paper, SimpleGrid, Text, Title } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProvenDirectSendSender } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useWords } from '../../components/audit/words.ts';
import { TimeSeries } from '../../components/time-series.tsx';
import classes from './sender.module.css';

const DAY = 86_400_000;

/** When it sends. */
export function Rhythm({ sender: { days, rhythm } }: { sender: ProvenDirectSendSender }) {
  const { t } = useTranslation('direct-send-sender');
  const words = useWords();
  const format = useFormat();
  const chart = useMemo(() => {
    const known = Object.keys(days).map(Number);
    const last = Math.max(...known);
    const length = known.length === 0 ? 0 : Math.min(400, last - Math.min(...known) + 1);
    const numbers = Array.from({ length }, (_, index) => last - length + 1 + index);
    return {
      times: numbers.map((day) => day * DAY + DAY / 2),
      series: [{ label: t('rhythm.messages'), values: numbers.map((day) => days[day] ?? 0) }],
    };
  }, [days, t]);
  const most = Math.max(1, ...rhythm.hours);
  const busy = rhythm.hours.flatMap((count, hour) => (count > most / 2 ? [`${hour}:00`] : []));
  return (
    <Paper p="md" component="section" aria-labelledby="rhythm">
      <Title order={2} id="rhythm">
        {t('rhythm.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {t('rhythm.text', {
          pattern: words.rhythm[rhythm.pattern] ?? rhythm.pattern,
          days: t('rhythm.days', { count: rhythm.activeDays }),
          percent: format.percent(Math.round(rhythm.businessHours * 100) / 100),
        })}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
        {chart.times.length > 1 && (
          <TimeSeries label={t('rhythm.byDay')} times={chart.times} series={chart.series} height={120} />
        )}
        <figure style={{ margin: 0 }}>
          <div className={classes.hours} role="img" aria-label={t('rhythm.busy', { hours: busy.join(', ') })}>
            {rhythm.hours.map((count, hour) => (
              // biome-ignore lint: the hours of a day stay where they are
              <div
                key={hour}
                className={classes.hour}
                style={{ height: `${(count / most) * 100}%` }}
                title={`${hour}:00 – ${format.number(count)}`}
              />
            ))}
          </div>
          <div className={classes.hourNames} aria-hidden="true">
            <span>0</span>
            <span>6</span>
            <span>12</span>
            <span>18</span>
            <span>24</span>
          </div>
          <Text component="figcaption" size="xs" c="dimmed">
            {t('rhythm.byHour')}
          </Text>
        </figure>
      </SimpleGrid>
    </Paper>
  );
}

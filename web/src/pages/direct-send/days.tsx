import { Paper, Skeleton, Text, Title } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { TimeSeries } from '../../components/time-series.tsx';

const DAY = 86_400_000;

/** Direct Send by day. */
export function Days() {
  const { t } = useTranslation('direct-send');
  const { data, error, refetch } = useApiQuery('/audit/timeline');
  const items = data?.items;
  const chart = useMemo(() => {
    const first = items?.[0]?.day ?? 0;
    const last = items?.at(-1)?.day ?? -1;
    const known = new Map(items?.map((one) => [one.day, one]));
    // a day without a message is a zero, not a gap
    const days = Array.from(
      { length: Math.min(400, last - first + 1) },
      (_, index) => last - index,
    ).reverse();
    const of = (field: 'proven' | 'candidates' | 'abusive') =>
      days.map((day) => known.get(day)?.[field] ?? 0);
    return {
      // noon: the same date in nearly all zones
      times: days.map((day) => day * DAY + DAY / 2),
      series: [
        { label: t('days.proven'), values: of('proven'), tone: 'info' as const },
        { label: t('days.candidates'), values: of('candidates'), tone: 'warn' as const },
        { label: t('days.abusive'), values: of('abusive'), tone: 'bad' as const },
      ],
    };
  }, [items, t]);
  return (
    <Paper p="md">
      <Title order={2} mb={4}>
        {t('days.title')}
      </Title>
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {!items && !error && <Skeleton height={220} />}
      {items?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('days.none')}
        </Text>
      )}
      {items && items.length > 0 && (
        <>
          <TimeSeries label={t('days.title')} times={chart.times} series={chart.series} height={220} />
          <Text size="xs" c="dimmed">
            {t('days.note')}
          </Text>
        </>
      )}
    </Paper>
  );
}

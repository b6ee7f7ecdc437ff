import { Alert, SegmentedControl, Skeleton, Stack } from '@mantine/core';
import ShieldCheck from 'lucide-react/icons/shield-check';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { Group } from './group.tsx';
import classes from './edge-spoofs.module.css';

const DAY_MS = 86_400_000;
const DAYS = ['1', '7', '30'] as const;

/** Who tried to appear as somebody from inside: by client and by whom it posed as, the most attempts first. */
export default function EdgeSpoofsPage() {
  const { t } = useTranslation('edge-spoofs');
  const [{ days = '7', network }, setFilters] = useFilters(['days', 'network']);
  // to the minute, so that the question stays the same while it is looked at
  const since = useMemo(
    () => new Date(Math.floor(Date.now() / 60_000) * 60_000 - Number(days) * DAY_MS).toISOString(),
    [days],
  );
  const { data, error, refetch } = useApiQuery(
    '/edge/spoofs',
    { query: { since, network } },
    { refetchInterval: 30_000 },
  );
  return (
    <Stack gap="md">
      <PageHeader title={t('title')} description={t('description')} />
      <FilterBar
        values={{ network }}
        onChange={setFilters}
        filters={[
          {
            kind: 'search',
            name: 'network',
            label: t('network'),
            placeholder: '203.0.113.0/24',
            width: 220,
          },
        ]}
      >
        <SegmentedControl
          aria-label={t('period')}
          value={days}
          onChange={(value) => setFilters({ days: value === '7' ? undefined : value })}
          data={DAYS.map((value) => ({ value, label: t('days', { count: Number(value) }) }))}
        />
      </FilterBar>
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {data && !data.complete && <Alert color="yellow">{t('incomplete')}</Alert>}
      {!data && !error && <Waiting />}
      {data?.items.length === 0 && (
        <EmptyState icon={ShieldCheck} title={t('empty.title')}>
          {t(network === undefined ? 'empty.text' : 'empty.filtered')}
        </EmptyState>
      )}
      {data && data.items.length > 0 && (
        <ul className={classes.list} aria-label={t('title')}>
          {data.items.map((group) => (
            <Group key={`${group.network} ${group.imitates}`} group={group} since={since} />
          ))}
        </ul>
      )}
    </Stack>
  );
}

function Waiting() {
  return (
    <Stack gap="sm" aria-busy>
      {[1, 2, 3].map((one) => (
        <Skeleton key={one} height={92} radius="md" />
      ))}
    </Stack>
  );
}

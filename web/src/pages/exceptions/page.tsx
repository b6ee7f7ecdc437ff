import { Button, SegmentedControl, Stack, Text } from '@mantine/core';
import ShieldOff from 'lucide-react/icons/shield-off';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiPages } from '../../api/queries.ts';
import type { Exception } from '../../api/schema.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import {
  AddException,
  ExceptionState,
  LastUse,
  useExceptionTitle,
} from '../../components/exception-parts/exception-parts.tsx';
import { EXCEPTION_KINDS, keyOfKind } from '../../components/exception-parts/kinds.ts';
import { FilterBar } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { useFilters } from '../../components/use-filters.ts';

const STATES = ['open', 'ended', 'closed', 'all'] as const;
/** Days without a use, after which one is best ended. */
const UNUSED = ['30', '90'] as const;

/** All that is weak and allowed, the next to end first. */
export default function ExceptionsPage() {
  const { t } = useTranslation('exceptions');
  const { t: words } = useTranslation('exception-parts');
  const titleOf = useExceptionTitle();
  const [filters, setFilters] = useFilters(['source', 'kind', 'state', 'unused']);
  const state = STATES.find((one) => one === filters.state) ?? 'open';
  const list = useApiPages(
    '/exceptions',
    {
      query: {
        source: filters.source,
        kind: EXCEPTION_KINDS.find((one) => one === filters.kind),
        state,
        unusedDays: UNUSED.find((one) => one === filters.unused),
      },
    },
    { pageSize: 500 },
  );
  const rows = useMemo(() => list.rows?.toSorted(nextToEnd), [list.rows]);
  const columns: Column<Exception>[] = [
    {
      id: 'what',
      title: t('column.what'),
      width: 'minmax(220px, 2fr)',
      narrow: 'minmax(120px, 1fr)',
      cell: (one) => (
        <Text span size="sm" fw={550} title={`${titleOf(one)}\n${one.reason}`}>
          {titleOf(one)}
        </Text>
      ),
    },
    {
      id: 'state',
      title: t('column.state'),
      width: '110px',
      narrow: '96px',
      cell: (one) => <ExceptionState exception={one} />,
    },
    {
      id: 'ends',
      title: t('column.ends'),
      width: '140px',
      narrow: '104px',
      cell: ({ endedAt, endsAt }) => <TimeText at={endedAt ?? endsAt} />,
    },
    {
      id: 'used',
      title: t('column.used'),
      width: 'minmax(150px, 1fr)',
      wideOnly: true,
      cell: (one) => <LastUse exception={one} />,
    },
    {
      id: 'source',
      title: t('column.source'),
      width: 'minmax(120px, 1fr)',
      wideOnly: true,
      cell: ({ sourceName }) => sourceName,
    },
    {
      id: 'owner',
      title: t('column.owner'),
      width: 'minmax(150px, 1.2fr)',
      wideOnly: true,
      cell: ({ owner }) => owner,
    },
  ];
  return (
    <Stack gap="md">
      <PageHeader title={t('title')} description={t('description')} actions={<AddException />} />
      <FilterBar
        values={filters}
        onChange={setFilters}
        filters={[
          { kind: 'text', name: 'source', label: t('column.source') },
          {
            kind: 'choice',
            name: 'kind',
            label: words('kind'),
            width: 230,
            options: EXCEPTION_KINDS.map((value) => ({ value, label: words(`kinds.${keyOfKind(value)}`) })),
          },
          {
            kind: 'choice',
            name: 'unused',
            label: t('unused'),
            options: UNUSED.map((value) => ({ value, label: t('days', { count: Number(value) }) })),
          },
        ]}
      >
        <SegmentedControl
          aria-label={t('column.state')}
          value={state}
          onChange={(value) => setFilters({ state: value === 'open' ? undefined : value })}
          data={STATES.map((value) => ({ value, label: t(`state.${value}`) }))}
        />
      </FilterBar>
      <DataTable
        label={t('title')}
        columns={columns}
        {...list.table}
        rows={rows}
        rowKey={({ id }) => id}
        rowLink={({ id }) => ({ to: '/exceptions/$id', params: { id } })}
        empty={
          <EmptyState icon={ShieldOff} title={t('empty.title')}>
            {t(Object.keys(filters).length > 0 ? 'empty.filtered' : 'empty.text')}
          </EmptyState>
        }
      />
      {list.hasNextPage && (
        <div>
          <Button variant="default" loading={list.isFetchingNextPage} onClick={list.table.onMore}>
            {t('more')}
          </Button>
        </div>
      )}
    </Stack>
  );
}

/** What is in force first, the next to end on top; then what is over, the last to end on top. */
function nextToEnd(a: Exception, b: Exception): number {
  if (a.state === 'open' && b.state === 'open') return a.endsAt - b.endsAt;
  if (a.state !== 'open' && b.state !== 'open') return (b.endedAt ?? b.endsAt) - (a.endedAt ?? a.endsAt);
  return a.state === 'open' ? -1 : 1;
}

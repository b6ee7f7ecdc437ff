import { Alert, Drawer, Group as Row, Stack, Text } from '@mantine/core';
import ShieldCheck from 'lucide-react/icons/shield-check';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useEvents } from '../../api/events.ts';
import { useApiPages } from '../../api/queries.ts';
import type { RefusalGroup } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useLanguage } from '../../app/language.ts';
import { useSession } from '../../app/session.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useRefusalText } from '../../components/refusal-text/refusal-text.ts';
import { TimeText } from '../../components/time-text.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { GroupDetail } from './group-detail.tsx';
import { useSoon } from './use-soon.ts';
import classes from './refusals.module.css';

/** Who is refused, why, and what would change it: the worst first. */
export default function RefusalsPage() {
  const { t } = useTranslation('refusals');
  const format = useFormat();
  const refusalText = useRefusalText();
  const { who } = useSession();
  const [filters, setFilters] = useFilters(['source', 'network', 'code', 'since', 'until']);
  const [{ sort = 'count', group }, setView] = useFilters(['sort', 'group']);
  const order = sort === 'last' ? 'last' : 'count';
  const list = useApiPages('/refusal-groups', {
    query: { ...filters, sort: order, language: useLanguage() },
  });
  const again = useSoon(() => void list.refetch());
  useEvents(
    who.role === 'source-owner' ? undefined : { type: 'refusal,authentication-failure,tls-failure' },
    again,
    again,
  );
  const columns = useMemo<Column<RefusalGroup>[]>(
    () => [
      {
        id: 'code',
        title: t('column.code'),
        width: '76px',
        narrow: '68px',
        cell: ({ code }) => <span className={classes.code}>{code}</span>,
      },
      {
        id: 'what',
        title: t('column.what'),
        width: 'minmax(200px, 2fr)',
        narrow: 'minmax(0, 1.3fr)',
        cell: ({ code }) => <span title={refusalText(code)}>{refusalText(code)}</span>,
      },
      {
        id: 'who',
        title: t('column.who'),
        width: 'minmax(120px, 1.2fr)',
        narrow: 'minmax(0, 1fr)',
        cell: ({ sourceName, source, network }) => (
          <bdi title={sourceName ?? network}>{sourceName ?? source ?? network}</bdi>
        ),
      },
      {
        id: 'example',
        title: t('column.example'),
        width: 'minmax(160px, 2fr)',
        wideOnly: true,
        cell: ({ advice }) => (
          <bdi className={classes.often} title={advice.cause}>
            {advice.cause}
          </bdi>
        ),
      },
      {
        id: 'last',
        title: t('column.last'),
        width: '120px',
        wideOnly: true,
        sort: 'last',
        cell: ({ last }) => <TimeText at={last} />,
      },
      {
        id: 'count',
        title: t('column.count'),
        width: '88px',
        narrow: '78px',
        align: 'right',
        sort: 'count',
        cell: ({ count }) => format.number(count),
      },
    ],
    [t, format, refusalText],
  );
  const shown = list.rows?.find((one) => one.group === group);
  const complete = (list.data?.pages as { complete?: boolean }[] | undefined)?.[0]?.complete;
  const code = shown?.code ?? group?.slice(group.lastIndexOf(':') + 1) ?? '';
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <Stack gap="md">
      <PageHeader title={t('title')} description={t('description')} />
      <FilterBar
        values={filters}
        onChange={setFilters}
        filters={[
          { kind: 'search', name: 'source', label: t('filter.source'), placeholder: t('filter.sourceHelp') },
          { kind: 'text', name: 'network', label: t('filter.network'), placeholder: '10.1.0.0/16' },
          { kind: 'text', name: 'code', label: t('filter.code'), placeholder: 'S402', width: 110 },
          { kind: 'time', name: 'since', label: t('filter.since'), width: 200 },
          { kind: 'time', name: 'until', label: t('filter.until'), width: 200 },
        ]}
      />
      {complete === false && <Alert color="orange">{t('incomplete')}</Alert>}
      <DataTable
        label={t('title')}
        columns={columns}
        {...list.table}
        rowKey={(row) => row.group}
        onRow={(row) => setView({ group: row.group })}
        sort={`-${order}`}
        onSort={(wanted) => setView({ sort: wanted.replace(/^-/, '') === 'last' ? 'last' : undefined })}
        empty={
          <EmptyState icon={ShieldCheck} title={t(isFiltered ? 'empty.filtered' : 'empty.title')}>
            {t(isFiltered ? 'empty.filteredText' : 'empty.text')}
          </EmptyState>
        }
      />
      <Drawer
        opened={group !== undefined}
        onClose={() => setView({ group: undefined })}
        position="right"
        size="xl"
        title={
          <Row gap={8} wrap="nowrap">
            <span className={classes.code}>{code}</span>
            <Text fw={600}>{refusalText(code)}</Text>
          </Row>
        }
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {group !== undefined && <GroupDetail name={group} since={filters.since} until={filters.until} />}
      </Drawer>
    </Stack>
  );
}

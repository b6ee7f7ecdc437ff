import { Button, Group, Menu, Stack, Tabs } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import Download from 'lucide-react/icons/download';
import FileUp from 'lucide-react/icons/file-up';
import Plus from 'lucide-react/icons/plus';
import Send from 'lucide-react/icons/send';
import { lazy, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf } from '../../api/client.ts';
import { useApiPages, useApiQuery } from '../../api/queries.ts';
import { useCan } from '../../app/session.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Piece } from '../../components/piece.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { BulkBar } from './bulk-bar.tsx';
import { columnsOf } from './columns.tsx';
import { conditionsOf, FILTERS, KINDS } from './filters.ts';
import { StateChips } from './state-chips.tsx';

const ImportDialog = lazy(() => import('./import-dialog.tsx'));
const Requests = lazy(() => import('./requests.tsx'));

/** Everybody who may send. */
export default function SourcesPage() {
  const { t } = useTranslation('sources');
  const [{ sort = 'name', view, ...filters }, setFilters] = useFilters([...FILTERS, 'sort', 'view']);
  const mayAct = useCan('operator');
  const counts = useApiQuery('/source-counts', {}, { refetchInterval: 30_000 });
  const conditions = conditionsOf(filters);
  const list = useApiPages('/sources', { query: { ...conditions, sort: sort as 'name' } }, { pageSize: 200 });
  const [selected, setSelected] = useState<Set<string | number>>(new Set());
  const [isImporting, setImporting] = useState(false);
  const columns = useMemo(() => columnsOf(t), [t]);
  const isFiltered = FILTERS.some((name) => filters[name] !== undefined);
  const change = (changes: Record<string, string | undefined>) => {
    setSelected(new Set());
    setFilters(changes);
  };
  const requests = counts.data?.requests ?? 0;
  const hasTabs = requests > 0 || view === 'requests';
  return (
    <Stack gap="md">
      <PageHeader
        title={t('title')}
        description={t('description')}
        actions={
          <>
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default" leftSection={<Download size={15} aria-hidden />}>
                  {t('export.open')}
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {(['csv', 'json'] as const).map((format) => (
                  <Menu.Item
                    key={format}
                    component="a"
                    download
                    href={addressOf('/sources/export', {}, { ...conditions, format })}
                  >
                    {t(`export.${format}`)}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
            {mayAct && (
              <Button
                variant="default"
                leftSection={<FileUp size={15} aria-hidden />}
                onClick={() => setImporting(true)}
              >
                {t('import.open')}
              </Button>
            )}
            <Button component={Link} to="/new-source" leftSection={<Plus size={15} aria-hidden />}>
              {t(mayAct ? 'add' : 'ask')}
            </Button>
          </>
        }
      />
      {hasTabs && (
        <Tabs
          value={view === 'requests' ? 'requests' : 'all'}
          onChange={(chosen) => change({ view: chosen === 'requests' ? 'requests' : undefined })}
        >
          <Tabs.List>
            <Tabs.Tab value="all">{t('view.all')}</Tabs.Tab>
            <Tabs.Tab value="requests">{t('view.requests', { count: requests })}</Tabs.Tab>
          </Tabs.List>
        </Tabs>
      )}
      {view === 'requests' ? (
        <Piece>
          <Requests />
        </Piece>
      ) : (
        <>
          {counts.data && <StateChips counts={counts.data} filters={filters} onChange={change} />}
          <FilterBar
            values={filters}
            onChange={change}
            filters={[
              {
                kind: 'search',
                name: 'search',
                label: t('filter.search'),
                placeholder: t('filter.searchHelp'),
                width: 300,
              },
              {
                kind: 'choice',
                name: 'tag',
                label: t('filter.tag'),
                options: tagOptions(counts.data?.tags ?? [], filters.tag),
                width: 160,
              },
              {
                kind: 'choice',
                name: 'credential',
                label: t('filter.credential'),
                options: KINDS.map((value) => ({ value, label: t(`kind.${value}`) })),
                width: 170,
              },
              {
                kind: 'text',
                name: 'owner',
                label: t('filter.owner'),
                placeholder: t('filter.ownerHelp'),
                width: 200,
              },
              {
                kind: 'choice',
                name: 'unused',
                label: t('filter.unused'),
                options: ['1', '7', '30', '90', '365'].map((value) => ({
                  value,
                  label: t('filter.days', { count: Number(value) }),
                })),
                width: 150,
              },
            ]}
          />
          {mayAct && selected.size > 0 && (
            <BulkBar
              rows={list.rows ?? []}
              selected={selected}
              conditions={isFiltered ? conditions : undefined}
              hasMore={list.hasNextPage}
              onClear={() => setSelected(new Set())}
            />
          )}
          <DataTable
            label={t('title')}
            columns={columns}
            {...list.table}
            rowKey={({ name }) => name}
            rowLink={({ name }) => ({ to: '/sources/$name/{-$tab}', params: { name } })}
            total={isFiltered ? undefined : counts.data?.total}
            sort={sort}
            onSort={(wanted) => setFilters({ sort: wanted === 'name' ? undefined : wanted })}
            selected={mayAct ? selected : undefined}
            onSelected={mayAct ? setSelected : undefined}
            maxHeight={`max(280px, calc(100dvh - ${hasTabs ? 388 : 328}px))`}
            empty={
              <EmptyState
                icon={Send}
                title={t(isFiltered ? 'empty.filtered' : 'empty.title')}
                action={
                  !isFiltered && (
                    <Group gap="xs" justify="center">
                      <Button component={Link} to="/new-source">
                        {t(mayAct ? 'add' : 'ask')}
                      </Button>
                    </Group>
                  )
                }
              >
                {t(isFiltered ? 'empty.filteredText' : mayAct ? 'empty.text' : 'empty.own')}
              </EmptyState>
            }
          />
        </>
      )}
      <Piece>{isImporting && <ImportDialog onClose={() => setImporting(false)} />}</Piece>
    </Stack>
  );
}

/** The tags that there are, and the one that is asked for. */
function tagOptions(tags: { tag: string; count: number }[], wanted: string | undefined) {
  const options = tags.map(({ tag, count }) => ({ value: tag, label: `${tag} (${count})` }));
  if (wanted !== undefined && !tags.some(({ tag }) => tag === wanted)) {
    options.unshift({ value: wanted, label: wanted });
  }
  return options;
}

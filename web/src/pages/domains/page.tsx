import { Button, Stack } from '@mantine/core';
import Globe from 'lucide-react/icons/globe';
import Plus from 'lucide-react/icons/plus';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import type { Domain } from '../../api/schema.ts';
import { Can } from '../../app/session.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { AddDomain } from './add-domain.tsx';

/** Domains that the relay signs for, with what is to do about each. */
export default function DomainsPage() {
  const { t } = useTranslation('domains');
  const [filters, setFilters] = useFilters(['search']);
  const list = useApiQuery('/domains');
  const [isAdding, setAdding] = useState(false);
  const wanted = filters.search?.toLowerCase() ?? '';
  const rows = useMemo(
    () =>
      list.data?.items
        .filter(({ name }) => name.includes(wanted))
        .sort((a, b) => urgency(b) - urgency(a) || a.name.localeCompare(b.name)),
    [list.data, wanted],
  );
  const columns = useMemo<Column<Domain>[]>(
    () => [
      {
        id: 'name',
        title: t('column.name'),
        width: 'minmax(180px, 2fr)',
        narrow: 'minmax(0, 1fr)',
        cell: ({ name }) => <span style={{ fontWeight: 550 }}>{name}</span>,
      },
      {
        id: 'dns',
        title: t('column.dns'),
        width: '130px',
        narrow: '110px',
        cell: (domain) =>
          isPublished(domain) ? (
            <StateBadge tone="good">{t('dns.published')}</StateBadge>
          ) : (
            <StateBadge tone="warn">{t('dns.missing')}</StateBadge>
          ),
      },
      {
        id: 'rotation',
        title: t('column.rotation'),
        width: 'minmax(190px, 1.4fr)',
        wideOnly: true,
        cell: (domain) => {
          const step = rotationStep(domain);
          return step === 'none' ? (
            t('rotation.none')
          ) : (
            <StateBadge tone={step === 'retiring' ? 'quiet' : 'info'}>{t(`rotation.${step}`)}</StateBadge>
          );
        },
      },
      {
        id: 'key',
        title: t('column.key'),
        width: 'minmax(140px, 1fr)',
        wideOnly: true,
        cell: ({ keys }) => keysThatSign(keys),
      },
      {
        id: 'internal',
        title: t('column.internal'),
        width: '90px',
        wideOnly: true,
        cell: ({ internal }) => t(internal ? 'yes' : 'no'),
      },
      {
        id: 'added',
        title: t('column.added'),
        width: '120px',
        wideOnly: true,
        cell: ({ createdAt }) => <TimeText at={createdAt} />,
      },
    ],
    [t],
  );
  const addButton = (
    <Can role="operator">
      <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => setAdding(true)}>
        {t('add.open')}
      </Button>
    </Can>
  );
  const isEmpty = list.data?.items.length === 0;
  return (
    <Stack gap="md">
      <PageHeader title={t('title')} description={t('description')} actions={!isEmpty && addButton} />
      {!isEmpty && (
        <FilterBar
          values={filters}
          onChange={setFilters}
          filters={[{ kind: 'search', name: 'search', label: t('search') }]}
        />
      )}
      <DataTable
        label={t('title')}
        columns={columns}
        rows={rows}
        rowKey={({ name }) => name}
        rowLink={({ name }) => ({ to: '/domains/$domain', params: { domain: name } })}
        error={list.error}
        onRetry={() => void list.refetch()}
        empty={
          isEmpty ? (
            <EmptyState icon={Globe} title={t('empty.title')} action={addButton}>
              {t('empty.text')}
            </EmptyState>
          ) : (
            <EmptyState icon={Globe} title={t('nothing')} />
          )
        }
      />
      {isAdding && <AddDomain onClose={() => setAdding(false)} />}
    </Stack>
  );
}

function keysThatSign(keys: Domain['keys']): string {
  return keys
    .filter(({ stage }) => stage === 'active')
    .map(({ selector }) => selector)
    .join(', ');
}

function isPublished({ keys }: Domain): boolean {
  return keys.every(({ stage, publishedAt }) => stage !== 'active' || publishedAt !== undefined);
}

/** What a rotation waits for, the most urgent of several. */
function rotationStep({ keys }: Domain): 'publish' | 'ready' | 'retiring' | 'none' {
  const next = keys.filter(({ stage }) => stage === 'next');
  if (next.some(({ publishedAt }) => publishedAt !== undefined)) return 'ready';
  if (next.length > 0) return 'publish';
  return keys.some(({ stage }) => stage === 'retiring') ? 'retiring' : 'none';
}

/** What nobody can verify comes first, then what waits for somebody. */
function urgency(domain: Domain): number {
  if (!isPublished(domain)) return 4;
  return { ready: 3, publish: 2, retiring: 1, none: 0 }[rotationStep(domain)];
}

import { Alert, Button, Drawer, Group, Stack, Text } from '@mantine/core';
import Download from 'lucide-react/icons/download';
import ScrollText from 'lucide-react/icons/scroll-text';
import ShieldCheck from 'lucide-react/icons/shield-check';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { useApiPages } from '../../api/queries.ts';
import type { AuditEntry } from '../../api/schema.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { EntryDetail } from './entry-detail.tsx';
import { exportEntries } from './export-entries.ts';
import { Verification } from './verification.tsx';

/** Who did what, newest first. */
export default function AuditLogPage() {
  const { t } = useTranslation('audit-log');
  const api = useApi();
  const [filters, setFilters] = useFilters(['actor', 'source', 'since', 'until']);
  const list = useApiPages('/audit-log', { query: filters });
  const [shown, setShown] = useState<AuditEntry>();
  const [isVerifying, setVerifying] = useState(false);
  const [exporting, setExporting] = useState<number>();
  const [failure, setFailure] = useState<unknown>();

  const columns = useMemo<Column<AuditEntry>[]>(
    () => [
      {
        id: 'at',
        title: t('column.at'),
        width: '130px',
        narrow: '92px',
        cell: ({ at }) => <TimeText at={at} />,
      },
      {
        id: 'actor',
        title: t('column.actor'),
        width: 'minmax(140px, 1.4fr)',
        narrow: 'minmax(0, 1fr)',
        cell: ({ actor }) => actor.name,
      },
      {
        id: 'action',
        title: t('column.action'),
        width: 'minmax(180px, 2.4fr)',
        narrow: 'minmax(0, 1.4fr)',
        cell: ({ action }) => action,
      },
      {
        id: 'network',
        title: t('column.network'),
        width: '150px',
        wideOnly: true,
        cell: ({ network }) => network,
      },
      {
        id: 'sequence',
        title: t('column.sequence'),
        width: '80px',
        align: 'right',
        wideOnly: true,
        cell: ({ sequence }) => sequence,
      },
    ],
    [t],
  );
  const download = async () => {
    setFailure(undefined);
    setExporting(0);
    try {
      await exportEntries(api, setExporting);
    } catch (error) {
      setFailure(error);
    } finally {
      setExporting(undefined);
    }
  };
  return (
    <Stack gap="md">
      <PageHeader
        title={t('title')}
        description={t('description')}
        actions={
          <>
            <Button
              variant="default"
              leftSection={<Download size={15} aria-hidden />}
              loading={exporting !== undefined}
              onClick={() => void download()}
            >
              {t('export')}
            </Button>
            <Button leftSection={<ShieldCheck size={15} aria-hidden />} onClick={() => setVerifying(true)}>
              {t('verify.open')}
            </Button>
          </>
        }
      />
      {failure instanceof Error && (
        <Alert
          color="red"
          withCloseButton
          closeButtonLabel={t('close')}
          onClose={() => setFailure(undefined)}
        >
          {failure.message}
        </Alert>
      )}
      <FilterBar
        values={filters}
        onChange={setFilters}
        filters={[
          { kind: 'search', name: 'actor', label: t('filter.actor'), placeholder: t('filter.actorHelp') },
          { kind: 'text', name: 'source', label: t('filter.source') },
          { kind: 'time', name: 'since', label: t('filter.since'), width: 210 },
          { kind: 'time', name: 'until', label: t('filter.until'), width: 210 },
        ]}
      />
      <DataTable
        label={t('title')}
        columns={columns}
        {...list.table}
        rowKey={({ sequence }) => sequence}
        onRow={setShown}
        empty={
          <EmptyState icon={ScrollText} title={t('empty.title')}>
            {t(Object.keys(filters).length > 0 ? 'empty.filtered' : 'empty.text')}
          </EmptyState>
        }
      />
      <Drawer
        opened={shown !== undefined}
        onClose={() => setShown(undefined)}
        position="right"
        size="lg"
        title={
          <Group gap={6}>
            <Text fw={600}>{t('entry', { number: shown?.sequence })}</Text>
          </Group>
        }
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {shown && <EntryDetail entry={shown} />}
      </Drawer>
      {isVerifying && <Verification onClose={() => setVerifying(false)} />}
    </Stack>
  );
}

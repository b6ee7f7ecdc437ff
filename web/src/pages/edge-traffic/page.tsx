import { Button, Drawer, Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import MailQuestion from 'lucide-react/icons/mail-question-mark';
import ShieldCheck from 'lucide-react/icons/shield-check';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEvents } from '../../api/events.ts';
import { useApiPages, useApiQuery } from '../../api/queries.ts';
import type { EdgeMessage } from '../../api/schema.ts';
import { useLanguage } from '../../app/language.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { columnsOf } from './columns.tsx';
import { FILTERS, filtersOf, queryOf } from './filters.ts';
import { Health } from './health.tsx';
import { MessageDetail } from './message-detail.tsx';

/** At most so often the list is read again while mail comes in. */
const RENEW_MS = 3000;

/** What came to the edge: who sent it, what that proved, what became of it and why. */
export default function EdgeTrafficPage() {
  const { t } = useTranslation('edge-traffic');
  const [filters, setFilters] = useFilters(FILTERS);
  const language = useLanguage();
  const list = useApiPages('/edge/messages', { query: { ...queryOf(filters), language } });
  const status = useApiQuery('/edge/status', { query: { language } }, { refetchInterval: 30_000 });
  const [shown, setShown] = useState<EdgeMessage>();
  const renew = useRenewal();
  useEvents({ type: 'acceptance,refusal' }, renew, renew);
  const columns = useMemo(() => columnsOf(t), [t]);
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <Stack gap="md">
      <PageHeader
        title={t('title')}
        description={t('description')}
        actions={
          <Button
            component={Link}
            to="/edge/what-if"
            variant="default"
            leftSection={<MailQuestion size={15} aria-hidden />}
          >
            {t('whatIf')}
          </Button>
        }
      />
      <Health status={status.data} error={status.error} onRetry={() => void status.refetch()} />
      <FilterBar values={filters} onChange={setFilters} filters={filtersOf(t, filters)} />
      <DataTable
        label={t('title')}
        columns={columns}
        {...list.table}
        rowKey={({ id }) => id}
        onRow={setShown}
        maxHeight="max(320px, calc(100dvh - 380px))"
        empty={
          <EmptyState icon={ShieldCheck} title={t(list.hasNextPage ? 'empty.looking' : 'empty.title')}>
            {t(isFiltered ? 'empty.filtered' : 'empty.text')}
          </EmptyState>
        }
      />
      <Drawer
        opened={shown !== undefined}
        onClose={() => setShown(undefined)}
        position="right"
        size="lg"
        title={t('detail.title')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {shown && <MessageDetail message={shown} onLeave={() => setShown(undefined)} />}
      </Drawer>
    </Stack>
  );
}

/** Reads the list again, soon and not too often. */
function useRenewal(): () => void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  return () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void queries.invalidateQueries({ queryKey: ['/edge/messages'] });
    }, RENEW_MS);
  };
}

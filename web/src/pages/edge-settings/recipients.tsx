import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import FileUp from 'lucide-react/icons/file-up';
import Plus from 'lucide-react/icons/plus';
import Users from 'lucide-react/icons/users';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiPages, useApiQuery } from '../../api/queries.ts';
import type { EdgeRecipient } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { Can, useCan } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { AddRecipient } from './add-recipient.tsx';
import { ImportRecipients } from './import-recipients.tsx';
import { RowActions } from './row-actions.tsx';

const STALE = ['/edge/recipients', '/edge/domains', '/edge/status'];

/** Who there is in the accepted domains, as far as it is listed here. */
export function Recipients() {
  const { t } = useTranslation('edge-settings');
  const format = useFormat();
  const may = useCan('operator');
  const [filters, setFilters] = useFilters(['search', 'domain']);
  const list = useApiPages('/edge/recipients', { query: filters }, { pageSize: 500 });
  const status = useApiQuery('/edge/status');
  const domains = useApiQuery('/edge/domains');
  const [opened, setOpened] = useState<'add' | 'import'>();
  const [removed, setRemoved] = useState<string>();
  const remove = useApiMutation('delete', '/edge/recipients/{address}', STALE);
  const put = useApiMutation('put', '/edge/recipients/{address}', STALE);
  const columns = useMemo<Column<EdgeRecipient>[]>(
    () => [
      {
        id: 'address',
        title: t('recipient.address'),
        width: 'minmax(0, 1fr)',
        cell: ({ address }) => address,
      },
      ...(may
        ? [
            {
              id: 'actions',
              title: '',
              width: '60px',
              align: 'right' as const,
              cell: ({ address }: EdgeRecipient) => (
                <RowActions name={address} onRemove={() => setRemoved(address)} />
              ),
            },
          ]
        : []),
    ],
    [t, may],
  );
  const elsewhere = status.data?.recipients.sources.filter(({ name }) => name !== 'list') ?? [];
  const isFiltered = Object.keys(filters).length > 0;
  const hasDomains = (domains.data?.items.length ?? 0) > 0;
  const actions = (
    <Can role="operator">
      <Group gap="xs">
        <Button
          variant="default"
          leftSection={<Plus size={15} aria-hidden />}
          disabled={!hasDomains}
          onClick={() => setOpened('add')}
        >
          {t('recipient.add')}
        </Button>
        <Button
          leftSection={<FileUp size={15} aria-hidden />}
          disabled={!hasDomains}
          onClick={() => setOpened('import')}
        >
          {t('recipient.import')}
        </Button>
      </Group>
    </Can>
  );
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={620}>
          {t('recipient.description')}
          {status.data && (
            <>
              {' '}
              {t('recipient.listed', {
                count: status.data.recipients.listed,
                number: format.number(status.data.recipients.listed),
              })}
            </>
          )}
        </Text>
        {actions}
      </Group>
      {elsewhere.map(({ name, problem }) => (
        <Alert key={name} color={problem === undefined ? 'green' : 'red'}>
          {problem === undefined
            ? t('recipient.alsoAsked', { name: t(`recipient.${name}`, { defaultValue: name }) })
            : t('recipient.silent', { name: t(`recipient.${name}`, { defaultValue: name }), problem })}
        </Alert>
      ))}
      <FilterBar
        values={filters}
        onChange={setFilters}
        filters={[
          { kind: 'search', name: 'search', label: t('recipient.search') },
          {
            kind: 'choice',
            name: 'domain',
            label: t('recipient.domain'),
            options: (domains.data?.items ?? []).map(({ name }) => ({ value: name, label: name })),
          },
        ]}
      />
      <DataTable
        label={t('tab.recipients')}
        columns={columns}
        {...list.table}
        rowKey={({ address }) => address}
        maxHeight="max(320px, calc(100dvh - 400px))"
        empty={
          <EmptyState icon={Users} title={t(isFiltered ? 'recipient.nothing' : 'recipient.empty')}>
            {t(
              isFiltered
                ? 'recipient.nothingText'
                : hasDomains
                  ? 'recipient.emptyText'
                  : 'recipient.noDomain',
            )}
          </EmptyState>
        }
      />
      {opened === 'add' && <AddRecipient onClose={() => setOpened(undefined)} />}
      {opened === 'import' && <ImportRecipients onClose={() => setOpened(undefined)} />}
      <ConfirmAction
        opened={removed !== undefined}
        onClose={() => setRemoved(undefined)}
        title={t('recipient.removeTitle', { name: removed })}
        verb={t('remove')}
        danger
        run={async () => {
          if (removed !== undefined) await remove.mutateAsync({ params: { address: removed } });
        }}
        done={t('recipient.removed', { name: removed })}
        undo={removed === undefined ? undefined : () => put.mutateAsync({ params: { address: removed } })}
      >
        <Text size="sm">{t('recipient.removeText')}</Text>
      </ConfirmAction>
    </Stack>
  );
}

import { Button, Group, Stack, Text } from '@mantine/core';
import Globe from 'lucide-react/icons/globe';
import Plus from 'lucide-react/icons/plus';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { AcceptedDomain } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { Can, useCan } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { DomainForm } from './domain-form.tsx';
import { RowActions } from './row-actions.tsx';

const STALE = ['/edge/domains', '/edge/status', '/edge/recipients'];

/** Whose mail is taken. */
export function Domains() {
  const { t } = useTranslation('edge-settings');
  const format = useFormat();
  const may = useCan('operator');
  const { data, error, refetch } = useApiQuery('/edge/domains');
  const [edited, setEdited] = useState<AcceptedDomain | 'new'>();
  const [removed, setRemoved] = useState<AcceptedDomain>();
  const remove = useApiMutation('delete', '/edge/domains/{name}', STALE);
  const put = useApiMutation('put', '/edge/domains/{name}', STALE);
  const columns = useMemo<Column<AcceptedDomain>[]>(
    () => [
      { id: 'name', title: t('domain.name'), width: 'minmax(0, 2fr)', cell: ({ name }) => name },
      {
        id: 'type',
        title: t('domain.type'),
        width: 'minmax(120px, 1fr)',
        cell: ({ type }) => t(`domain.${type}.label`),
      },
      {
        id: 'sub',
        title: t('domain.subdomains'),
        width: '130px',
        wideOnly: true,
        cell: ({ matchSubDomains }) => t(matchSubDomains ? 'yes' : 'no'),
      },
      {
        id: 'recipients',
        title: t('domain.recipients'),
        width: '140px',
        narrow: '84px',
        align: 'right',
        cell: ({ recipients, type }) =>
          recipients === 0 && type === 'authoritative' ? (
            <StateBadge tone="warn">{t('domain.nobody')}</StateBadge>
          ) : (
            format.number(recipients)
          ),
      },
      ...(may
        ? [
            {
              id: 'actions',
              title: '',
              width: '84px',
              align: 'right' as const,
              cell: (domain: AcceptedDomain) => (
                <RowActions
                  name={domain.name}
                  onEdit={() => setEdited(domain)}
                  onRemove={() => setRemoved(domain)}
                />
              ),
            },
          ]
        : []),
    ],
    [t, format, may],
  );
  const add = (
    <Can role="operator">
      <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => setEdited('new')}>
        {t('domain.add')}
      </Button>
    </Can>
  );
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={620}>
          {t('domain.description')}
        </Text>
        {data && data.items.length > 0 && add}
      </Group>
      <DataTable
        label={t('tab.domains')}
        columns={columns}
        rows={data?.items}
        rowKey={({ name }) => name}
        onRow={may ? setEdited : undefined}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <EmptyState icon={Globe} title={t('domain.empty')} action={add}>
            {t('domain.emptyText')}
          </EmptyState>
        }
      />
      {edited && <DomainForm domain={edited} onClose={() => setEdited(undefined)} />}
      <ConfirmAction
        opened={removed !== undefined}
        onClose={() => setRemoved(undefined)}
        title={t('domain.removeTitle', { name: removed?.name })}
        verb={t('remove')}
        danger
        run={async () => {
          if (!removed) return;
          await remove.mutateAsync({
            params: { name: removed.name },
            query: { recipients: removed.recipients > 0 ? 'remove' : 'keep' },
          });
        }}
        done={t('domain.removed', { name: removed?.name })}
        undo={
          removed && removed.recipients === 0
            ? () =>
                put.mutateAsync({
                  params: { name: removed.name },
                  body: { type: removed.type, matchSubDomains: removed.matchSubDomains },
                })
            : undefined
        }
      >
        <Text size="sm">{t('domain.removeText')}</Text>
        {removed && removed.recipients > 0 && (
          <Text size="sm" mt="xs" fw={600}>
            {t('domain.removeRecipients', {
              count: removed.recipients,
              number: format.number(removed.recipients),
            })}
          </Text>
        )}
      </ConfirmAction>
    </Stack>
  );
}

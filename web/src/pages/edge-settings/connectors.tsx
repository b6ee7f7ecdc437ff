import { Button, Group, Stack, Text } from '@mantine/core';
import Cable from 'lucide-react/icons/cable';
import Plus from 'lucide-react/icons/plus';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { InboundConnector } from '../../api/schema.ts';
import { Can, useCan } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { ConnectorForm } from './connector-form.tsx';
import { RowActions } from './row-actions.tsx';

const STALE = ['/edge/connectors', '/edge/status'];

/** Who is known by certificate or address. */
export function Connectors() {
  const { t } = useTranslation('edge-settings');
  const may = useCan('operator');
  const { data, error, refetch } = useApiQuery('/edge/connectors');
  const [edited, setEdited] = useState<InboundConnector | 'new'>();
  const [removed, setRemoved] = useState<InboundConnector>();
  const remove = useApiMutation('delete', '/edge/connectors/{name}', STALE);
  const put = useApiMutation('put', '/edge/connectors/{name}', STALE);
  const columns = useMemo<Column<InboundConnector>[]>(
    () => [
      { id: 'name', title: t('connector.name'), width: 'minmax(0, 1.4fr)', cell: ({ name }) => name },
      {
        id: 'state',
        title: t('connector.state'),
        width: '96px',
        cell: ({ enabled }) => (
          <StateBadge tone={enabled ? 'good' : 'quiet'}>
            {t(enabled ? 'connector.on' : 'connector.off')}
          </StateBadge>
        ),
      },
      {
        id: 'type',
        title: t('connector.type'),
        width: '140px',
        wideOnly: true,
        cell: ({ type }) => t(`connector.${type}.label`),
      },
      {
        id: 'known',
        title: t('connector.known'),
        width: 'minmax(0, 1.6fr)',
        wideOnly: true,
        cell: ({ certificateName, senderAddresses }) => {
          const known = [certificateName, ...senderAddresses].filter(Boolean).join(', ');
          return known === '' ? (
            <StateBadge tone="warn">{t('connector.nobody')}</StateBadge>
          ) : (
            <span title={known}>{known}</span>
          );
        },
      },
      {
        id: 'senders',
        title: t('connector.senderDomains'),
        width: 'minmax(0, 1.2fr)',
        wideOnly: true,
        cell: ({ senderDomains, type }) =>
          type === 'on-premises' || senderDomains.join() === '*'
            ? t('connector.all')
            : senderDomains.join(', '),
      },
      {
        id: 'restricts',
        title: t('connector.restricts'),
        width: '150px',
        wideOnly: true,
        cell: (connector) =>
          [
            connector.restrictToCertificate && t('connector.certificateOnly'),
            connector.restrictToAddresses && t('connector.addressesOnly'),
          ]
            .filter(Boolean)
            .join(', ') || '–',
      },
      ...(may
        ? [
            {
              id: 'actions',
              title: '',
              width: '84px',
              align: 'right' as const,
              cell: (connector: InboundConnector) => (
                <RowActions
                  name={connector.name}
                  onEdit={() => setEdited(connector)}
                  onRemove={() => setRemoved(connector)}
                />
              ),
            },
          ]
        : []),
    ],
    [t, may],
  );
  const add = (
    <Can role="operator">
      <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => setEdited('new')}>
        {t('connector.add')}
      </Button>
    </Can>
  );
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={620}>
          {t('connector.description')}
        </Text>
        {data && data.items.length > 0 && add}
      </Group>
      <DataTable
        label={t('tab.connectors')}
        columns={columns}
        rows={data?.items}
        rowKey={({ name }) => name}
        onRow={may ? setEdited : undefined}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <EmptyState icon={Cable} title={t('connector.empty')} action={add}>
            {t('connector.emptyText')}
          </EmptyState>
        }
      />
      {edited && <ConnectorForm connector={edited} onClose={() => setEdited(undefined)} />}
      <ConfirmAction
        opened={removed !== undefined}
        onClose={() => setRemoved(undefined)}
        title={t('connector.removeTitle', { name: removed?.name })}
        verb={t('remove')}
        danger
        run={async () => {
          if (removed) await remove.mutateAsync({ params: { name: removed.name } });
        }}
        done={t('connector.removed', { name: removed?.name })}
        undo={
          removed &&
          (() => {
            const { name, ...body } = removed;
            return put.mutateAsync({ params: { name }, body });
          })
        }
      >
        <Text size="sm">{t('connector.removeText')}</Text>
      </ConfirmAction>
    </Stack>
  );
}

import { ActionIcon, Button, Stack, Text } from '@mantine/core';
import KeyRound from 'lucide-react/icons/key-round';
import Plus from 'lucide-react/icons/plus';
import Trash2 from 'lucide-react/icons/trash-2';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { Token } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { MakeToken } from './make-token.tsx';

/** Tokens for programs: one's own, for owners all. */
export default function TokensPage() {
  const { t } = useTranslation('tokens');
  const format = useFormat();
  const list = useApiQuery('/tokens');
  const revoke = useApiMutation('delete', '/tokens/{token}', ['/tokens']);
  const [isMaking, setMaking] = useState(false);
  const [revoked, setRevoked] = useState<Token>();
  const columns = useMemo<Column<Token>[]>(
    () => [
      {
        id: 'name',
        title: t('column.name'),
        width: 'minmax(160px, 1.4fr)',
        narrow: 'minmax(0, 1fr)',
        cell: ({ name }) => <span style={{ fontWeight: 550 }}>{name}</span>,
      },
      {
        id: 'of',
        title: t('column.of'),
        width: 'minmax(140px, 1fr)',
        wideOnly: true,
        cell: ({ person }) => person ?? t('ofRelay'),
      },
      {
        id: 'role',
        title: t('column.role'),
        width: '140px',
        wideOnly: true,
        cell: ({ role }) => t(`role.${role}`),
      },
      {
        id: 'limits',
        title: t('column.limits'),
        width: 'minmax(140px, 1fr)',
        wideOnly: true,
        cell: ({ sources = [], groups = [] }) => [...sources, ...groups].join(', ') || t('all'),
      },
      {
        id: 'expires',
        title: t('column.expires'),
        width: '120px',
        narrow: '104px',
        cell: ({ expiresAt }) =>
          expiresAt <= Date.now() ? (
            <StateBadge tone="quiet">{t('ended')}</StateBadge>
          ) : (
            <TimeText at={expiresAt} />
          ),
      },
      {
        id: 'used',
        title: t('column.used'),
        width: '120px',
        wideOnly: true,
        cell: ({ lastUsedAt }) => (lastUsedAt === undefined ? t('never') : <TimeText at={lastUsedAt} />),
      },
      {
        id: 'actions',
        title: '',
        width: '44px',
        cell: (token) => (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('revoke.open', { name: token.name })}
            onClick={() => setRevoked(token)}
          >
            <Trash2 size={15} aria-hidden />
          </ActionIcon>
        ),
      },
    ],
    [t],
  );
  const makeButton = (
    <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => setMaking(true)}>
      {t('make')}
    </Button>
  );
  const isEmpty = list.data?.items.length === 0;
  return (
    <Stack gap="md">
      <PageHeader title={t('title')} description={t('description')} actions={!isEmpty && makeButton} />
      <DataTable
        label={t('title')}
        columns={columns}
        rows={list.data?.items}
        rowKey={({ id }) => id}
        error={list.error}
        onRetry={() => void list.refetch()}
        empty={
          <EmptyState icon={KeyRound} title={t('empty.title')} action={makeButton}>
            {t('empty.text')}
          </EmptyState>
        }
      />
      {isMaking && <MakeToken onClose={() => setMaking(false)} />}
      {revoked && (
        <ConfirmAction
          opened
          onClose={() => setRevoked(undefined)}
          title={t('revoke.title', { name: revoked.name })}
          verb={t('revoke.verb')}
          danger
          run={() => revoke.mutateAsync({ params: { token: revoked.id } })}
          done={t('revoke.done', { name: revoked.name })}
        >
          <Text size="sm">
            {revoked.lastUsedAt === undefined
              ? t('revoke.unused')
              : t('revoke.used', { when: format.relative(revoked.lastUsedAt) })}
          </Text>
        </ConfirmAction>
      )}
    </Stack>
  );
}

import { Button, Group, Stack, Text } from '@mantine/core';
import ClipboardCheck from 'lucide-react/icons/clipboard-check';
import Plus from 'lucide-react/icons/plus';
import { lazy, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import type { Recertification } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useCan } from '../../app/session.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Piece } from '../../components/piece.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';

const NewRound = lazy(() => import('./new-round.tsx'));

/** Are these sources still needed? Owners are asked, and what nobody keeps goes. */
export default function RecertificationsPage() {
  const { t } = useTranslation('recertifications');
  const format = useFormat();
  const mayStart = useCan('operator');
  const [isNew, setNew] = useState(false);
  const { data, error, refetch } = useApiQuery('/recertifications', {}, { refetchInterval: 60_000 });
  const columns = useMemo<Column<Recertification>[]>(
    () => [
      {
        id: 'title',
        title: t('column.title'),
        width: 'minmax(180px, 2fr)',
        narrow: 'minmax(110px, 1fr)',
        cell: ({ title }) => (
          <Text span size="sm" fw={550} title={title}>
            <bdi>{title}</bdi>
          </Text>
        ),
      },
      {
        id: 'state',
        title: t('column.state'),
        width: '130px',
        narrow: '100px',
        cell: (round) => <RoundState round={round} />,
      },
      {
        id: 'answered',
        title: t('column.answered'),
        width: '150px',
        narrow: '90px',
        align: 'right',
        cell: ({ counts }) => {
          const done = counts.keep + counts['not-mine'] + counts.retire;
          return t('answered', { done: format.number(done), total: format.number(done + counts.waiting) });
        },
      },
      {
        id: 'deadline',
        title: t('column.deadline'),
        width: '150px',
        wideOnly: true,
        cell: ({ deadline }) => <TimeText at={deadline} />,
      },
      {
        id: 'by',
        title: t('column.by'),
        width: 'minmax(140px, 1fr)',
        wideOnly: true,
        cell: ({ startedBy }) => <bdi>{startedBy}</bdi>,
      },
    ],
    [t, format],
  );
  const open = mayStart && (
    <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => setNew(true)}>
      {t('new.open')}
    </Button>
  );
  return (
    <Stack gap="md">
      <PageHeader title={t('title')} description={t('description')} actions={open} />
      <DataTable
        label={t('title')}
        columns={columns}
        rows={data?.items}
        rowKey={({ id }) => id}
        rowLink={({ id }) => ({ to: '/recertifications/$id', params: { id } })}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <EmptyState
            icon={ClipboardCheck}
            title={t('empty.title')}
            action={<Group justify="center">{open}</Group>}
          >
            {t('empty.text')}
          </EmptyState>
        }
      />
      <Piece>{isNew && <NewRound onClose={() => setNew(false)} />}</Piece>
    </Stack>
  );
}

export function RoundState({ round }: { round: Recertification }) {
  const { t } = useTranslation('recertifications');
  if (round.closedAt !== undefined) return <StateBadge tone="quiet">{t('state.closed')}</StateBadge>;
  return <StateBadge tone={round.counts.waiting > 0 ? 'info' : 'good'}>{t('state.open')}</StateBadge>;
}

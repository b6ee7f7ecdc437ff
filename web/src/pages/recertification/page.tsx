import { Button, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../../api/client.ts';
import { useApiMutation, useApiPages, useApiQuery } from '../../api/queries.ts';
import { useFormat } from '../../app/format.ts';
import { useCan } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StatTile } from '../../components/stat-tile.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { RoundState } from '../recertifications/page.tsx';

type Answer = AnswerOf<'/recertifications/{id}/answers', 'get'>['items'][number];

const TONES = { waiting: 'info', keep: 'good', 'not-mine': 'warn', retire: 'quiet' } as const;

/** One campaign: who has answered what. */
export default function RecertificationPage() {
  const { t } = useTranslation('recertification');
  const format = useFormat();
  const mayCancel = useCan('operator');
  const { id = '' }: { id?: string } = useParams({ strict: false });
  const round = useApiQuery('/recertifications/{id}', { params: { id } }, { refetchInterval: 30_000 });
  const answers = useApiPages('/recertifications/{id}/answers', { params: { id } });
  const cancel = useApiMutation('delete', '/recertifications/{id}', [
    '/recertifications',
    '/recertifications/{id}',
  ]);
  const [isCancelling, setCancelling] = useState(false);
  const columns = useMemo<Column<Answer>[]>(
    () => [
      {
        id: 'source',
        title: t('column.source'),
        width: 'minmax(160px, 1.4fr)',
        narrow: 'minmax(110px, 1fr)',
        cell: ({ sourceName }) => (
          <Text span size="sm" fw={550}>
            {sourceName}
          </Text>
        ),
      },
      {
        id: 'answer',
        title: t('column.answer'),
        width: '150px',
        narrow: '130px',
        cell: ({ answer }) => <StateBadge tone={TONES[answer]}>{t(`answer.${answer}`)}</StateBadge>,
      },
      {
        id: 'owner',
        title: t('column.owner'),
        width: 'minmax(150px, 1.2fr)',
        wideOnly: true,
        cell: ({ owner }) => owner || t('nobody'),
      },
      {
        id: 'by',
        title: t('column.by'),
        width: 'minmax(150px, 1.2fr)',
        wideOnly: true,
        cell: ({ answeredAt, answeredBy }) =>
          answeredAt !== undefined && (
            <>
              <bdi>{answeredBy}</bdi>, <TimeText at={answeredAt} />
            </>
          ),
      },
      {
        id: 'comment',
        title: t('column.comment'),
        width: 'minmax(140px, 1.4fr)',
        wideOnly: true,
        cell: ({ comment }) => <bdi title={comment}>{comment}</bdi>,
      },
    ],
    [t],
  );
  const above = [{ title: t('above'), to: '/recertifications' }];
  const { data } = round;
  if (!data) {
    return (
      <Stack gap="md">
        <PageHeader title={t('title')} above={above} />
        {round.error ? (
          <ProblemAlert error={round.error} onRetry={() => void round.refetch()} />
        ) : (
          <Skeleton height={280} />
        )}
      </Stack>
    );
  }
  const { counts } = data;
  return (
    <Stack gap="md">
      <PageHeader
        title={data.title}
        above={above}
        mark={<RoundState round={data} />}
        description={
          <>
            {t(data.closedAt === undefined ? 'until' : 'closed')}{' '}
            <TimeText at={data.closedAt ?? data.deadline} />.{' '}
            {t('then', { days: format.number(data.plan.days), share: format.percent(data.plan.share) })}
          </>
        }
        actions={
          mayCancel &&
          data.closedAt === undefined && (
            <Button variant="default" onClick={() => setCancelling(true)}>
              {t('cancel.open')}
            </Button>
          )
        }
      />
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        {(['waiting', 'keep', 'not-mine', 'retire'] as const).map((answer) => (
          <StatTile key={answer} label={t(`answer.${answer}`)} value={format.number(counts[answer])} />
        ))}
      </SimpleGrid>
      <DataTable
        label={t('answers')}
        columns={columns}
        {...answers.table}
        rowKey={({ source }) => source}
        rowLink={({ sourceName }) => ({
          to: '/sources/$name/{-$tab}',
          params: { name: sourceName, tab: 'life' },
        })}
        maxHeight="max(280px, calc(100dvh - 340px))"
        empty={<EmptyState title={t('none')} />}
      />
      <ConfirmAction
        opened={isCancelling}
        onClose={() => setCancelling(false)}
        title={t('cancel.title')}
        verb={t('cancel.open')}
        danger
        run={() => cancel.mutateAsync({ params: { id } })}
        done={t('cancel.done')}
      >
        {t('cancel.text', { count: counts.waiting, number: format.number(counts.waiting) })}
      </ConfirmAction>
    </Stack>
  );
}

import { Button, Paper, Skeleton, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApiPages } from '../../api/queries.ts';
import type { DirectSendDecision } from '../../api/schema.ts';
import { useWords } from '../../components/audit/words.ts';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { Timeline } from '../../components/timeline.tsx';

/** Who decided what about it, the newest first. */
export function History({ sender }: { sender: string }) {
  const { t } = useTranslation('direct-send-sender');
  const words = useWords();
  const list = useApiPages('/audit/decisions', { query: { sender } }, { pageSize: 20 });
  const told = ({ before, after }: DirectSendDecision) =>
    [
      before?.decision !== after.decision &&
        (after.decision === undefined
          ? t('history.undecided')
          : t('history.decided', { decision: words.decisions[after.decision] ?? after.decision })),
      before?.owner !== after.owner &&
        (after.owner === undefined ? t('history.noOwner') : t('history.owner', { owner: after.owner })),
      before?.wave !== after.wave &&
        (after.wave === undefined ? t('history.noWave') : t('history.wave', { wave: after.wave })),
      before?.text !== after.text && (after.text === undefined ? t('history.noNote') : t('history.note')),
    ].filter((one): one is string => typeof one === 'string');
  return (
    <Paper p="md" component="section" aria-labelledby="history">
      <Title order={2} id="history" mb="xs">
        {t('history.title')}
      </Title>
      {list.error && <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />}
      {!list.rows && !list.error && <Skeleton height={60} />}
      {list.rows?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('history.none')}
        </Text>
      )}
      {list.rows && list.rows.length > 0 && (
        <Timeline
          label={t('history.title')}
          entries={list.rows.map((one) => ({
            key: one.id,
            at: one.at,
            title: told(one).join(', ') || t('history.same'),
            children: one.by,
          }))}
        />
      )}
      {list.hasNextPage && (
        <Button
          size="xs"
          variant="default"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t('history.more')}
        </Button>
      )}
    </Paper>
  );
}

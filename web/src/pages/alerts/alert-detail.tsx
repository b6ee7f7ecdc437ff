import { Skeleton, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { KeyValues } from '../../components/key-values.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { Timeline } from '../../components/timeline.tsx';

/** An alert, and who was told of it. */
export function AlertDetail({ id }: { id: string }) {
  const { t } = useTranslation('alerts');
  const { data: alert, error, refetch } = useApiQuery('/alerts/{id}', { params: { id } });
  if (error && !alert) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!alert) return <Skeleton height={240} />;
  return (
    <Stack gap="md">
      <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
        {alert.text}
      </Text>
      <KeyValues
        rows={[
          [
            t('detail.source'),
            alert.sourceName !== undefined && (
              <Link key="source" to={'/sources/$name'} params={{ name: alert.sourceName }}>
                {alert.sourceName}
              </Link>
            ),
          ],
          [t('detail.code'), alert.code],
          [t('detail.network'), alert.network],
          [t('detail.destination'), alert.destination],
          [t('detail.rule'), alert.rule],
          [t('detail.first'), <TimeText key="first" at={alert.firstAt} exact />],
          [t('detail.last'), <TimeText key="last" at={alert.lastAt} exact />],
          [t('detail.told'), alert.toldAt !== undefined && <TimeText key="told" at={alert.toldAt} exact />],
          [
            t('detail.closed'),
            alert.closedAt !== undefined && <TimeText key="closed" at={alert.closedAt} exact />,
          ],
        ]}
      />
      <div>
        <Title order={2} mb="xs">
          {t('detail.messages')}
        </Title>
        {alert.messages.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('detail.noMessages')}
          </Text>
        ) : (
          <Timeline
            label={t('detail.messages')}
            entries={alert.messages.map((message) => ({
              key: message.id,
              at: message.createdAt,
              title: (
                <>
                  {t(`detail.kind.${message.kind}`)} → {message.channel}{' '}
                  <StateBadge
                    tone={message.state === 'failed' ? 'bad' : message.state === 'sent' ? 'good' : 'quiet'}
                  >
                    {t(`detail.${message.state}`)}
                  </StateBadge>
                </>
              ),
              tone: message.state === 'failed' ? 'bad' : message.state === 'sent' ? 'good' : 'quiet',
              children: message.lastError,
            }))}
          />
        )}
      </div>
    </Stack>
  );
}

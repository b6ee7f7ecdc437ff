import { Button, Group, Paper, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import Inbox from 'lucide-react/icons/inbox';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { Source } from '../../api/schema.ts';
import { useCan } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';

/** Sources that somebody asked for. Their number is limited, so that all stand on one page. */
export default function Requests() {
  const { t } = useTranslation('sources');
  const { data, error, refetch } = useApiQuery('/source-requests', {}, { refetchInterval: 15_000 });
  if (error && !data) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={120} />;
  if (data.items.length === 0) {
    return (
      <Paper>
        <EmptyState icon={Inbox} title={t('request.none')}>
          {t('request.noneText')}
        </EmptyState>
      </Paper>
    );
  }
  return (
    <Stack gap="sm">
      {data.items.map((source) => (
        <Request key={source.id} source={source} />
      ))}
    </Stack>
  );
}

function Request({ source }: { source: Source }) {
  const { t } = useTranslation('sources');
  const mayDecide = useCan('operator');
  const [asked, setAsked] = useState<'approve' | 'reject'>();
  const [reason, setReason] = useState('');
  const stale = ['/source-requests', '/sources', '/source-counts'];
  const approve = useApiMutation('post', '/source-requests/{name}/approve', stale);
  const reject = useApiMutation('post', '/source-requests/{name}/reject', stale);
  const { name, request, policy, owner } = source;
  const decision = { params: { name }, body: { reason } };
  return (
    <Paper p="md" component="article" aria-label={name}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ minWidth: 0, flex: '1 1 300px' }}>
          <Group gap="xs">
            <Title order={2} style={{ overflowWrap: 'anywhere' }}>
              <Link to="/sources/$name/{-$tab}" params={{ name }} style={{ color: 'inherit' }}>
                {name}
              </Link>
            </Title>
            <StateBadge tone={request?.testedAt === undefined ? 'warn' : 'good'}>
              {t(request?.testedAt === undefined ? 'request.untested' : 'request.tested')}
            </StateBadge>
          </Group>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            <bdi>{request?.purpose || source.description || t('request.noPurpose')}</bdi>
          </Text>
        </div>
        {mayDecide && (
          <Group gap="xs">
            <Button variant="default" onClick={() => setAsked('reject')}>
              {t('request.reject')}
            </Button>
            <Button
              disabled={request?.testedAt === undefined}
              title={request?.testedAt === undefined ? t('request.untestedText') : undefined}
              onClick={() => setAsked('approve')}
            >
              {t('request.approve')}
            </Button>
          </Group>
        )}
      </Group>
      <KeyValues
        rows={[
          [
            t('request.by'),
            request && (
              <span key="by">
                <bdi>{request.by}</bdi>, <TimeText at={request.at} />
              </span>
            ),
          ],
          [t('column.owner'), owner],
          [
            t('request.from'),
            [...new Set(policy.pairs.map(({ header }) => header))].join(', ') || t('request.anySender'),
          ],
          [
            t('request.to'),
            t(`request.allow.${policy.recipients.allow}`, {
              patterns: policy.recipients.patterns.join(', '),
            }),
          ],
          [
            t('request.test'),
            request?.testedAt === undefined ? (
              t('request.untestedText')
            ) : (
              <TimeText key="at" at={request.testedAt} />
            ),
          ],
        ]}
      />
      <ConfirmAction
        opened={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={t(`request.${asked ?? 'approve'}Title`, { name })}
        verb={t(`request.${asked ?? 'approve'}`)}
        danger={asked === 'reject'}
        run={() => (asked === 'reject' ? reject : approve).mutateAsync(decision)}
        done={t(`request.${asked ?? 'approve'}Done`, { name })}
      >
        <Stack gap="sm">
          <Text size="sm">{t(`request.${asked ?? 'approve'}Text`)}</Text>
          <TextInput
            label={t('bulk.reason')}
            maxLength={400}
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </Stack>
      </ConfirmAction>
    </Paper>
  );
}

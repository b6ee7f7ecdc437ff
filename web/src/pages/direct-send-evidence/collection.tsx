import { Alert, Button, Group, Paper, Progress, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import Play from 'lucide-react/icons/play';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { useStream } from '../../api/events.ts';
import { useApiQuery } from '../../api/queries.ts';
import type { AuditCollection } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { Can, useCan } from '../../app/session.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge, type Tone } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { CollectionSettings } from './collection-settings.tsx';
import { localHour } from './local-hour.ts';
import { Registration } from './registration.tsx';
import classes from './evidence.module.css';

const TONE: Record<string, Tone> = { done: 'good', failed: 'bad', skipped: 'quiet', interrupted: 'warn' };

/** Evidence that the relay fetches itself. */
export function Collection() {
  const { t } = useTranslation('direct-send-evidence');
  const isOwner = useCan('owner');
  const first = useApiQuery('/audit/collect');
  const [followed, setFollowed] = useState<AuditCollection>();
  useStream<AuditCollection>('/api/v1/audit/collect?follow=true', setFollowed);
  const isSet = first.data?.isSet === true;
  const settings = useApiQuery('/audit/collect/settings', {}, { enabled: isSet });
  if (first.error) return <ProblemAlert error={first.error} onRetry={() => void first.refetch()} />;
  if (settings.error) return <ProblemAlert error={settings.error} onRetry={() => void settings.refetch()} />;
  if (!first.data || (isSet && !settings.data)) return <Skeleton height={240} radius="md" />;
  return (
    <Stack gap="md">
      {isSet && <Now status={followed ?? first.data} hour={settings.data?.hour ?? null} />}
      {!isSet && !isOwner && <Alert title={t('collect.none')}>{t('collect.askOwner')}</Alert>}
      {(isSet || isOwner) && (
        <CollectionSettings key={isSet ? 'set' : 'new'} settings={isSet ? settings.data : undefined} />
      )}
      <Registration />
    </Stack>
  );
}

function Now({ status, hour }: { status: AuditCollection; hour: number | null }) {
  const { t } = useTranslation('direct-send-evidence');
  const api = useApi();
  const queries = useQueryClient();
  const format = useFormat();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const { state, progress, waiting, report, error, endedAt } = status;
  const isRunning = state === 'running';
  const act = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await (isRunning ? api.delete('/audit/collect') : api.post('/audit/collect', { body: {} }));
      await queries.invalidateQueries({ queryKey: ['/audit/collect'] });
    } catch (problem) {
      setFailure(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Paper p="md">
      <Stack gap="sm">
        <Group justify="space-between" gap="sm">
          <div>
            <Title order={2}>{t('collect.title')}</Title>
            <Text size="sm" c="dimmed">
              {hour === null
                ? t('collect.byHand')
                : t('collect.daily', { time: localHour(hour, format.time) })}
              {endedAt !== undefined && !isRunning && (
                <>
                  {' '}
                  {t('collect.last')} <TimeText at={endedAt} />.
                </>
              )}
            </Text>
          </div>
          <Can role="operator" why>
            {(may) => (
              <Button
                variant={isRunning ? 'default' : 'filled'}
                leftSection={isRunning ? undefined : <Play size={15} aria-hidden />}
                disabled={!may}
                loading={isBusy}
                onClick={() => void act()}
              >
                {t(isRunning ? 'collect.stop' : 'collect.start')}
              </Button>
            )}
          </Can>
        </Group>
        {isRunning && (
          <div role="status">
            <Text size="sm" fw={550}>
              {progress ? t(`part.${progress.part}`) : t('collect.starting')}
              {progress?.text !== undefined && (
                <Text span size="sm" c="dimmed">
                  {' '}
                  {told(progress.text, format.dateTime)}
                </Text>
              )}
            </Text>
            <Progress
              mt={6}
              animated
              value={progress && progress.total > 0 ? (progress.done / progress.total) * 100 : 100}
              aria-label={t('collect.progress')}
            />
            {progress && progress.total > 0 && (
              <Text size="xs" c="dimmed" mt={4}>
                {t('collect.steps', {
                  done: format.number(progress.done),
                  total: format.number(progress.total),
                })}
              </Text>
            )}
            {waiting && (
              <Text size="sm" mt={4}>
                {t('collect.waiting', { time: format.time(waiting.until) })} {waiting.text}
              </Text>
            )}
          </div>
        )}
        {state === 'failed' && (
          <Alert color="red" title={t('collect.failed')}>
            {error}
          </Alert>
        )}
        {failure !== undefined && <ProblemAlert error={failure} />}
        {report && (
          <table className={classes.parts}>
            <caption className="visually-hidden">{t('collect.report')}</caption>
            <tbody>
              {report.parts.map((part) => (
                <tr key={part.part}>
                  <th scope="row">{t(`part.${part.part}`)}</th>
                  <td>
                    <StateBadge tone={TONE[part.outcome] ?? 'quiet'}>
                      {t(`collect.outcome.${part.outcome}`)}
                    </StateBadge>
                  </td>
                  <td>{t('file.rowCount', { count: part.rows, number: format.number(part.rows) })}</td>
                  <td>
                    {[part.problem, ...part.notes].filter(Boolean).map((text) => (
                      <div key={text}>{text}</div>
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Stack>
    </Paper>
  );
}

/** What is fetched now is often a time. */
function told(text: string, dateTime: (at: number) => string): string {
  return /^\d{4}-\d\d-\d\dT/.test(text) ? dateTime(Date.parse(text)) : text;
}

import {
  Anchor,
  Group,
  Paper,
  SegmentedControl,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import type { Message, RefusalGroup, Source } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useLanguage } from '../../app/language.ts';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StatTile } from '../../components/stat-tile.tsx';
import { StateBadge, type Tone } from '../../components/state-badge.tsx';
import { TimeSeries } from '../../components/time-series.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { Unusual } from './unusual.tsx';
import { type ActivityWindow, useActivity } from './use-activity.ts';
import classes from './source.module.css';

const WINDOWS: ActivityWindow[] = ['1h', '24h', '7d', '30d'];

/** What it sends, what was refused and why, what waits. */
export default function OverviewTab({ source }: { source: Source }) {
  const { t } = useTranslation('source');
  const format = useFormat();
  const [filters, setFilters] = useFilters(['window']);
  const window = WINDOWS.find((one) => one === filters.window) ?? '24h';
  const { data, error, refetch } = useActivity(source.name, window);
  const { name } = source;
  if (error && !data) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  return (
    <Stack gap="md">
      {source.contained && <Unusual source={source} />}
      <Group justify="space-between" gap="sm">
        <SegmentedControl
          size="xs"
          aria-label={t('overview.window')}
          data={WINDOWS.map((value) => ({ value, label: t(`overview.windows.${value}`) }))}
          value={window}
          onChange={(value) => setFilters({ window: value === '24h' ? undefined : value })}
        />
        {data && (
          <Text size="sm" c="dimmed">
            {t('overview.connections', { count: data.connections, number: format.number(data.connections) })}
          </Text>
        )}
      </Group>
      {data ? (
        <>
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
            <StatTile
              label={t('overview.accepted')}
              value={format.number(data.totals.accepted)}
              note={t('overview.before', { number: format.number(data.before.accepted) })}
            />
            <StatTile
              label={t('overview.delivered')}
              value={format.number(data.totals.delivered)}
              note={t('overview.bounced', { number: format.number(data.totals.bounced) })}
            />
            <StatTile
              label={t('overview.refused')}
              value={format.number(data.totals.refused)}
              tone={data.totals.refused > 0 ? 'warn' : 'quiet'}
              note={t('overview.before', { number: format.number(data.before.refused) })}
            />
            <StatTile
              label={t('overview.waiting')}
              value={format.number(data.queued + data.held)}
              tone={data.held > 0 ? 'warn' : 'quiet'}
              note={t('overview.held', { number: format.number(data.held) })}
            />
          </SimpleGrid>
          <Paper p="md">
            <TimeSeries
              label={t('overview.course')}
              times={data.series.at}
              series={[
                { label: t('overview.accepted'), values: data.series.accepted, tone: 'info' },
                { label: t('overview.refused'), values: data.series.refused, tone: 'bad' },
              ]}
              height={180}
            />
          </Paper>
        </>
      ) : (
        <Skeleton height={300} />
      )}
      <div className={classes.halves}>
        <Messages name={name} />
        <Refusals name={name} />
      </div>
    </Stack>
  );
}

function Half({ title, more, children }: { title: string; more?: ReactNode; children: ReactNode }) {
  return (
    <Paper p="md" component="section">
      <Group justify="space-between" mb="xs">
        <Title order={2}>{title}</Title>
        {more}
      </Group>
      {children}
    </Paper>
  );
}

const MESSAGE_TONES: Record<Message['state'], Tone> = {
  queued: 'info',
  deferred: 'warn',
  held: 'warn',
  partly: 'warn',
  delivered: 'good',
  bounced: 'bad',
  refused: 'bad',
  deleted: 'quiet',
};

function Messages({ name }: { name: string }) {
  const { t } = useTranslation('source');
  const { data, error } = useApiQuery(
    '/messages',
    { query: { source: name, limit: 8 } },
    { refetchInterval: 10_000 },
  );
  return (
    <Half
      title={t('overview.messages')}
      more={
        <Anchor component={Link} to="/messages" search={{ source: name } as never} size="sm">
          {t('overview.all')}
        </Anchor>
      }
    >
      {error && !data && <ProblemAlert error={error} />}
      {data?.items.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('overview.noMessages')}
        </Text>
      )}
      <ul className={classes.lines}>
        {data?.items.map((message) => (
          <li key={message.id}>
            <Link to="/messages/$id" params={{ id: message.id }} className={classes.line}>
              <span className={classes.lineText}>
                <bdi>{message.subject || t('overview.noSubject')}</bdi>
                <span className={classes.lineNote}>
                  {t('overview.to', {
                    recipient: message.recipients[0] ?? '–',
                    count: Math.max(0, message.recipientCount - 1),
                  })}
                </span>
              </span>
              <span className={classes.lineEnd}>
                <StateBadge tone={MESSAGE_TONES[message.state]}>{t(`message.${message.state}`)}</StateBadge>
                <span className={classes.lineTime}>
                  <TimeText at={message.at} />
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Half>
  );
}

function Refusals({ name }: { name: string }) {
  const { t } = useTranslation('source');
  const { data, error } = useApiQuery(
    '/refusal-groups',
    { query: { source: name, limit: 6, language: useLanguage() } },
    { refetchInterval: 15_000 },
  );
  return (
    <Half title={t('overview.refusals')}>
      {error && !data && <ProblemAlert error={error} />}
      {data?.items.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('overview.noRefusals')}
        </Text>
      )}
      <ul className={classes.lines}>
        {data?.items.map((group) => (
          <li key={group.group}>
            <RefusalLine group={group} />
          </li>
        ))}
      </ul>
    </Half>
  );
}

function RefusalLine({ group }: { group: RefusalGroup }) {
  const { t } = useTranslation('source');
  const format = useFormat();
  return (
    <div className={classes.refusal}>
      <Group gap="xs" justify="space-between" wrap="nowrap">
        <Text size="sm" fw={550} style={{ overflowWrap: 'anywhere' }}>
          {group.advice.cause || group.text}
        </Text>
        <span className={classes.lineTime}>
          <TimeText at={group.last} />
        </span>
      </Group>
      <Text size="xs" c="dimmed">
        {t('overview.times', { count: group.count, number: format.number(group.count), code: group.code })}
      </Text>
      <Text size="sm" className={classes.fix}>
        {group.advice.change.line}
      </Text>
    </div>
  );
}

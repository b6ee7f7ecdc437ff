import { Group, List, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApiPages, useApiQuery } from '../../api/queries.ts';
import type { Source } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import {
  AddException,
  ExceptionActions,
  ExceptionState,
  LastUse,
  useExceptionTitle,
} from '../../components/exception-parts/exception-parts.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';

const TONES = { modern: 'good', standard: 'info', legacy: 'warn', unknown: 'quiet' } as const;

/** What the device can do, as far as it was seen, and what is allowed to it although it is weak. */
export default function DeviceTab({ source }: { source: Source }) {
  return (
    <Stack gap="md">
      <Exceptions source={source} />
      <Abilities name={source.name} />
    </Stack>
  );
}

function Exceptions({ source }: { source: Source }) {
  const { t } = useTranslation('source');
  const titleOf = useExceptionTitle();
  const list = useApiPages('/exceptions', { query: { source: source.name, state: 'all' } });
  return (
    <Paper p="md" component="section" aria-label={t('exception.title')}>
      <Group justify="space-between" mb="xs" align="flex-start">
        <div style={{ flex: '1 1 260px' }}>
          <Title order={2}>{t('exception.title')}</Title>
          <Text size="sm" c="dimmed">
            {t('exception.text')}
          </Text>
        </div>
        <AddException source={source} />
      </Group>
      {list.error && <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />}
      {list.rows?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('exception.none')}
        </Text>
      )}
      <Stack gap={0}>
        {list.rows?.map((one) => (
          <Group key={one.id} justify="space-between" align="flex-start" py="xs" gap="sm">
            <div style={{ flex: '1 1 280px', minWidth: 0 }}>
              <Group gap="xs">
                <Text size="sm" fw={550} style={{ overflowWrap: 'anywhere' }}>
                  <Link to="/exceptions/$id" params={{ id: one.id }}>
                    {titleOf(one)}
                  </Link>
                </Text>
                <ExceptionState exception={one} />
              </Group>
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                <bdi>{one.reason}</bdi>
              </Text>
              <Text size="xs" c="dimmed">
                {t(one.state === 'open' ? 'exception.until' : 'exception.ended')}{' '}
                <TimeText at={one.endedAt ?? one.endsAt} /> · {one.owner} · <LastUse exception={one} />
              </Text>
            </div>
            <ExceptionActions exception={one} size="compact-sm" />
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}

function Abilities({ name }: { name: string }) {
  const { t } = useTranslation('source');
  const format = useFormat();
  const { data, error, refetch } = useApiQuery('/sources/{name}/compatibility', { params: { name } });
  if (error && !data) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={200} />;
  const { profile, advice, seen } = data;
  return (
    <Paper p="md" component="section" aria-label={t('device.title')}>
      <Group gap="xs" mb="xs">
        <Title order={2}>{t('device.title')}</Title>
        <StateBadge tone={TONES[profile.name]}>{t(`device.profile.${profile.name}`)}</StateBadge>
      </Group>
      {data.connections === 0 ? (
        <Text size="sm" c="dimmed">
          {t('device.nothing')}
        </Text>
      ) : (
        <KeyValues
          rows={[
            [
              t('device.seen'),
              <span key="seen">
                {t('device.seenText', {
                  connections: format.number(data.connections),
                  messages: format.number(data.messages),
                })}{' '}
                <TimeText at={data.lastAt} />
              </span>,
            ],
            [t('device.largest'), data.largest > 0 && format.bytes(data.largest)],
            [
              t('device.oldestTls'),
              profile.tls &&
                (profile.tls === 'none' ? t('device.noTls') : profile.tls.replace('TLSv', 'TLS ')),
            ],
            ...Object.entries(seen).map(
              ([trait, values]) =>
                [
                  t(`device.trait.${trait}`),
                  (values ?? []).map(({ value, count }) => `${value} (${format.number(count)}×)`).join(', '),
                ] as const,
            ),
          ]}
        />
      )}
      {advice.length > 0 && (
        <Stack gap="xs" mt="md">
          <Title order={3}>{t('device.advice')}</Title>
          <List size="sm" spacing="xs">
            {advice.map(({ code, text, command }) => (
              <List.Item key={`${code} ${text}`}>
                {text}
                {command !== undefined && <CodeBlock value={command} wrap />}
              </List.Item>
            ))}
          </List>
        </Stack>
      )}
    </Paper>
  );
}

import { Group, Paper, Select, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { Source } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useCan } from '../../app/session.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { Unusual } from './unusual.tsx';
import classes from './source.module.css';

const RELAY = 'relay';
const SHOWN = 20;

/** What is usual for this source, learnt by the hour, and how it is watched. */
export default function NormalTab({ source }: { source: Source }) {
  const { t } = useTranslation('source');
  const format = useFormat();
  const mayEdit = useCan('operator');
  const { name } = source;
  const { data, error, refetch } = useApiQuery('/sources/{name}/normal', { params: { name } });
  const setMode = useApiMutation('put', '/sources/{name}/containment/mode', ['/sources/{name}/normal']);
  if (error && !data) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={260} />;
  const { normal, mode, ownMode } = data;
  const change = async (value: string) => {
    try {
      await setMode.mutateAsync({
        params: { name },
        body: { mode: value === RELAY ? null : (value as 'off' | 'watch' | 'act') },
      });
      await notify({ text: t('saved') });
    } catch (failure) {
      await notify({ tone: 'bad', text: failure instanceof Error ? failure.message : String(failure) });
    }
  };
  return (
    <Stack gap="md">
      <Unusual source={source} />
      <Paper p="md">
        <Group justify="space-between" align="flex-start" mb="md" gap="md">
          <div style={{ flex: '1 1 280px' }}>
            <Group gap="xs">
              <Title order={2}>{t('normal.title')}</Title>
              <StateBadge tone={normal.ripe ? 'good' : 'info'}>
                {t(normal.ripe ? 'normal.ripe' : 'normal.learning')}
              </StateBadge>
            </Group>
            <Text size="sm" c="dimmed" maw={560}>
              {t(normal.ripe ? 'normal.ripeText' : 'normal.learningText')}
            </Text>
          </div>
          <Select
            w={260}
            label={t('normal.mode')}
            disabled={!mayEdit}
            allowDeselect={false}
            data={[
              { value: RELAY, label: t('normal.modes.relay', { mode: t(`normal.modes.${mode}`) }) },
              ...(['act', 'watch', 'off'] as const).map((value) => ({
                value,
                label: t(`normal.modes.${value}`),
              })),
            ]}
            value={ownMode ?? RELAY}
            onChange={(value) => value !== null && void change(value)}
          />
        </Group>
        {normal.messages === 0 ? (
          <Text size="sm" c="dimmed">
            {t('normal.nothing')}
          </Text>
        ) : (
          <Stack gap="lg">
            <div className={classes.halves}>
              <Hours label={t('normal.workdays')} hours={normal.hours.slice(0, 24)} />
              <Hours label={t('normal.weekend')} hours={normal.hours.slice(24)} />
            </div>
            <KeyValues
              rows={[
                [t('normal.since'), <TimeText key="since" at={normal.since} />],
                [t('normal.days'), format.number(normal.days)],
                [t('normal.messages'), format.number(normal.messages)],
                [
                  t('normal.busiest'),
                  t('normal.busiestText', {
                    count: normal.busiest.messages,
                    number: format.number(normal.busiest.messages),
                    octets: format.bytes(normal.busiest.octets),
                  }),
                ],
                [t('normal.largest'), format.bytes(normal.busiest.largest)],
                [t('normal.failures'), format.percent(normal.failureShare)],
                [t('normal.networks'), some(normal.networks)],
                [t('normal.domains'), some(normal.domains)],
              ]}
            />
          </Stack>
        )}
      </Paper>
    </Stack>
  );
}

function some(values: readonly string[]): string {
  const rest = values.length - SHOWN;
  return [...values.slice(0, SHOWN), ...(rest > 0 ? [`+${rest}`] : [])].join(', ');
}

/** In how many hours of the day there was mail; the hours are those of UTC, as they are learnt. */
function Hours({ label, hours }: { label: string; hours: readonly number[] }) {
  const { t } = useTranslation('source');
  const most = Math.max(1, ...hours);
  const busy = hours.flatMap((count, hour) => (count > 0 ? [hour] : []));
  return (
    <figure
      style={{ margin: 0 }}
      role="img"
      aria-label={t('normal.hoursOf', { label, hours: busy.join(', ') || '–' })}
    >
      <Text size="sm" fw={550} mb={6} component="figcaption">
        {label}
      </Text>
      <div className={classes.hours}>
        {hours.map((count, hour) => (
          <span
            key={hour}
            className={classes.hour}
            data-empty={count === 0 || undefined}
            style={{ height: `${(count / most) * 100}%` }}
            title={`${hour}:00 UTC`}
          />
        ))}
      </div>
      <div className={classes.scale}>
        {[0, 6, 12, 18, 24].map((hour) => (
          <span key={hour}>{hour}</span>
        ))}
      </div>
    </figure>
  );
}

import { Alert, Anchor, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { DiscoveredDevice } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { KeyValues } from '../../components/key-values.tsx';
import { StatTile } from '../../components/stat-tile.tsx';
import { TimeText } from '../../components/time-text.tsx';
import classes from '../source/source.module.css';

type Counted = { value: string; count: number }[];
const SHOWN = 12;

/** What was seen: enough to find the device, and who owns it. Strangers wrote all of it. */
export function Evidence({ device }: { device: DiscoveredDevice }) {
  const { t } = useTranslation('device');
  const format = useFormat();
  const list = (values: Counted, topic: string) => {
    if (values.length === 0) return undefined;
    const rest = values.length - SHOWN + (device.others[topic] ?? 0);
    return (
      <span>
        {values.slice(0, SHOWN).map(({ value, count }, index) => (
          <span key={value}>
            {index > 0 && ', '}
            <bdi>{value}</bdi>{' '}
            <Text span size="xs" c="dimmed">
              {format.number(count)}×
            </Text>
          </span>
        ))}
        {values.length > SHOWN || (device.others[topic] ?? 0) > 0
          ? `, +${format.number(Math.max(1, rest))}`
          : ''}
      </span>
    );
  };
  const known = device.accounts.find(({ source }) => source !== undefined);
  const most = Math.max(1, ...device.hours);
  return (
    <Stack gap="md">
      {known?.source !== undefined && (
        <Alert color="orange" title={t('known.title')}>
          <Text size="sm">
            {t('known.text', { account: known.value })}{' '}
            <Anchor
              component={Link}
              to="/sources/$name/{-$tab}"
              params={{ name: known.source, tab: 'credentials' } as never}
            >
              {known.source}
            </Anchor>
          </Text>
        </Alert>
      )}
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        <StatTile
          label={t('messages')}
          value={format.number(device.messages)}
          note={format.bytes(device.bytes)}
        />
        <StatTile
          label={t('held')}
          value={format.number(device.held.messages)}
          note={format.bytes(device.held.bytes)}
          tone={device.held.messages > 0 ? 'warn' : 'quiet'}
        />
        <StatTile
          label={t('busiest')}
          value={format.number(device.peaks.hour.messages)}
          note={t('busiestNote', { number: format.number(device.peaks.day.messages) })}
        />
        <StatTile
          label={t('last')}
          value={<TimeText at={device.lastSeenAt} />}
          note={
            <span>
              {t('first')} <TimeText at={device.firstSeenAt} />
            </span>
          }
        />
      </SimpleGrid>
      <div className={classes.halves}>
        <Paper p="md" component="section" aria-label={t('who')}>
          <Title order={2} mb="xs">
            {t('who')}
          </Title>
          <KeyValues
            rows={[
              [t('network'), device.network],
              [t('addresses'), list(device.addresses, 'addresses')],
              [t('hellos'), list(device.hellos, 'hellos')],
              [t('listeners'), list(device.listeners, 'listeners')],
              [t('accounts'), list(device.accounts, 'accounts')],
              [t('mechanisms'), list(device.mechanisms, 'mechanisms')],
              [t('tls'), list(device.tls, 'tls') ?? t('noTls')],
              [t('serverNames'), list(device.serverNames, 'serverNames')],
              [t('tlsFailures'), list(device.tlsFailures, 'tlsFailures')],
              [t('refusals'), list(device.refusals, 'refusals')],
            ]}
          />
        </Paper>
        <Paper p="md" component="section" aria-label={t('what')}>
          <Title order={2} mb="xs">
            {t('what')}
          </Title>
          <KeyValues
            rows={[
              [
                t('sendsAs'),
                list(
                  device.pairs.map(({ envelope, header, count }) => ({
                    value: envelope === header ? header : `${envelope || '<>'} / ${header || '–'}`,
                    count,
                  })),
                  'pairs',
                ),
              ],
              [t('recipients'), list(device.recipients, 'recipients')],
              [t('domains'), list(device.recipientDomains, 'recipientDomains')],
              [t('largest'), device.largest > 0 && format.bytes(device.largest)],
              [t('mostRecipients'), device.mostRecipients > 0 && format.number(device.mostRecipients)],
              [t('mostConnections'), format.number(device.mostConnections)],
              [t('withoutFrom'), device.withoutFrom > 0 && format.number(device.withoutFrom)],
            ]}
          />
          {device.messages > 0 && (
            <figure
              style={{ margin: '12px 0 0' }}
              role="img"
              aria-label={t('hoursOf', {
                hours: device.hours.flatMap((count, hour) => (count > 0 ? [hour] : [])).join(', '),
              })}
            >
              <Text size="sm" c="dimmed" mb={6} component="figcaption">
                {t('hours')}
              </Text>
              <div className={classes.hours}>
                {device.hours.map((count, hour) => (
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
          )}
        </Paper>
      </div>
    </Stack>
  );
}

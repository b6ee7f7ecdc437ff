import { Button, Group, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import Radar from 'lucide-react/icons/radar';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation, useApiPages, useApiQuery } from '../../api/queries.ts';
import type { DiscoveredDevice } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useCan } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { notify } from '../../components/notify.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';

/** Devices that connect and that nobody knows. */
export default function DiscoveryPage() {
  const { t } = useTranslation('discovery');
  const format = useFormat();
  const list = useApiPages('/discovery', {}, { refetchInterval: 15_000 });
  const columns = useMemo<Column<DiscoveredDevice>[]>(
    () => [
      {
        id: 'device',
        title: t('column.device'),
        width: 'minmax(200px, 1.6fr)',
        narrow: 'minmax(110px, 1fr)',
        cell: ({ network, hellos }) => (
          <span title={hellos[0]?.value}>
            <Text span fw={550} size="sm">
              {network}
            </Text>{' '}
            <Text span size="xs" c="dimmed">
              <bdi>{hellos[0]?.value}</bdi>
            </Text>
          </span>
        ),
      },
      {
        id: 'as',
        title: t('column.as'),
        width: 'minmax(180px, 1.6fr)',
        wideOnly: true,
        cell: ({ pairs }) => (
          <span title={pairs.map(({ header }) => header).join(', ')}>
            {pairs[0]?.header ?? '–'}
            {pairs.length > 1 && ` +${pairs.length - 1}`}
          </span>
        ),
      },
      {
        id: 'state',
        title: t('column.state'),
        width: '150px',
        narrow: '110px',
        cell: (device) => <DeviceState device={device} />,
      },
      {
        id: 'last',
        title: t('column.last'),
        width: '130px',
        wideOnly: true,
        cell: ({ lastSeenAt }) => <TimeText at={lastSeenAt} />,
      },
      {
        id: 'messages',
        title: t('column.messages'),
        width: '110px',
        narrow: '76px',
        align: 'right',
        cell: ({ messages }) => format.number(messages),
      },
      {
        id: 'held',
        title: t('column.held'),
        width: '100px',
        align: 'right',
        wideOnly: true,
        cell: ({ held }) => format.number(held.messages),
      },
    ],
    [t, format],
  );
  return (
    <Stack gap="md">
      <PageHeader title={t('title')} description={t('description')} />
      <DataTable
        label={t('title')}
        columns={columns}
        {...list.table}
        rowKey={({ id }) => id}
        rowLink={({ id }) => ({ to: '/discovery/$device', params: { device: id } })}
        maxHeight="max(280px, calc(100dvh - 430px))"
        empty={
          <EmptyState icon={Radar} title={t('empty.title')}>
            {t('empty.text')}
            <Text span ff="monospace" size="xs" display="block" mt={6}>
              learn = "hold"
            </Text>
          </EmptyState>
        }
      />
      <Blocks />
    </Stack>
  );
}

/** Whether its mail waits, or was refused. */
export function DeviceState({ device }: { device: DiscoveredDevice }) {
  const { t } = useTranslation('discovery');
  if (device.state === 'approved') return <StateBadge tone="warn">{t('state.approved')}</StateBadge>;
  if (device.held.messages > 0) return <StateBadge tone="info">{t('state.held')}</StateBadge>;
  return <StateBadge tone="quiet">{t('state.seen')}</StateBadge>;
}

/** Networks in which nothing is recorded any more. */
function Blocks() {
  const { t } = useTranslation('discovery');
  const mayEdit = useCan('operator');
  const { data, error } = useApiQuery('/discovery-blocks');
  const block = useApiMutation('post', '/discovery-blocks', ['/discovery-blocks', '/discovery']);
  const unblock = useApiMutation('delete', '/discovery-blocks/{network}', ['/discovery-blocks']);
  const [network, setNetwork] = useState('');
  const [gone, setGone] = useState<string>();
  const add = async () => {
    try {
      await block.mutateAsync({ body: { network } });
      setNetwork('');
      await notify({ text: t('block.added') });
    } catch {
      // what went wrong stands at the field
    }
  };
  const problem = fieldErrors(block.error)?.['network'];
  return (
    <Paper p="md" component="section" aria-label={t('block.title')}>
      <Title order={2}>{t('block.title')}</Title>
      <Text size="sm" c="dimmed" mb="xs">
        {t('block.text')}
      </Text>
      {error && <ProblemAlert error={error} />}
      {data?.items.map((one) => (
        <Group key={one.network} justify="space-between" py={4} maw={560}>
          <Text size="sm">
            {one.network}{' '}
            <Text span size="xs" c="dimmed">
              <TimeText at={one.createdAt} />
            </Text>
          </Text>
          {mayEdit && (
            <Button size="compact-sm" variant="default" onClick={() => setGone(one.network)}>
              {t('block.remove')}
            </Button>
          )}
        </Group>
      ))}
      {data?.items.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('block.none')}
        </Text>
      )}
      {mayEdit && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <Group gap="xs" align="flex-start" mt="sm">
            <TextInput
              aria-label={t('block.network')}
              placeholder="10.9.0.0/24"
              spellCheck={false}
              value={network}
              error={problem}
              onChange={({ currentTarget }) => setNetwork(currentTarget.value)}
            />
            <Button
              type="submit"
              variant="default"
              loading={block.isPending}
              disabled={network.trim() === ''}
            >
              {t('block.add')}
            </Button>
          </Group>
          {block.error && problem === undefined && <ProblemAlert error={block.error} />}
        </form>
      )}
      <ConfirmAction
        opened={gone !== undefined}
        onClose={() => setGone(undefined)}
        title={t('block.removeTitle', { network: gone })}
        verb={t('block.remove')}
        run={() => unblock.mutateAsync({ params: { network: gone ?? '' } })}
        done={t('block.removed')}
      >
        {t('block.removeText')}
      </ConfirmAction>
    </Paper>
  );
}

import { ActionIcon, Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import BellPlus from 'lucide-react/icons/bell-plus';
import Pencil from 'lucide-react/icons/pencil';
import Trash2 from 'lucide-react/icons/trash-2';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { AlertChannel } from '../../api/schema.ts';
import { Can } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import classes from './alert-settings.module.css';
import { ChannelEditor, ChannelForm } from './channel-form.tsx';

/** Where alerts go. */
export function Channels() {
  const { t } = useTranslation('alert-settings');
  const api = useApi();
  const list = useApiQuery('/alert-channels');
  const remove = useApiMutation('delete', '/alert-channels/{name}', ['/alert-channels']);
  const [isAdding, setAdding] = useState(false);
  const [edited, setEdited] = useState<string>();
  const [removed, setRemoved] = useState<AlertChannel>();
  const [tested, setTested] = useState<string>();
  const test = async (name: string) => {
    setTested(name);
    try {
      const { sent, error = '' } = await api.post('/alert-channels/{name}/test', { params: { name } });
      await notify(
        sent
          ? { text: t('channel.sent', { name }) }
          : { tone: 'bad', text: t('channel.notSent', { name, error }) },
      );
    } catch (error) {
      await notify({ tone: 'bad', text: error instanceof Error ? error.message : String(error) });
    } finally {
      setTested(undefined);
      void list.refetch();
    }
  };
  const channels = list.data?.items;
  if (list.error && !channels) return <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />;
  if (!channels) return <Skeleton height={200} />;
  const addButton = (
    <Can role="owner">
      <Button onClick={() => setAdding(true)}>{t('channel.add')}</Button>
    </Can>
  );
  return (
    <Stack gap="sm">
      {channels.length === 0 ? (
        <div className={classes.list}>
          <EmptyState icon={BellPlus} title={t('channel.empty')} action={addButton}>
            {t('channel.emptyText')}
          </EmptyState>
        </div>
      ) : (
        <>
          <ul className={classes.list}>
            {channels.map((channel) => (
              <li key={channel.name} className={classes.item}>
                <div className={classes.text}>
                  <Group gap={8}>
                    <Text fw={600} size="sm">
                      {channel.name}
                    </Text>
                    <StateBadge tone={channel.enabled ? 'good' : 'quiet'}>
                      {t(channel.enabled ? 'on' : 'off')}
                    </StateBadge>
                  </Group>
                  <Text size="sm" c="dimmed">
                    {t(`channel.kind.${channel.kind}`)} · {channel.to?.join(', ') ?? channel.address} ·{' '}
                    {t('channel.from', { severity: t(`severity.${channel.minimumSeverity}`) })}
                  </Text>
                  {channel.trouble !== undefined && (
                    <Text size="sm" c="var(--tone-bad-text)">
                      {t('channel.trouble', { text: channel.trouble })}
                    </Text>
                  )}
                </div>
                <Group gap="xs">
                  <Can role="operator">
                    <Button
                      size="xs"
                      variant="default"
                      loading={tested === channel.name}
                      onClick={() => void test(channel.name)}
                    >
                      {t('channel.test')}
                    </Button>
                  </Can>
                  <Can role="owner">
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={t('channel.edit', { name: channel.name })}
                      onClick={() => setEdited(channel.name)}
                    >
                      <Pencil size={15} aria-hidden />
                    </ActionIcon>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={t('channel.remove', { name: channel.name })}
                      onClick={() => setRemoved(channel)}
                    >
                      <Trash2 size={15} aria-hidden />
                    </ActionIcon>
                  </Can>
                </Group>
              </li>
            ))}
          </ul>
          <div>{addButton}</div>
        </>
      )}
      {isAdding && <ChannelForm onClose={() => setAdding(false)} />}
      {edited !== undefined && <ChannelEditor name={edited} onClose={() => setEdited(undefined)} />}
      {removed && (
        <ConfirmAction
          opened
          onClose={() => setRemoved(undefined)}
          title={t('channel.removeTitle', { name: removed.name })}
          verb={t('channel.removeVerb')}
          danger
          run={() => remove.mutateAsync({ params: { name: removed.name } })}
          done={t('channel.removed', { name: removed.name })}
        >
          <Text size="sm">
            {t('channel.removeText')}{' '}
            {channels.every(({ name, enabled }) => name === removed.name || !enabled) && t('channel.lastOne')}
          </Text>
        </ConfirmAction>
      )}
    </Stack>
  );
}

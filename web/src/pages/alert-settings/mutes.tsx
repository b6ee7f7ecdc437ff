import { Button, Skeleton, Stack, Text } from '@mantine/core';
import BellOff from 'lucide-react/icons/bell-off';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { AlertMute } from '../../api/schema.ts';
import { Can } from '../../app/session.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { TimeText } from '../../components/time-text.tsx';
import classes from './alert-settings.module.css';

/** What nobody is told now. */
export function Mutes() {
  const { t } = useTranslation('alert-settings');
  const list = useApiQuery('/alert-mutes');
  const end = useApiMutation('delete', '/alert-mutes/{id}', ['/alert-mutes', '/alerts']);
  const what = ({ rule, code, source, sourceName }: AlertMute) =>
    [
      rule !== undefined && t('mute.rule', { rule }),
      code !== undefined && t('mute.code', { code }),
      source !== undefined && t('mute.source', { name: sourceName ?? source }),
    ]
      .filter(Boolean)
      .join(' · ');
  const finish = async (id: string) => {
    await end.mutateAsync({ params: { id } });
    await notify({ text: t('mute.ended') });
  };
  if (list.error && !list.data)
    return <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Skeleton height={160} />;
  return (
    <Stack gap="sm">
      {end.error && <ProblemAlert error={end.error} />}
      <div className={classes.list}>
        {list.data.items.length === 0 && (
          <EmptyState icon={BellOff} title={t('mute.empty')}>
            {t('mute.emptyText')}
          </EmptyState>
        )}
        {list.data.items.map((mute) => (
          <div key={mute.id} className={classes.item}>
            <div className={classes.text}>
              <Text fw={600} size="sm">
                {what(mute)}
              </Text>
              <Text size="sm" c="dimmed">
                {t('mute.until')} <TimeText at={mute.until} exact />, {t('mute.by', { who: mute.by })}
                {mute.reason !== '' && <> · {mute.reason}</>}
              </Text>
            </div>
            <Can role="operator">
              <Button size="xs" variant="default" onClick={() => void finish(mute.id).catch(() => {})}>
                {t('mute.end')}
              </Button>
            </Can>
          </div>
        ))}
      </div>
    </Stack>
  );
}

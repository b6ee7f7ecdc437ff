import { Button, List, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import OctagonX from 'lucide-react/icons/octagon-x';
import Play from 'lucide-react/icons/play';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import type { Source } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useCan, useSession } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { useActivity } from './use-activity.ts';

/** Deliveries that the API counts one by one. */
const MOST_COUNTED = 1000;

/** Stops a source at once, or lets it send again. Says before what that reaches, in numbers. */
export function StopButton({ source }: { source: Source }) {
  const { t } = useTranslation('source');
  const queries = useQueryClient();
  const api = useApi();
  const mayStart = useCan('operator');
  const [asked, setAsked] = useState<'stop' | 'start'>();
  const [reason, setReason] = useState('');
  const { name, state } = source;
  const refresh = () =>
    Promise.all(
      ['/sources', '/source-counts', '/sources/{name}', '/sources/{name}/activity'].map((path) =>
        queries.invalidateQueries({ queryKey: [path] }),
      ),
    );
  const stop = async () => {
    try {
      await api.post('/sources/{name}/disable', { params: { name }, body: { reason } });
    } finally {
      await refresh();
    }
  };
  const start = async (to: 'active' | 'sandboxed' = 'active') => {
    await api.post('/sources/{name}/state', { params: { name }, body: { state: to, reason } });
    // what the stop has held goes on; what was held for another reason stays
    await api.post('/queue/release', { body: { source: name, hold: 'source' } as never });
    await refresh();
  };
  const close = () => {
    setAsked(undefined);
    setReason('');
  };
  const mayStop = useSession().who.role !== 'auditor';
  const canStop = mayStop && (state === 'active' || state === 'sandboxed' || state === 'pending');
  const why = (
    <TextInput
      label={t('stop.reason')}
      maxLength={400}
      value={reason}
      onChange={({ currentTarget }) => setReason(currentTarget.value)}
    />
  );
  return (
    <>
      {canStop && (
        <Button
          color="red.8"
          leftSection={<OctagonX size={16} aria-hidden />}
          onClick={() => setAsked('stop')}
        >
          {t('stop.open')}
        </Button>
      )}
      {state === 'suspended' && mayStart && (
        <Button leftSection={<Play size={16} aria-hidden />} onClick={() => setAsked('start')}>
          {t('start.open')}
        </Button>
      )}
      <ConfirmAction
        opened={asked === 'stop'}
        onClose={close}
        title={t('stop.title', { name })}
        verb={t('stop.verb')}
        danger
        run={stop}
        done={t('stop.done', { name })}
        undo={
          mayStart && state !== 'pending'
            ? () => start(state === 'sandboxed' ? 'sandboxed' : 'active')
            : undefined
        }
      >
        <Stack gap="sm">
          {asked === 'stop' && <StopEffect name={name} mayStart={mayStart} />}
          {why}
        </Stack>
      </ConfirmAction>
      <ConfirmAction
        opened={asked === 'start'}
        onClose={close}
        title={t('start.title', { name })}
        verb={t('start.verb')}
        run={() => start(source.stateChange?.from === 'sandboxed' ? 'sandboxed' : 'active')}
        done={t('start.done', { name })}
      >
        <Stack gap="sm">
          {asked === 'start' && <StartEffect name={name} />}
          {why}
        </Stack>
      </ConfirmAction>
    </>
  );
}

/** "1000 or more" where no more are counted. */
function useCounted() {
  const { t } = useTranslation('source');
  const format = useFormat();
  return (count: number) =>
    count >= MOST_COUNTED ? t('stop.orMore', { number: format.number(count) }) : format.number(count);
}

function StopEffect({ name, mayStart }: { name: string; mayStart: boolean }) {
  const { t } = useTranslation('source');
  const format = useFormat();
  const counted = useCounted();
  const { data } = useActivity(name);
  if (!data) return <Skeleton height={66} />;
  const { connections, queued, totals } = data;
  return (
    <List size="sm" spacing={4}>
      <List.Item>
        {t('stop.connections', { count: connections, number: format.number(connections) })}
      </List.Item>
      <List.Item>{t('stop.queued', { count: queued, number: counted(queued) })}</List.Item>
      <List.Item>
        {t('stop.traffic', { count: totals.accepted, number: format.number(totals.accepted) })}
      </List.Item>
      {!mayStart && (
        <List.Item>
          <Text span fw={600} size="sm">
            {t('stop.noWayBack')}
          </Text>
        </List.Item>
      )}
    </List>
  );
}

function StartEffect({ name }: { name: string }) {
  const { t } = useTranslation('source');
  const counted = useCounted();
  const { data } = useActivity(name);
  if (!data) return <Skeleton height={44} />;
  const { heldByStop, held } = data;
  return (
    <List size="sm" spacing={4}>
      <List.Item>{t('start.effect')}</List.Item>
      <List.Item>{t('start.held', { count: heldByStop, number: counted(heldByStop) })}</List.Item>
      {held > heldByStop && (
        <List.Item>
          {t('start.otherHeld', { count: held - heldByStop, number: counted(held - heldByStop) })}
        </List.Item>
      )}
    </List>
  );
}

import { Alert, Button, Group, List, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiClient } from '../../api/client.ts';
import { useApi } from '../../api/context.ts';
import type { Source } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { Dialog } from '../../components/dialog.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import type { Target } from './bulk-bar.tsx';
import type { State } from './filters.ts';

const CHOICES: State[] = ['active', 'sandboxed', 'suspended', 'retired'];
/** Held mail goes on source by source; more at once would take minutes. */
const MOST_RELEASED = 200;

interface Props {
  target: Target;
  /** As they are now, for the way back. */
  before: readonly Source[];
  /** Absent: it is to be chosen. */
  state: State | undefined;
  onClose: () => void;
  onDone: () => void;
}

/** Moves many sources to another state: says first what that would change, by asking the relay. */
export default function BulkState({ target, before, state: given, onClose, onDone }: Props) {
  const { t } = useTranslation('sources');
  const { t: words } = useTranslation('components');
  const format = useFormat();
  const api = useApi();
  const queries = useQueryClient();
  const [state, setState] = useState<State>(given ?? 'sandboxed');
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const ask = (dryRun: boolean, signal?: AbortSignal) =>
    api.post('/sources/states', { body: { ...target, state, reason, dryRun }, signal });
  const plan = useQuery({
    queryKey: ['bulk-state', target, state],
    queryFn: ({ signal }) => ask(true, signal),
    staleTime: 0,
    gcTime: 0,
  });
  const refresh = () =>
    Promise.all(
      ['/sources', '/source-counts'].map((path) => queries.invalidateQueries({ queryKey: [path] })),
    );
  const run = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const { changed } = await ask(false);
      onDone();
      await notify({
        text: t(`bulk.done.${state}`, { count: changed, number: format.number(changed) }),
        undo:
          before.length > 0
            ? { label: t('bulk.undo'), run: () => undo(api, before, state).then(refresh) }
            : undefined,
      });
    } catch (error) {
      setFailure(error);
      setBusy(false);
    } finally {
      await refresh();
    }
  };
  const { data } = plan;
  return (
    <Dialog opened onClose={onClose} title={t(`bulk.title.${given ?? 'other'}`)} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Stack gap="md">
          {given === undefined && (
            <Select
              label={t('bulk.newState')}
              data={CHOICES.map((value) => ({ value, label: words(`sourceState.${value}`) }))}
              value={state}
              allowDeselect={false}
              onChange={(value) => setState(value ?? state)}
            />
          )}
          {plan.error && <ProblemAlert error={plan.error} onRetry={() => void plan.refetch()} />}
          {data && (
            <div role="status">
              <Text size="sm">
                <strong>
                  {t(`bulk.effect.${state}`, { count: data.changed, number: format.number(data.changed) })}
                </strong>{' '}
                {data.unchanged > 0 &&
                  t('bulk.unchanged', { count: data.unchanged, number: format.number(data.unchanged) })}
              </Text>
              <Text size="sm" c="dimmed" mt={4}>
                {t(`bulk.what.${state}`)}
              </Text>
              {data.errors.length > 0 && (
                <Alert color="orange" mt="sm" title={t('bulk.refused', { count: data.errors.length })}>
                  <List size="sm">
                    {data.errors.slice(0, 10).map(({ name, detail }) => (
                      <List.Item key={name} style={{ overflowWrap: 'anywhere' }}>
                        {detail}
                      </List.Item>
                    ))}
                  </List>
                </Alert>
              )}
            </div>
          )}
          <TextInput
            label={t('bulk.reason')}
            description={t('bulk.reasonHelp')}
            maxLength={400}
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
          {failure !== undefined && <ProblemAlert error={failure} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {words('confirm.cancel')}
            </Button>
            <Button
              type="submit"
              color={state === 'suspended' || state === 'retired' ? 'red.8' : undefined}
              loading={isBusy || plan.isFetching}
              disabled={!data || data.changed === 0}
            >
              {t(`bulk.verb.${state}`)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** Each goes back to where it was; what a stop had held goes on. */
async function undo(api: ApiClient, before: readonly Source[], state: State): Promise<void> {
  try {
    for (const past of CHOICES) {
      const names = before.filter((one) => one.state === past && one.state !== state).map(({ name }) => name);
      if (names.length === 0) continue;
      // what was retired comes back by way of suspended
      if (state === 'retired' && past !== 'suspended')
        await api.post('/sources/states', { body: { names, state: 'suspended', reason: '' } as never });
      await api.post('/sources/states', { body: { names, state: past, reason: '' } });
      if (past !== 'active' && past !== 'sandboxed') continue;
      for (const source of names.slice(0, MOST_RELEASED))
        await api.post('/queue/release', { body: { source, hold: 'source' } as never });
    }
  } catch (error) {
    await notify({ tone: 'bad', text: error instanceof Error ? error.message : String(error) });
  }
}

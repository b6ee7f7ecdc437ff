import { Select, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { useApiQuery } from '../../api/queries.ts';
import type { Delivery } from '../../api/schema.ts';
import { ConfirmAction } from '../../components/confirm-action.tsx';

const BY_RULES = ' rules';

interface Props {
  message: string;
  deliveries: readonly Delivery[];
  onClose: () => void;
}

/** Gives what waits of a message another route, and tries it at once. */
export default function Reroute({ message, deliveries, onClose }: Props) {
  const { t } = useTranslation('message');
  const api = useApi();
  const queries = useQueryClient();
  const { data } = useApiQuery('/routes');
  const now = deliveries[0]?.route;
  const given = deliveries.find(({ rerouted }) => rerouted)?.route;
  const names = (data?.items ?? []).map(({ name }) => name);
  const [chosen, setChosen] = useState<string>();
  const choice = chosen ?? names.find((name) => name !== now) ?? 'sandbox';
  const send = async (route: string | null) => {
    await api.post('/messages/{message}/reroute', { params: { message }, body: { route } });
    await Promise.all(
      ['/messages/{message}', '/messages', '/queue-groups'].map((path) =>
        queries.invalidateQueries({ queryKey: [path] }),
      ),
    );
  };
  return (
    <ConfirmAction
      opened
      onClose={onClose}
      title={t('reroute.title')}
      verb={t('reroute.verb')}
      run={() => send(choice === BY_RULES ? null : choice)}
      done={t('reroute.done')}
      undo={() => send(given ?? null)}
    >
      <Stack gap="sm">
        <Text size="sm">{t('reroute.text', { count: deliveries.length, route: now })}</Text>
        <Select
          label={t('reroute.route')}
          data={[
            ...[...new Set([...names, 'sandbox'])].map((name) => ({
              value: name,
              label: name === 'sandbox' ? t('reroute.sandbox') : name,
              disabled: name === now,
            })),
            ...(given === undefined ? [] : [{ value: BY_RULES, label: t('reroute.byRules') }]),
          ]}
          value={choice}
          onChange={(value) => setChosen(value ?? undefined)}
          allowDeselect={false}
          data-autofocus
        />
      </Stack>
    </ConfirmAction>
  );
}

import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import type { BodyOf } from '../../api/client.ts';
import { useFormat } from '../../app/format.ts';
import { ConfirmAction } from '../confirm-action.tsx';

export type Verb = 'hold' | 'release' | 'retry' | 'delete';
export type Selection = NonNullable<BodyOf<'/queue/hold', 'post'>>;

/** What an action is about. */
export interface QueueTarget {
  selection: Selection;
  deliveries: number;
  /** What people call it: a domain, a message. */
  name: string;
}

interface Props {
  verb: Verb;
  targets: readonly QueueTarget[];
  /** Nothing of it was held by a person before: the way back releases nothing else. */
  canUndo: boolean;
  onClose: () => void;
  onDone?: () => void;
}

/** Above it, what can not be undone asks for the number of what it takes away. */
const TYPED_ABOVE = 10;
const MOST_NAMED = 3;

/** Holds, releases, tries now or deletes what waits; says before how much that is. */
export default function QueueAction({ verb, targets, canUndo, onClose, onDone }: Props) {
  const { t } = useTranslation('queue-action');
  const format = useFormat();
  const api = useApi();
  const queries = useQueryClient();
  const count = targets.reduce((sum, { deliveries }) => sum + deliveries, 0);
  const number = format.number(count);
  const refresh = () =>
    Promise.all(
      ['/queue-groups', '/queue', '/messages/{message}', '/messages', '/overview'].map((path) =>
        queries.invalidateQueries({ queryKey: [path] }),
      ),
    );
  const each = async (what: Verb, change: (selection: Selection) => Selection) => {
    try {
      for (const { selection } of targets) await api.post(`/queue/${what}`, { body: change(selection) });
    } finally {
      await refresh();
    }
  };
  const names = targets.slice(0, MOST_NAMED).map(({ name }) => `\u2068${name}\u2069`);
  const rest = targets.length - names.length;
  return (
    <ConfirmAction
      opened
      onClose={onClose}
      title={t(`title.${verb}`, { count, number })}
      verb={t(`verb.${verb}`)}
      danger={verb === 'delete'}
      typed={verb === 'delete' && count > TYPED_ABOVE ? String(count) : undefined}
      run={async () => {
        await each(verb, (selection) => selection);
        onDone?.();
      }}
      done={t(`done.${verb}`, { count, number })}
      undo={
        verb === 'hold' && canUndo
          ? () => each('release', (selection) => ({ ...selection, state: 'held', hold: 'operator' }))
          : undefined
      }
    >
      <Text size="sm">{t(`text.${verb}`, { count, number })}</Text>
      <Text size="sm" c="dimmed" mt={6} style={{ overflowWrap: 'anywhere' }}>
        {rest > 0
          ? t('concernsMore', { names: names.join(', '), count: rest, number: format.number(rest) })
          : t('concerns', { names: names.join(', ') })}
      </Text>
    </ConfirmAction>
  );
}

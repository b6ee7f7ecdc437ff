import { Anchor, Button, Group, Paper, Skeleton, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import CircleCheckBig from 'lucide-react/icons/circle-check-big';
import Play from 'lucide-react/icons/play';
import Trash2 from 'lucide-react/icons/trash-2';
import { useTranslation } from 'react-i18next';
import type { HeldGroup } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useCan } from '../../app/session.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { useHoldReason } from '../../components/message-state/message-state.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { RemoteWords } from '../../components/remote-words/remote-words.tsx';
import { TimeText } from '../../components/time-text.tsx';
import type { Asked } from './page.tsx';
import classes from './queue.module.css';

interface Props {
  groups: readonly HeldGroup[] | undefined;
  error: unknown;
  /** Only of this source. */
  source: string | undefined;
  onAsk: (asked: Asked) => void;
}

/** What waits for a person, by the reason, with what lets it go. */
export function Held({ groups, error, source, onAsk }: Props) {
  const { t } = useTranslation('queue');
  const format = useFormat();
  const holdReason = useHoldReason();
  const mayAct = useCan('operator');
  if (!groups) return error == null ? <Skeleton height={160} /> : <ProblemAlert error={error} />;
  const shown = source === undefined ? groups : groups.filter(({ sourceName }) => sourceName === source);
  if (shown.length === 0)
    return (
      <EmptyState icon={CircleCheckBig} title={t('held.empty')}>
        {t('held.emptyText')}
      </EmptyState>
    );
  return (
    <Paper p={0} component="ul" m={0}>
      {shown.map((group) => {
        const { hold, source: id, sourceName, deliveries, oldestAt, reply } = group;
        const selection = {
          state: 'held' as const,
          hold,
          source: id,
        };
        const target = { name: sourceName ?? t('held.relay'), deliveries, selection };
        return (
          <li key={`${hold} ${id}`} className={classes.held}>
            <div>
              <Text fw={600} size="sm">
                {holdReason(hold)}
                {sourceName !== undefined && (
                  <>
                    {' · '}
                    <Anchor
                      component={Link}
                      to="/sources/$name"
                      params={{ name: sourceName } as never}
                      size="sm"
                    >
                      <bdi>{sourceName}</bdi>
                    </Anchor>
                  </>
                )}
              </Text>
              <Text size="sm" c="dimmed">
                {t('held.count', { count: deliveries, number: format.number(deliveries) })} ·{' '}
                {t('held.oldest')} <TimeText at={oldestAt} /> · {t(`held.todo.${hold}`)}
              </Text>
              {reply !== undefined && (
                <Text size="sm" component="div">
                  <RemoteWords says={reply} />
                </Text>
              )}
            </div>
            <Group gap="xs">
              <Button
                size="xs"
                variant="default"
                component={Link}
                to="/messages"
                search={
                  { state: 'held', ...(sourceName === undefined ? {} : { source: sourceName }) } as never
                }
              >
                {t('held.show')}
              </Button>
              {mayAct && hold !== 'approval' && (
                <Button
                  size="xs"
                  leftSection={<Play size={14} aria-hidden />}
                  onClick={() => onAsk({ verb: 'release', targets: [target] })}
                >
                  {t('held.release')}
                </Button>
              )}
              {mayAct && (
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<Trash2 size={14} aria-hidden />}
                  onClick={() => onAsk({ verb: 'delete', targets: [target] })}
                >
                  {t('bulk.delete')}
                </Button>
              )}
            </Group>
          </li>
        );
      })}
    </Paper>
  );
}

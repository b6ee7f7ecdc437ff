import { Paper, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Delivery } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useHoldReason } from '../../components/message-state/message-state.tsx';
import { RemoteWords } from '../../components/remote-words/remote-words.tsx';
import { TimeText } from '../../components/time-text.tsx';
import classes from './message.module.css';

/** What still waits, and why. */
export function Waiting({ deliveries }: { deliveries: readonly Delivery[] }) {
  const { t } = useTranslation('message');
  const format = useFormat();
  const holdReason = useHoldReason();
  return (
    <Paper p="md" component="section">
      <Title order={2} mb="xs">
        {t('waiting.title')}
      </Title>
      {deliveries.map(
        ({ part, domain, state, hold, nextAttemptAt, attempts, lastReply, route, rerouted, recipients }) => (
          <div key={part} className={classes.part}>
            <Text size="sm" fw={600}>
              <bdi>{domain}</bdi>
              {recipients.length > 1 && (
                <Text component="span" size="sm" c="dimmed">
                  {' '}
                  {t('waiting.recipients', {
                    count: recipients.length,
                    number: format.number(recipients.length),
                  })}
                </Text>
              )}
            </Text>
            <Text size="sm">
              {state === 'held' ? (
                holdReason(hold ?? 'operator')
              ) : nextAttemptAt <= Date.now() ? (
                t('waiting.now')
              ) : (
                <>
                  {t('waiting.next')} <TimeText at={nextAttemptAt} />
                </>
              )}
              {attempts > 0 &&
                ` · ${t('waiting.attempts', { count: attempts, number: format.number(attempts) })}`}
            </Text>
            {lastReply !== undefined && lastReply !== '' && (
              <div className={classes.says}>
                <RemoteWords says={lastReply} />
              </div>
            )}
            <Text size="sm" c="dimmed">
              {t(rerouted ? 'waiting.rerouted' : 'waiting.route', { route })}
            </Text>
          </div>
        ),
      )}
    </Paper>
  );
}

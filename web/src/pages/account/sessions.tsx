import { Button, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import classes from './account.module.css';
import { deviceOf } from './device.ts';
import { Section } from './section.tsx';

const METHODS = ['password', 'password+totp', 'password+recovery', 'passkey', 'oidc'];

/** Where this account is signed in. */
export function Sessions() {
  const { t } = useTranslation('account');
  const list = useApiQuery('/me/sessions');
  const end = useApiMutation('delete', '/me/sessions', ['/me/sessions']);
  const endOthers = async () => {
    const { count } = await end.mutateAsync({});
    await notify({ text: t('sessions.done', { count }) });
  };
  const sessions = list.data?.items;
  return (
    <Section
      title={t('sessions.title')}
      actions={
        sessions &&
        sessions.length > 1 && (
          <Button size="xs" variant="default" loading={end.isPending} onClick={() => void endOthers()}>
            {t('sessions.end')}
          </Button>
        )
      }
    >
      {list.error && <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />}
      {end.error && <ProblemAlert error={end.error} />}
      <ul className={classes.list}>
        {sessions?.map((session) => (
          <li key={session.id} className={classes.item}>
            <span className={classes.name} title={session.agent}>
              {deviceOf(session.agent)} · {session.network}{' '}
              {session.current && <StateBadge tone="good">{t('sessions.current')}</StateBadge>}
            </span>
            <Text size="sm" c="dimmed">
              {METHODS.includes(session.method) ? t(`sessions.method.${session.method}`) : session.method},{' '}
              {t('sessions.since')} <TimeText at={session.createdAt} />, {t('sessions.used')}{' '}
              <TimeText at={session.usedAt} />
            </Text>
          </li>
        ))}
      </ul>
    </Section>
  );
}

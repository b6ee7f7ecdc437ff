import { Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import ShieldCheck from 'lucide-react/icons/shield-check';
import { useTranslation } from 'react-i18next';
import { useApiPages } from '../../api/queries.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge, type Tone } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import classes from './lab.module.css';

const TONES: Record<string, Tone> = {
  delivered: 'good',
  bounced: 'bad',
  refused: 'bad',
  held: 'warn',
  deferred: 'warn',
};

/** What has come through the relay: nothing of it is anonymous. */
export function PosternInbox() {
  const { t } = useTranslation('lab');
  const list = useApiPages(
    '/messages',
    { query: { direction: 'submission' } },
    { pageSize: 50, refetchInterval: 5000 },
  );
  // what was refused at the tenant's front door is in the journal too, and never had a source
  const rows = list.rows?.filter(({ source }) => source !== undefined);
  const { error } = list;
  return (
    <section className={classes.inbox} aria-labelledby="postern-inbox">
      <header>
        <Title order={2} fz="md" id="postern-inbox">
          {t('postern.title')}
        </Title>
      </header>
      {error && !rows && <ProblemAlert error={error} onRetry={() => void list.refetch()} />}
      {rows?.length === 0 && (
        <EmptyState icon={ShieldCheck} title={t('postern.empty')}>
          {t('postern.emptyText')}
        </EmptyState>
      )}
      {rows && rows.length > 0 && (
        <ul className={classes.mails} aria-label={t('postern.title')} tabIndex={0}>
          {rows.map(({ id, subject, from, headerFrom, recipients, state, sourceName, at, reply }) => (
            <li key={id}>
              <Link to="/messages/$id" params={{ id }} className={classes.mail}>
                <span className={classes.subject}>{subject ?? reply}</span>
                <span className={classes.when}>
                  <TimeText at={at} />
                </span>
                <span className={classes.people}>
                  {headerFrom ?? from} → {recipients[0]}
                </span>
                <span className={classes.badges}>
                  <StateBadge tone={TONES[state] ?? 'quiet'}>{t(`state.${state}`)}</StateBadge>
                  {sourceName !== undefined && (
                    <StateBadge tone="info">{t('postern.source', { name: sourceName })}</StateBadge>
                  )}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

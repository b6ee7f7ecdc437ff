import { Drawer, Select, Title } from '@mantine/core';
import Mail from 'lucide-react/icons/mail';
import { useTranslation } from 'react-i18next';
import { useApiPages } from '../../api/queries.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { useFilters } from '../../components/use-filters.ts';
import classes from './lab.module.css';
import { LabMessage } from './lab-message.tsx';

interface Props {
  mailboxes: readonly { address: string; name: string }[];
}

/** What the tenant's front door has let in, whoever brought it. */
export function TenantInbox({ mailboxes }: Props) {
  const { t } = useTranslation('lab');
  const [{ mailbox, message }, setFilters] = useFilters(['mailbox', 'message']);
  const list = useApiPages('/lab/messages', { query: { mailbox } }, { pageSize: 50, refetchInterval: 5000 });
  const { rows, error } = list;
  return (
    <section className={classes.inbox} aria-labelledby="tenant-inbox">
      <header>
        <Title order={2} fz="md" id="tenant-inbox">
          {t('tenant.title')}
        </Title>
        <Select
          size="xs"
          aria-label={t('tenant.mailbox')}
          placeholder={t('tenant.all')}
          clearable
          w={170}
          data={mailboxes.map(({ address, name }) => ({ value: address, label: name }))}
          value={mailbox ?? null}
          onChange={(value) => setFilters({ mailbox: value ?? undefined })}
        />
      </header>
      {error && !rows && <ProblemAlert error={error} onRetry={() => void list.refetch()} />}
      {rows?.length === 0 && (
        <EmptyState icon={Mail} title={t('tenant.empty')}>
          {t('tenant.emptyText')}
        </EmptyState>
      )}
      {rows && rows.length > 0 && (
        <ul className={classes.mails} aria-label={t('tenant.title')} tabIndex={0}>
          {rows.map(({ id, subject, headerFrom, mailbox: to, folder, receivedAt, verdict }) => (
            <li key={id}>
              <button type="button" className={classes.mail} onClick={() => setFilters({ message: id })}>
                <span className={classes.subject}>{subject}</span>
                <span className={classes.when}>
                  <TimeText at={receivedAt} />
                </span>
                <span className={classes.people}>
                  {headerFrom} → {mailboxes.find(({ address }) => address === to)?.name ?? to}
                </span>
                <span className={classes.badges}>
                  {folder !== 'Inbox' && <StateBadge tone="warn">{t(`folder.${folder}`)}</StateBadge>}
                  <StateBadge tone={verdict.dmarc === 'pass' ? 'good' : 'bad'}>
                    {t('tenant.dmarc', { result: verdict.dmarc })}
                  </StateBadge>
                  {verdict.directSend && <StateBadge tone="bad">Direct Send</StateBadge>}
                  {verdict.connector !== undefined && (
                    <StateBadge tone="info">{verdict.connector}</StateBadge>
                  )}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <Drawer
        opened={message !== undefined}
        onClose={() => setFilters({ message: undefined })}
        position="right"
        size="xl"
        title={t('message.title')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {message !== undefined && <LabMessage id={message} />}
      </Drawer>
    </section>
  );
}

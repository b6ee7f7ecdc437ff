import { Button, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import FlaskConical from 'lucide-react/icons/flask-conical';
import Presentation from 'lucide-react/icons/presentation';
import RotateCcw from 'lucide-react/icons/rotate-ccw';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { useApiQuery } from '../../api/queries.ts';
import { Can } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { type LabOutcome, Outcome } from '../../components/lab-outcome/outcome.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { Actors } from './actors.tsx';
import classes from './lab.module.css';
import { PosternInbox } from './postern-inbox.tsx';
import { TenantInbox } from './tenant-inbox.tsx';
import { Switches } from './switches.tsx';

/** What changes when somebody has sent, or a setting has changed. */
const STALE = ['/lab', '/lab/messages', '/lab/mailboxes', '/lab/settings', '/messages'];

/** A small world with a Microsoft 365 tenant in it: the switch, who sends and attacks, and where it all lands. */
export default function LabPage() {
  const { t, i18n } = useTranslation('lab');
  const api = useApi();
  const queries = useQueryClient();
  const mailboxes = useApiQuery('/lab/mailboxes').data?.items ?? [];
  const [results, setResults] = useState<LabOutcome[]>([]);
  const [sending, setSending] = useState<string>();
  const [failure, setFailure] = useState<unknown>();
  const [isResetting, setResetting] = useState(false);
  const renew = () => Promise.all(STALE.map((path) => queries.invalidateQueries({ queryKey: [path] })));
  const send = async (actor: string) => {
    setSending(actor);
    setFailure(undefined);
    try {
      const language = i18n.language === 'fr' ? 'fr' : 'en';
      const outcome = await api.post('/lab/actors/{name}/send', {
        params: { name: actor },
        body: { language },
      });
      setResults((before) => [outcome, ...before.filter((one) => one.actor !== actor)]);
      await renew();
    } catch (error) {
      setFailure(error);
    } finally {
      setSending(undefined);
    }
  };
  const [last] = results;
  return (
    <Stack gap="md">
      <PageHeader
        title={t('title')}
        description={t('description')}
        actions={
          <>
            <Can role="operator">
              <Button
                variant="default"
                leftSection={<RotateCcw size={15} aria-hidden />}
                onClick={() => setResetting(true)}
              >
                {t('reset.open')}
              </Button>
            </Can>
            <Button component={Link} to="/lab/tour" leftSection={<Presentation size={15} aria-hidden />}>
              {t('tour')}
            </Button>
          </>
        }
      />
      <div className={classes.columns}>
        <div className={classes.controls}>
          <Switches onChange={renew} />
          <Actors
            results={results}
            mailboxes={mailboxes}
            sending={sending}
            onSend={(actor) => void send(actor)}
          />
        </div>
        <div className={classes.world}>
          <section aria-label={t('last.title')} aria-live="polite" className={classes.last}>
            {failure !== undefined && <ProblemAlert error={failure} />}
            {last ? (
              <Outcome key={last.messageId} outcome={last} mailboxes={mailboxes} />
            ) : (
              <div className={classes.frame}>
                <EmptyState icon={FlaskConical} title={t('last.none')}>
                  {t('last.text')}
                </EmptyState>
              </div>
            )}
          </section>
          <div className={classes.inboxes}>
            <TenantInbox mailboxes={mailboxes} />
            <PosternInbox />
          </div>
        </div>
      </div>
      <ConfirmAction
        opened={isResetting}
        onClose={() => setResetting(false)}
        title={t('reset.title')}
        verb={t('reset.verb')}
        danger
        run={async () => {
          await api.post('/lab/reset');
          setResults([]);
          await renew();
        }}
        done={t('reset.done')}
      >
        <Text size="sm">{t('reset.text')}</Text>
      </ConfirmAction>
    </Stack>
  );
}

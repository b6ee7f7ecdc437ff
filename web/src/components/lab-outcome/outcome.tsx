import { Button, Collapse, Group, Text } from '@mantine/core';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../../api/client.ts';
import { StateBadge, type Tone } from '../state-badge.tsx';
import { VerdictChips } from '../verdicts/verdict-chip.tsx';
import type { Check } from '../verdicts/verdict.ts';
import classes from './lab-outcome.module.css';

export type LabOutcome = AnswerOf<'/lab/actors/{name}/send', 'post'>;

/** That an attack arrives is bad, and that it does not is good. */
function toneOf({ class: kind, landed, accepted }: Pick<LabOutcome, 'class' | 'landed' | 'accepted'>): Tone {
  const [first] = landed;
  if (first) return first.folder !== 'Inbox' ? 'warn' : kind === 'attack' ? 'bad' : 'good';
  return accepted ? 'warn' : kind === 'attack' ? 'good' : 'bad';
}

/** What came of letting an actor send: what it said, what it was told, and where its message lies. */
export function Outcome({
  outcome,
  mailboxes,
  surprise = false,
}: {
  outcome: LabOutcome;
  mailboxes: readonly { address: string; name: string }[];
  /** It went another way than it was told. */
  surprise?: boolean;
}) {
  const { t } = useTranslation('lab-outcome');
  const [isOpen, setOpen] = useState(false);
  const lines = useId();
  const { actor, client, envelope, headerFrom, reply, landed, way, transcript } = outcome;
  const verdict = landed[0]?.verdict;
  const ways = way === 'relay' ? 'toRelay' : 'from';
  return (
    <article className={classes.card} data-tone={toneOf(outcome)}>
      <Group gap="xs" justify="space-between" wrap="nowrap" align="flex-start">
        <div className={classes.who}>
          <strong>{t(`actor.${actor}`, { defaultValue: actor })}</strong>
          <Text size="xs" c="dimmed">
            {t(ways, { address: client.address, hello: client.hello })}
          </Text>
        </div>
        <Landing outcome={outcome} mailboxes={mailboxes} />
      </Group>
      <dl className={classes.facts}>
        <div>
          <dt>{t('envelope')}</dt>
          <dd>{envelope.from === '' ? '<>' : envelope.from}</dd>
        </div>
        <div>
          <dt>{t('author')}</dt>
          <dd>{headerFrom}</dd>
        </div>
        <div>
          <dt>{t('reply')}</dt>
          <dd className={classes.reply}>{essence(reply)}</dd>
        </div>
        {verdict && (
          <div>
            <dt>{t('checks')}</dt>
            <dd>
              <VerdictChips
                verdicts={(['spf', 'dkim', 'dmarc'] as const satisfies Check[]).map((check) => ({
                  check,
                  result: verdict[check],
                }))}
              />{' '}
              <span className={classes.known}>
                {verdict.connector === undefined
                  ? t(verdict.directSend ? 'directSend' : 'anonymous')
                  : t('connector', { connector: verdict.connector })}
              </span>
            </dd>
          </div>
        )}
      </dl>
      {surprise && (
        <Text size="sm" c="var(--tone-bad-text)" mt="xs" role="alert">
          {t('surprise')}
        </Text>
      )}
      <Button
        variant="subtle"
        size="compact-xs"
        mt={6}
        ml={-8}
        aria-expanded={isOpen}
        aria-controls={lines}
        onClick={() => setOpen(!isOpen)}
      >
        {t(isOpen ? 'less' : 'more')}
      </Button>
      <Collapse expanded={isOpen} id={lines}>
        <ol className={classes.transcript} tabIndex={isOpen ? 0 : -1} aria-label={t('transcript')}>
          {transcript.map(({ by, text }, index) => (
            // biome-ignore lint: a dialogue never changes its order
            <li key={index} data-by={by}>
              <span aria-hidden>{{ client: '→', server: '←', note: '·' }[by]}</span>
              <span className="visually-hidden">{t(`by.${by}`)}</span> {text}
            </li>
          ))}
        </ol>
      </Collapse>
    </article>
  );
}

/** `Anna Keller, Inbox`, or that nobody gets to see it. */
export function Landing({
  outcome,
  mailboxes,
}: {
  outcome: Pick<LabOutcome, 'class' | 'landed' | 'accepted'>;
  mailboxes: readonly { address: string; name: string }[];
}) {
  const { t } = useTranslation('lab-outcome');
  const { landed, accepted } = outcome;
  const [first, ...more] = landed;
  if (!first) {
    return <StateBadge tone={toneOf(outcome)}>{t(accepted ? 'lost' : 'refused')}</StateBadge>;
  }
  const name = mailboxes.find(({ address }) => address === first.mailbox)?.name ?? first.mailbox;
  return (
    <StateBadge tone={toneOf(outcome)}>
      {t('arrived', { name, folder: t(`folder.${first.folder}`) })}
      {more.length > 0 && ` +${more.length}`}
    </StateBadge>
  );
}

/** A reply without identifiers, times and names of servers, which only support asks for. */
function essence(reply: string): string {
  return reply
    .replaceAll(/ \[[^\]]* \d{4}-\d\d-\d\dT[^\]]*\]/g, '')
    .replace(/^(250 2\.6\.0) .* (Queued mail for delivery)$/, '$1 … $2');
}

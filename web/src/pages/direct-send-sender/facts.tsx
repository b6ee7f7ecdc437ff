import { Alert, Anchor, Paper, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProvenDirectSendSender } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { phraseWithPoints, useWords } from '../../components/audit/words.ts';
import { KeyValues } from '../../components/key-values.tsx';
import classes from './sender.module.css';

const SHOWN = 8;

/** What the evidence tells of it. */
export function Facts({ sender }: { sender: ProvenDirectSendSender }) {
  const { t } = useTranslation('direct-send-sender');
  const words = useWords();
  const format = useFormat();
  const counted = (table: Record<string, number>) =>
    Object.entries(table)
      .sort(([, a], [, b]) => b - a)
      .map(([name, count]) => `${name} (${format.number(count)})`);
  const others = sender.candidates.filter((one) => one !== sender.class);
  const { abuse, authentication, messages, recipients } = sender;
  return (
    <Paper p="md">
      <Stack gap="md">
        <section aria-labelledby="what">
          <Title order={2} id="what" mb={4}>
            {t('facts.what')}
          </Title>
          <Text size="sm">{words.classNotes[sender.class]}</Text>
          {others.length > 0 && (
            <Alert mt="sm" color="orange" title={t('facts.open')}>
              <Text size="sm">
                {t('facts.mayBe', { classes: others.map((one) => words.classes[one] ?? one).join(', ') })}
              </Text>
              {sender.lacks.length > 0 && (
                <>
                  <Text size="sm" mt={6}>
                    {t('facts.wouldTell')}
                  </Text>
                  <ul className={classes.plain}>
                    {sender.lacks.map((lack) => (
                      <li key={lack}>{words.lacks[lack] ?? lack}</li>
                    ))}
                  </ul>
                  <Anchor
                    component={Link}
                    to="/direct-send/evidence"
                    search={{ tab: 'export' } as never}
                    size="sm"
                  >
                    {t('facts.export')}
                  </Anchor>
                </>
              )}
            </Alert>
          )}
          {abuse.hidden > 0 && (
            <Alert mt="sm" color="red">
              {t('facts.hidden', { count: abuse.hidden })}
            </Alert>
          )}
          <KeyValues
            rows={[
              [t('facts.confidence'), format.percent(Math.round(sender.confidence * 100) / 100)],
              [t('facts.reasons'), list(sender.reasons.map(words.phrase))],
              [t('facts.abuse'), list(abuse.reasons.map((one) => phraseWithPoints(words, one)))],
              [
                t('facts.campaigns'),
                abuse.campaigns.length > 0 && (
                  <Anchor component={Link} to="/direct-send/campaigns" inherit>
                    {t('facts.campaignCount', { count: abuse.campaigns.length })}
                  </Anchor>
                ),
              ],
              [
                t('facts.missing'),
                Object.entries(sender.missing)
                  .map(([what, count]) => `${words.missing[what] ?? what} (${format.number(count)})`)
                  .join(', '),
              ],
            ]}
          />
        </section>
        <section aria-labelledby="who">
          <Title order={2} id="who" mb={2}>
            {t('facts.who')}
          </Title>
          <KeyValues
            rows={[
              [
                t('facts.messages'),
                t('facts.messagesOf', {
                  count: messages.total,
                  total: format.number(messages.total),
                  proven: format.number(messages.proven),
                  candidates: format.number(messages.candidates),
                }),
              ],
              [
                t('facts.seen'),
                sender.first !== undefined && sender.last !== undefined
                  ? `${format.date(sender.first)} – ${format.date(sender.last)}`
                  : undefined,
              ],
              [t('facts.service'), sender.service],
              [t('facts.addresses'), <More key="addresses" values={sender.addresses} isCode />],
              [t('facts.helos'), <More key="helos" values={sender.helos} isCode />],
              [t('facts.names'), sender.names.length > 0 && <More values={sender.names} isCode />],
              [t('facts.tls'), counted(sender.tls).join(', ')],
              [t('facts.connectors'), counted(sender.connectors).join(', ')],
              [t('facts.domains'), <More key="domains" values={counted(sender.domains)} />],
              [t('facts.senders'), sender.senders.length > 0 && <More values={sender.senders} />],
              [t('facts.authors'), sender.authors.length > 0 && <More values={sender.authors} />],
              [
                t('facts.recipients'),
                <div key="recipients">
                  {format.number(recipients.count)}
                  {recipients.more && '+'}
                  <More values={recipients.some} />
                </div>,
              ],
              [t('facts.subjects'), sender.subjects.length > 0 && <More values={sender.subjects} />],
              ['SPF', counted(authentication['spf'] ?? {}).join(', ')],
              ['DKIM', counted(authentication['dkim'] ?? {}).join(', ')],
              ['DMARC', counted(authentication['dmarc'] ?? {}).join(', ')],
              [
                t('facts.evidence'),
                Object.entries(sender.evidence)
                  .map(([kind, count]) => `${words.kinds[kind] ?? kind} (${format.number(count)})`)
                  .join(', '),
              ],
            ]}
          />
        </section>
      </Stack>
    </Paper>
  );
}

function list(values: readonly string[]): ReactNode {
  if (values.length === 0) return undefined;
  return (
    <ul className={classes.plain}>
      {values.map((value) => (
        <li key={value}>{value}</li>
      ))}
    </ul>
  );
}

/** A list that is long now and then. What strangers wrote can not turn what stands beside it. */
function More({ values, isCode = false }: { values: readonly string[]; isCode?: boolean }) {
  const { t } = useTranslation('direct-send-sender');
  const [isWhole, setWhole] = useState(false);
  if (values.length === 0) return null;
  return (
    <>
      {(isWhole ? values : values.slice(0, SHOWN)).map((value) => (
        <div key={value}>
          <bdi className={isCode ? classes.code : undefined}>{value}</bdi>
        </div>
      ))}
      {values.length > SHOWN && (
        <Anchor component="button" type="button" size="sm" onClick={() => setWhole(!isWhole)}>
          {isWhole ? t('facts.fewer') : t('facts.all', { count: values.length })}
        </Anchor>
      )}
    </>
  );
}

import { Skeleton, Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { KeyValues } from '../../components/key-values.tsx';
import { MessageContent } from '../../components/message-content/message-content.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { OpenPoints } from '../../components/verdicts/open-points.tsx';
import { VerdictList } from '../../components/verdicts/verdict-list.tsx';

/** One message in a mailbox of the tenant: how it came in, what was found, what is in it. */
export function LabMessage({ id }: { id: string }) {
  const { t } = useTranslation('lab');
  const { data, error } = useApiQuery('/lab/messages/{id}', { params: { id } });
  if (error) return <ProblemAlert error={error} />;
  if (!data) return <Skeleton height={240} />;
  const { entry } = data;
  const { verdict } = entry;
  return (
    <Stack gap="md">
      <Title order={2} style={{ overflowWrap: 'anywhere' }} dir="auto">
        {entry.subject}
      </Title>
      <KeyValues
        rows={[
          [t('message.from'), entry.headerFrom],
          [t('message.envelope'), entry.from === '' ? '<>' : entry.from],
          [t('message.mailbox'), `${entry.mailbox}, ${t(`folder.${entry.folder}`)}`],
          [t('message.received'), <TimeText key="at" at={entry.receivedAt} exact />],
          [
            t('message.client'),
            t('message.clientText', { address: verdict.clientAddress, hello: verdict.hello }),
          ],
          [
            t('message.way'),
            verdict.connector ?? t(verdict.directSend ? 'message.directSend' : 'message.anonymous'),
          ],
          ['compauth', `${verdict.compauth} (${verdict.reason})`],
          ['SCL', `${verdict.scl} ${verdict.category}`],
        ]}
      />
      <VerdictList
        verdicts={[
          { check: 'spf', result: verdict.spf },
          { check: 'dkim', result: verdict.dkim },
          { check: 'dmarc', result: verdict.dmarc },
        ]}
      />
      {verdict.open.length > 0 && (
        <section>
          <Title order={3} mb={4}>
            {t('message.open')}
          </Title>
          <OpenPoints questions={verdict.open} />
        </section>
      )}
      <MessageContent place={{ path: '/lab/messages/{id}', id }} ask />
    </Stack>
  );
}

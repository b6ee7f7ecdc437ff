import { Anchor, Button, Drawer, Skeleton, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import Crosshair from 'lucide-react/icons/crosshair';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiPages } from '../../api/queries.ts';
import type { DirectSendCampaign } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { SenderKind } from '../../components/audit/sender-kind.tsx';
import { useAuditRun } from '../../components/audit/use-audit-run.ts';
import { phraseWithPoints, useWords } from '../../components/audit/words.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { TimeText } from '../../components/time-text.tsx';
import classes from './campaigns.module.css';

/** Attacks: forged messages that belong together. */
export default function CampaignsPage() {
  const { t } = useTranslation('direct-send-campaigns');
  const format = useFormat();
  const run = useAuditRun();
  const isAnswered = run.answeredAt !== undefined;
  const list = useApiPages('/audit/campaigns', {}, { enabled: isAnswered });
  const [shown, setShown] = useState<DirectSendCampaign>();
  const columns = useMemo<Column<DirectSendCampaign>[]>(
    () => [
      {
        id: 'first',
        title: t('column.first'),
        width: '130px',
        narrow: '92px',
        cell: ({ first }) => <span title={format.dateTime(first)}>{format.date(first)}</span>,
      },
      {
        id: 'subject',
        title: t('column.subject'),
        width: 'minmax(220px, 2.4fr)',
        narrow: 'minmax(0, 1fr)',
        cell: ({ subjects }) => <bdi title={subjects[0]}>{subjects[0] ?? t('noSubject')}</bdi>,
      },
      {
        id: 'places',
        title: t('column.places'),
        width: 'minmax(150px, 1.4fr)',
        wideOnly: true,
        cell: ({ places }) => places.join(', '),
      },
      {
        id: 'messages',
        title: t('column.messages'),
        width: '100px',
        narrow: '76px',
        align: 'right',
        cell: ({ messages }) => format.number(messages),
      },
      {
        id: 'recipients',
        title: t('column.recipients'),
        width: '110px',
        align: 'right',
        wideOnly: true,
        cell: ({ recipients }) => format.number(recipients),
      },
      {
        id: 'self',
        title: t('column.self'),
        width: '130px',
        align: 'right',
        wideOnly: true,
        cell: ({ self, messages }) =>
          format.percent(messages === 0 ? 0 : Math.round((self / messages) * 100) / 100),
      },
    ],
    [t, format],
  );
  if (run.error) return <ProblemAlert error={run.error} onRetry={run.retry} />;
  return (
    <Stack gap="md">
      <PageHeader title={t('title')} description={t('description')} />
      {!run.isLoading && !isAnswered ? (
        <EmptyState
          icon={Crosshair}
          title={t('none.title')}
          action={
            <Button component={Link} to="/direct-send">
              {t('none.action')}
            </Button>
          }
        >
          {t('none.text')}
        </EmptyState>
      ) : (
        <DataTable
          label={t('title')}
          columns={columns}
          {...list.table}
          rowKey={({ id }) => id}
          onRow={setShown}
          empty={
            <EmptyState icon={Crosshair} title={t('empty.title')}>
              {t('empty.text')}
            </EmptyState>
          }
        />
      )}
      <Drawer
        opened={shown !== undefined}
        onClose={() => setShown(undefined)}
        position="right"
        size="lg"
        title={t('campaign')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {shown && <Campaign campaign={shown} />}
      </Drawer>
    </Stack>
  );
}

function Campaign({ campaign }: { campaign: DirectSendCampaign }) {
  const { t } = useTranslation('direct-send-campaigns');
  const words = useWords();
  const format = useFormat();
  const senders = useApiPages('/audit/senders', { query: { campaign: campaign.id } }, { pageSize: 50 });
  const { first, last, messages, recipients, self, places, subjects, attachments } = campaign;
  const reasons = [
    ...new Set(senders.rows?.flatMap(({ abuse, reasons: ofClass }) => [...abuse.reasons, ...ofClass])),
  ];
  const lines = (values: readonly string[]) =>
    values.length > 0 && (
      <ul className={classes.plain}>
        {values.slice(0, 20).map((value) => (
          <li key={value}>
            <bdi>{value}</bdi>
          </li>
        ))}
      </ul>
    );
  return (
    <Stack gap="md">
      <Text size="sm">
        {t('text', {
          messages: t('messages', { count: messages, number: format.number(messages) }),
          recipients: t('recipients', { count: recipients, number: format.number(recipients) }),
          self: format.number(self),
        })}
      </Text>
      <KeyValues
        rows={[
          [t('from'), <TimeText key="from" at={first} exact />],
          [t('until'), <TimeText key="until" at={last} exact />],
          [t('column.places'), lines(places)],
          [t('subjects'), lines(subjects)],
          [t('attachments'), lines(attachments)],
        ]}
      />
      <section aria-labelledby="reasons">
        <Title order={2} id="reasons" mb={4}>
          {t('reasons')}
        </Title>
        {senders.error && <ProblemAlert error={senders.error} onRetry={() => void senders.refetch()} />}
        {!senders.rows && !senders.error && <Skeleton height={60} />}
        {senders.rows && lines(reasons.map((one) => phraseWithPoints(words, one)))}
        {senders.rows && reasons.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('noReasons')}
          </Text>
        )}
      </section>
      {senders.rows && senders.rows.length > 0 && (
        <section aria-labelledby="campaign-senders">
          <Title order={2} id="campaign-senders" mb={4}>
            {t('senders')}
          </Title>
          <ul className={classes.plain}>
            {senders.rows.map((sender) => (
              <li key={sender.id}>
                <Anchor
                  component={Link}
                  to="/direct-send/senders/$sender"
                  params={{ sender: sender.id } as never}
                  size="sm"
                >
                  <bdi>{sender.name}</bdi>
                </Anchor>{' '}
                <Text span size="sm" c="dimmed">
                  <SenderKind sender={sender} />
                </Text>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Text size="sm" c="dimmed">
        {t('ends')}
      </Text>
    </Stack>
  );
}

import { Grid, Group, Skeleton, Stack } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useTaggedQuery } from '../../api/queries.ts';
import { useRate } from '../../components/audit/rate.ts';
import { DecisionBadge, ProofBadge, SenderKind } from '../../components/audit/sender-kind.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { Decision } from './decision.tsx';
import { Facts } from './facts.tsx';
import { History } from './history.tsx';
import { Proofs } from './proofs.tsx';
import { Rhythm } from './rhythm.tsx';
import { WayOut } from './way-out.tsx';

/** One sender: what it is, with which proof, and how it gets off Direct Send. */
export default function SenderPage() {
  const { t } = useTranslation('direct-send-sender');
  const { sender: id = '' } = useParams({ strict: false });
  const rate = useRate();
  const {
    data: tagged,
    error,
    refetch,
  } = useTaggedQuery('/audit/senders/{sender}', { params: { sender: id } });
  const above = [
    { title: t('above.audit'), to: '/direct-send' },
    { title: t('above.inventory'), to: '/direct-send/senders' },
  ];
  if (error && !tagged)
    return (
      <Stack gap="md">
        <PageHeader title={t('title')} above={above} />
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      </Stack>
    );
  if (!tagged)
    return (
      <Stack gap="md">
        <PageHeader title={t('title')} above={above} />
        <Skeleton height={360} radius="md" />
      </Stack>
    );
  const { data: sender, etag } = tagged;
  return (
    <Stack gap="md">
      <PageHeader
        title={sender.name}
        above={above}
        mark={
          <Group gap={6}>
            <ProofBadge directSend={sender.directSend} />
            <DecisionBadge decision={sender.note?.decision} />
          </Group>
        }
        description={
          <>
            <SenderKind sender={sender} /> · {t('perDay', { rate: rate(sender.messages.perDay) })}
          </>
        }
      />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Stack gap="md">
            <WayOut sender={sender} etag={etag} />
            <Decision key={sender.id} sender={sender} etag={etag} onStale={() => void refetch()} />
            <Rhythm sender={sender} />
            <Proofs sender={sender} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Stack gap="md">
            <Facts sender={sender} />
            <History sender={sender.id} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

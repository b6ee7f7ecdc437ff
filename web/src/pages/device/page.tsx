import { Button, Skeleton, Stack } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { useCan } from '../../app/session.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { DeviceState } from '../discovery/page.tsx';
import { Approval } from './approval.tsx';
import { Approved, type ApprovedDevice } from './approved.tsx';
import { Dismissal } from './dismissal.tsx';
import { Evidence } from './evidence.tsx';

/** One device that nobody knows: what was seen of it, and the two decisions. */
export default function DevicePage() {
  const { t } = useTranslation('device');
  const { device: id = '' }: { device?: string } = useParams({ strict: false });
  const mayDecide = useCan('operator');
  const [approved, setApproved] = useState<ApprovedDevice>();
  const [isDismissing, setDismissing] = useState(false);
  const { data, error, refetch } = useApiQuery(
    '/discovery/{device}',
    { params: { device: id } },
    { enabled: approved === undefined, refetchInterval: 15_000 },
  );
  const above = [{ title: t('above'), to: '/discovery' }];
  if (approved) {
    return (
      <Stack gap="md" maw={960}>
        <PageHeader title={approved.source.name} above={above} />
        <Approved approved={approved} />
      </Stack>
    );
  }
  if (!data) {
    return (
      <Stack gap="md">
        <PageHeader title={t('title')} above={above} />
        {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <Skeleton height={320} />}
      </Stack>
    );
  }
  return (
    <Stack gap="md">
      <PageHeader
        title={data.hellos[0]?.value ?? data.network}
        description={data.network}
        above={above}
        mark={<DeviceState device={data} />}
        actions={
          mayDecide && (
            <Button variant="default" onClick={() => setDismissing(true)}>
              {t('dismiss.open')}
            </Button>
          )
        }
      />
      <Evidence device={data} />
      {mayDecide && <Approval device={data} onApproved={setApproved} />}
      <Dismissal device={data} opened={isDismissing} onClose={() => setDismissing(false)} />
    </Stack>
  );
}

import { Button, Grid, Skeleton, Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import FileUp from 'lucide-react/icons/file-up';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { Can } from '../../app/session.tsx';
import { RunStatus } from '../../components/audit/run-status.tsx';
import { useAuditRun } from '../../components/audit/use-audit-run.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { After } from './after.tsx';
import { Coverage } from './coverage.tsx';
import { Domains } from './domains.tsx';
import { ExportMenu } from './export-menu.tsx';
import { Figures } from './figures.tsx';
import { FirstSteps } from './first-steps.tsx';
import { Headline } from './headline.tsx';
import { Settings } from './settings.tsx';
import { Days } from './days.tsx';
import { Waves } from './waves.tsx';

/** Whether Direct Send can be switched off, and what stands in the way. */
export default function DirectSendPage() {
  const { t } = useTranslation('direct-send');
  const audit = useAuditRun();
  const isAnswered = audit.answeredAt !== undefined;
  return (
    <Stack gap="md">
      <PageHeader
        title={t('title')}
        description={t('description')}
        actions={
          isAnswered && (
            <>
              <ExportMenu />
              <Can role="operator">
                <Button
                  component={Link}
                  to="/direct-send/evidence"
                  variant="default"
                  leftSection={<FileUp size={15} aria-hidden />}
                >
                  {t('addEvidence')}
                </Button>
              </Can>
            </>
          )
        }
      />
      <RunStatus run={audit.run} onStop={audit.stop} />
      {audit.error && <ProblemAlert error={audit.error} onRetry={audit.retry} />}
      {audit.isLoading && <Skeleton height={180} radius="md" />}
      {!audit.isLoading &&
        !audit.error &&
        (isAnswered ? <Answer /> : <FirstSteps isRunning={audit.isRunning} />)}
    </Stack>
  );
}

function Answer() {
  const audit = useApiQuery('/audit');
  const inventory = useApiQuery('/audit/inventory');
  if (audit.error) return <ProblemAlert error={audit.error} onRetry={() => void audit.refetch()} />;
  if (!audit.data) return <Skeleton height={320} radius="md" />;
  const { data } = audit;
  return (
    <>
      <Headline audit={data} />
      <Figures audit={data} inventory={inventory.data} />
      {inventory.error && <ProblemAlert error={inventory.error} onRetry={() => void inventory.refetch()} />}
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Stack gap="md">
            <Waves inventory={inventory.data} />
            <Days />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Coverage audit={data} asks={inventory.data?.asks} />
        </Grid.Col>
      </Grid>
      {data.after && <After after={data.after} />}
      <Domains waves={inventory.data?.waves} />
      <Settings findings={data.findings} />
    </>
  );
}

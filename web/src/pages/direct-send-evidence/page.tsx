import { Stack, Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { ExportGuide } from '../../components/audit/guide.tsx';
import { RunStatus } from '../../components/audit/run-status.tsx';
import { useAuditRun } from '../../components/audit/use-audit-run.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { Collection } from './collection.tsx';
import { Files } from './files.tsx';
import { ReadForm } from './read-form.tsx';
import { Script } from './script.tsx';
import { UploadPanel } from './upload-panel.tsx';

const TABS = ['files', 'collect', 'export'] as const;

/** Evidence for the Direct Send audit: uploaded, fetched, and what became of it. */
export default function EvidencePage() {
  const { t } = useTranslation('direct-send-evidence');
  const audit = useAuditRun();
  const isAnswered = audit.answeredAt !== undefined;
  const answer = useApiQuery('/audit', {}, { enabled: isAnswered });
  const [{ tab }, setFilters] = useFilters(['tab']);
  const open = TABS.find((one) => one === tab) ?? 'files';
  return (
    <Stack gap="md">
      <PageHeader title={t('title')} description={t('description')} />
      {audit.error && <ProblemAlert error={audit.error} onRetry={audit.retry} />}
      <RunStatus run={audit.run} onStop={audit.stop} />
      <Tabs
        value={open}
        onChange={(value) => setFilters({ tab: value === 'files' || value === null ? undefined : value })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="files">
          <Stack gap="md">
            <UploadPanel readAt={audit.answeredAt} />
            <ReadForm audit={audit} known={answer.data} />
            {isAnswered && <Files onRun={audit.start} isRunning={audit.isRunning} />}
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="collect">
          <Collection />
        </Tabs.Panel>
        <Tabs.Panel value="export">
          <Stack gap="lg">
            <Script />
            <ExportGuide domains={answer.data?.domains.map(({ name }) => name)} />
          </Stack>
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

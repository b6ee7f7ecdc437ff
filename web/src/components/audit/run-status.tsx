import { Alert, Button, Group, Paper, Progress, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditRun } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { Can } from '../../app/session.tsx';
import { ProblemAlert } from '../problem-alert.tsx';
import { lastOf } from './file-name.ts';

/** How far the run is, or why it did not come to its end. Nothing when there is nothing to say. */
export function RunStatus({ run, onStop }: { run: AuditRun | undefined; onStop: () => Promise<void> }) {
  const { t } = useTranslation('audit');
  const format = useFormat();
  const [failure, setFailure] = useState<unknown>();
  const [isStopping, setStopping] = useState(false);
  if (run?.state === 'failed')
    return (
      <Alert color="red" title={t('run.failed')} role="alert">
        {/nobody says which domains/.test(run.error ?? '') ? t('run.noDomains') : run.error}
      </Alert>
    );
  if (run?.state === 'stopped') return <Alert title={t('run.stopped')}>{t('run.stoppedText')}</Alert>;
  if (run?.state !== 'running') return null;
  const { progress } = run;
  const { octets, files } = progress ?? {};
  const isReading = progress?.phase === 'reading' && octets !== undefined && octets.total > 0;
  const share = isReading ? Math.min(1, octets.done / octets.total) : undefined;
  const facts = [
    files && files.total > 0 && t('run.files', { done: files.done, count: files.total }),
    progress &&
      progress.rows > 0 &&
      t('run.rows', { count: progress.rows, number: format.number(progress.rows) }),
    isReading &&
      progress.leftMs !== undefined &&
      t('run.left', { time: format.duration(Math.max(1000, progress.leftMs)) }),
  ].filter(Boolean);
  const stop = async () => {
    setStopping(true);
    setFailure(undefined);
    try {
      await onStop();
    } catch (error) {
      setFailure(error);
    } finally {
      setStopping(false);
    }
  };
  return (
    <Paper p="md" role="status" aria-live="polite">
      <Group justify="space-between" wrap="nowrap" align="flex-start" gap="md">
        <div style={{ minWidth: 0, flex: 1 }}>
          <Group justify="space-between" gap="xs">
            <Text fw={600}>{t(`run.phase.${progress?.phase ?? 'settings'}`)}</Text>
            {share !== undefined && <Text size="sm">{format.percent(Math.floor(share * 100) / 100)}</Text>}
          </Group>
          <Progress value={(share ?? 1) * 100} animated my={8} aria-label={t('run.progress')} />
          <Text size="xs" c="dimmed" truncate>
            {facts.join(' · ')}
            {progress?.file !== undefined && ` · ${lastOf(progress.file)}`}
          </Text>
        </div>
        <Can role="operator">
          <Button variant="default" size="xs" loading={isStopping} onClick={() => void stop()}>
            {t('run.stop')}
          </Button>
        </Can>
      </Group>
      {failure !== undefined && <ProblemAlert error={failure} />}
    </Paper>
  );
}

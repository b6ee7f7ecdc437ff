import { Alert, Button, Checkbox, FileInput, Group, List, Loader, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import FileUp from 'lucide-react/icons/file-up';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf, type AnswerOf } from '../../api/client.ts';
import { useApi } from '../../api/context.ts';
import { useFormat } from '../../app/format.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';

type Result = AnswerOf<'/edge/recipients/import', 'post'>;

const EXPORT =
  'Get-Recipient -ResultSize Unlimited | Select PrimarySmtpAddress, EmailAddresses | Export-Csv recipients.csv';
const SHOWN_ERRORS = 5;

/** A list from Exchange or a file: tried first, so that what it would do is seen before it does it. */
export function ImportRecipients({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('edge-settings');
  const { t: words } = useTranslation('components');
  const format = useFormat();
  const api = useApi();
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [replaces, setReplaces] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();

  const send = async (content: File, dryRun: boolean): Promise<Result> => {
    const isJson = /\.json$/i.test(content.name);
    const response = await api.request(
      'post',
      addressOf('/edge/recipients/import', {}, { replace: replaces, dryRun }),
      { body: await content.text(), contentType: isJson ? 'application/json' : 'text/csv' },
    );
    return (await response.json()) as Result;
  };
  const trial = useQuery({
    queryKey: ['recipients-import', file?.name, file?.size, file?.lastModified, replaces],
    enabled: file !== null,
    queryFn: () => send(file as File, true),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const plan = file ? trial.data : undefined;
  const run = async () => {
    if (!file) return;
    setBusy(true);
    setFailure(undefined);
    try {
      const { added, removed } = await send(file, false);
      onClose();
      await notify({
        text: t('import.done', { added: format.number(added), removed: format.number(removed) }),
      });
    } catch (error) {
      setFailure(error);
      setBusy(false);
    } finally {
      for (const path of ['/edge/recipients', '/edge/domains', '/edge/status'])
        void queries.invalidateQueries({ queryKey: [path] });
    }
  };
  const removes = plan?.removed ?? 0;
  return (
    <Dialog opened onClose={onClose} title={t('import.title')} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Stack gap="md">
          <Text size="sm">{t('import.text')}</Text>
          <CodeBlock value={EXPORT} wrap />
          <FileInput
            label={t('import.file')}
            placeholder={t('import.choose')}
            leftSection={<FileUp size={15} aria-hidden />}
            accept=".csv,.json,.txt,text/csv,application/json"
            value={file}
            onChange={setFile}
            clearable
            clearButtonProps={{ 'aria-label': words('filter.clear') }}
          />
          <Checkbox
            label={t('import.replace')}
            description={t('import.replaceHelp')}
            checked={replaces}
            onChange={({ currentTarget }) => setReplaces(currentTarget.checked)}
          />
          {file && trial.isFetching && <Loader size="sm" aria-label={t('import.reading')} />}
          {file && trial.error && <ProblemAlert error={trial.error} />}
          {plan && <Plan plan={plan} />}
          {failure !== undefined && <ProblemAlert error={failure} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button
              type="submit"
              loading={isBusy}
              color={removes > 0 ? 'red.8' : undefined}
              disabled={!plan || plan.added + plan.removed === 0}
            >
              {removes > 0
                ? t('import.runRemoving', { count: removes, number: format.number(removes) })
                : t('import.run')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function Plan({ plan }: { plan: Result }) {
  const { t } = useTranslation('edge-settings');
  const format = useFormat();
  const { found, added, removed, total, foreign, errors } = plan;
  return (
    <Alert
      color={removed > 0 ? 'red' : errors.length > 0 ? 'yellow' : 'green'}
      role="status"
      title={t('import.plan', { count: found, number: format.number(found) })}
    >
      <Text size="sm">
        {t('import.counts', {
          added: format.number(added),
          removed: format.number(removed),
          total: format.number(total),
        })}
      </Text>
      {foreign > 0 && (
        <Text size="sm">{t('import.foreign', { count: foreign, number: format.number(foreign) })}</Text>
      )}
      {errors.length > 0 && (
        <>
          <Text size="sm" mt={4}>
            {t('import.wrong', { count: errors.length, number: format.number(errors.length) })}
          </Text>
          <List size="sm">
            {errors.slice(0, SHOWN_ERRORS).map(({ line, detail }) => (
              <List.Item key={line}>
                {t('import.line', { line })}: {detail}
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Alert>
  );
}

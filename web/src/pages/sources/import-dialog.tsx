import { Alert, Button, Checkbox, FileInput, Group, List, Radio, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import FileUp from 'lucide-react/icons/file-up';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf } from '../../api/client.ts';
import { useApi } from '../../api/context.ts';
import { useFormat } from '../../app/format.ts';
import { Dialog } from '../../components/dialog.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';

type Existing = 'refuse' | 'skip' | 'update';

interface Result {
  rows: number;
  added: number;
  changed: number;
  skipped: number;
  errors: { row: number; name: string; field?: string; detail: string }[];
}

/** A list from a spreadsheet: tried first, so that what it would do is seen before it does it. */
export default function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('sources');
  const { t: words } = useTranslation('components');
  const format = useFormat();
  const api = useApi();
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [existing, setExisting] = useState<Existing>('refuse');
  const [isWhole, setWhole] = useState(true);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();

  const send = async (content: File, dryRun: boolean): Promise<Result> => {
    const isJson = /\.json$/i.test(content.name);
    const response = await api.request(
      'post',
      addressOf('/sources/import', {}, { existing, dryRun, allOrNothing: !dryRun && isWhole }),
      { body: await content.text(), contentType: isJson ? 'application/json' : 'text/csv' },
    );
    return (await response.json()) as Result;
  };
  const trial = useQuery({
    queryKey: ['import', file?.name, file?.size, file?.lastModified, existing],
    enabled: file !== null,
    queryFn: () => send(file as File, true),
    staleTime: Infinity,
    gcTime: 0,
  });
  const plan = file ? trial.data : undefined;

  const run = async () => {
    if (!file) return;
    setBusy(true);
    setFailure(undefined);
    try {
      const { added, changed } = await send(file, false);
      onClose();
      await notify({
        text: t('import.done', { added: format.number(added), changed: format.number(changed) }),
      });
    } catch (error) {
      setFailure(error);
      setBusy(false);
    } finally {
      for (const path of ['/sources', '/source-counts']) void queries.invalidateQueries({ queryKey: [path] });
    }
  };
  const useful = (plan?.added ?? 0) + (plan?.changed ?? 0);
  const isBlocked = plan === undefined || useful === 0 || (isWhole && plan.errors.length > 0);
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
          <FileInput
            label={t('import.file')}
            placeholder={t('import.choose')}
            leftSection={<FileUp size={15} aria-hidden />}
            accept=".csv,.json,text/csv,application/json"
            value={file}
            onChange={setFile}
            clearable
            clearButtonProps={{ 'aria-label': words('filter.clear') }}
          />
          <Radio.Group label={t('import.existing')} value={existing} onChange={(value) => setExisting(value)}>
            <Group gap="md" mt={4}>
              {(['refuse', 'skip', 'update'] as const).map((value) => (
                <Radio key={value} value={value} label={t(`import.${value}`)} />
              ))}
            </Group>
          </Radio.Group>
          <Checkbox
            label={t('import.whole')}
            checked={isWhole}
            onChange={({ currentTarget }) => setWhole(currentTarget.checked)}
          />
          {plan && (
            <Alert color={plan.errors.length > 0 ? 'orange' : 'green'} role="status" title={t('import.plan')}>
              <Text size="sm">
                {t('import.counts', {
                  rows: format.number(plan.rows),
                  added: format.number(plan.added),
                  changed: format.number(plan.changed),
                  skipped: format.number(plan.skipped),
                })}
              </Text>
              {plan.errors.length > 0 && (
                <>
                  <Text size="sm" fw={600} mt="xs">
                    {t('import.errors', { count: plan.errors.length })}
                  </Text>
                  <List size="sm">
                    {plan.errors.slice(0, 10).map(({ row, detail }) => (
                      <List.Item key={`${row} ${detail}`} style={{ overflowWrap: 'anywhere' }}>
                        {t('import.row', { row })} {detail}
                      </List.Item>
                    ))}
                  </List>
                </>
              )}
            </Alert>
          )}
          {(failure ?? trial.error) != null && <ProblemAlert error={failure ?? trial.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {words('confirm.cancel')}
            </Button>
            <Button type="submit" loading={isBusy || trial.isFetching} disabled={isBlocked}>
              {t('import.run', { count: useful, number: format.number(useful) })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

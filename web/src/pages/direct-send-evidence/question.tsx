import { Alert, Button, Group, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../app/session.tsx';
import { lastOf } from '../../components/audit/file-name.ts';
import type { RunRequest } from '../../components/audit/use-audit-run.ts';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import type { EvidenceFile } from './files.tsx';

const NEEDED = ['time', 'sender_address', 'recipient_address'];
const HELPFUL = ['from_ip', 'return_path', 'message_subject'];

/** A table whose columns are not understood: somebody says which is which, and it is remembered. */
export function Question({
  files,
  onRun,
  isRunning,
}: {
  files: readonly EvidenceFile[];
  onRun: (request: RunRequest) => Promise<void>;
  isRunning: boolean;
}) {
  const { t } = useTranslation('direct-send-evidence');
  const may = useCan('operator');
  const [mapping, setMapping] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState<unknown>();
  const { columns = [], missing = [] } = files[0]?.question ?? {};
  // where not even a sender is known, what else tells who it is helps as much
  const fields = missing.includes('connector_name')
    ? missing
    : [...new Set([...NEEDED, ...missing]), ...HELPFUL.filter((field) => !missing.includes(field))];
  const answer = async (event: FormEvent) => {
    event.preventDefault();
    setFailure(undefined);
    try {
      await onRun({ mapping });
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <Alert color="orange" title={t('question.title', { name: lastOf(files[0]?.name ?? '') })}>
      <form onSubmit={(event) => void answer(event)}>
        <Stack gap="sm">
          <Text size="sm">
            {files.length > 1 && `${t('question.alike', { count: files.length - 1 })} `}
            {t('question.text')}
          </Text>
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
            {fields.map((field) => (
              <Select
                key={field}
                label={t(`field.${field}`, { defaultValue: field })}
                withAsterisk={NEEDED.includes(field)}
                placeholder={t('question.choose')}
                data={[...new Set(columns.filter((column) => column !== ''))]}
                value={mapping[field] ?? null}
                onChange={(column) =>
                  setMapping(({ [field]: _before, ...rest }) =>
                    column === null ? rest : { ...rest, [field]: column },
                  )
                }
                searchable
                clearable
                disabled={!may}
              />
            ))}
          </SimpleGrid>
          {failure !== undefined && <ProblemAlert error={failure} />}
          {may && (
            <Group>
              <Button type="submit" disabled={Object.keys(mapping).length === 0 || isRunning}>
                {t('question.read')}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Alert>
  );
}

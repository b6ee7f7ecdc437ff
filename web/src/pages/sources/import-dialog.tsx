import { Alert, Checkbox, Group, List, Radio, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf } from '../../api/client.ts';
import { useFormat } from '../../app/format.ts';
import { FileImportDialog, useFileImport } from '../../components/file-import.tsx';
import { notify } from '../../components/notify.tsx';

type Existing = 'refuse' | 'skip' | 'update';

interface Result {
  rows: number;
  added: number;
  changed: number;
  skipped: number;
  errors: { row: number; name: string; field?: string; detail: string }[];
}

const SHOWN_ERRORS = 10;

/** A list from a spreadsheet. */
export default function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('sources');
  const format = useFormat();
  const [existing, setExisting] = useState<Existing>('refuse');
  const [isWhole, setWhole] = useState(true);
  const importing = useFileImport<Result>(
    (dryRun) => addressOf('/sources/import', {}, { existing, dryRun, allOrNothing: !dryRun && isWhole }),
    ['/sources', '/source-counts'],
    ({ added, changed }) => {
      onClose();
      return notify({
        text: t('import.done', { added: format.number(added), changed: format.number(changed) }),
      });
    },
  );
  const { plan } = importing;
  const useful = (plan?.added ?? 0) + (plan?.changed ?? 0);
  return (
    <FileImportDialog
      importing={importing}
      onClose={onClose}
      title={t('import.title')}
      text={<Text size="sm">{t('import.text')}</Text>}
      placeholder={t('import.choose')}
      accept=".csv,.json,text/csv,application/json"
      options={
        <>
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
        </>
      }
      plan={plan && <Plan plan={plan} />}
      verb={t('import.run', { count: useful, number: format.number(useful) })}
      isBlocked={plan === undefined || useful === 0 || (isWhole && plan.errors.length > 0)}
    />
  );
}

function Plan({ plan }: { plan: Result }) {
  const { t } = useTranslation('sources');
  const format = useFormat();
  const { rows, added, changed, skipped, errors } = plan;
  return (
    <Alert color={errors.length > 0 ? 'orange' : 'green'} role="status" title={t('import.plan')}>
      <Text size="sm">
        {t('import.counts', {
          rows: format.number(rows),
          added: format.number(added),
          changed: format.number(changed),
          skipped: format.number(skipped),
        })}
      </Text>
      {errors.length > 0 && (
        <>
          <Text size="sm" fw={600} mt="xs">
            {t('import.errors', { count: errors.length })}
          </Text>
          <List size="sm">
            {errors.slice(0, SHOWN_ERRORS).map(({ row, detail }) => (
              <List.Item key={`${row} ${detail}`} style={{ overflowWrap: 'anywhere' }}>
                {t('import.row', { row })} {detail}
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Alert>
  );
}

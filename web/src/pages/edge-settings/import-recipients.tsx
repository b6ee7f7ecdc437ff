import { Alert, Checkbox, List, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf, type AnswerOf } from '../../api/client.ts';
import { useFormat } from '../../app/format.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { FileImportDialog, useFileImport } from '../../components/file-import.tsx';
import { notify } from '../../components/notify.tsx';

type Result = AnswerOf<'/edge/recipients/import', 'post'>;

const STALE = ['/edge/recipients', '/edge/domains', '/edge/status'];
const EXPORT =
  'Get-Recipient -ResultSize Unlimited | Select PrimarySmtpAddress, EmailAddresses | Export-Csv recipients.csv';
const SHOWN_ERRORS = 5;

/** A list from Exchange or a file. */
export function ImportRecipients({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('edge-settings');
  const format = useFormat();
  const [replaces, setReplaces] = useState(false);
  const importing = useFileImport<Result>(
    (dryRun) => addressOf('/edge/recipients/import', {}, { replace: replaces, dryRun }),
    STALE,
    ({ added, removed }) => {
      onClose();
      return notify({
        text: t('import.done', { added: format.number(added), removed: format.number(removed) }),
      });
    },
  );
  const { plan } = importing;
  const removes = plan?.removed ?? 0;
  return (
    <FileImportDialog
      importing={importing}
      onClose={onClose}
      title={t('import.title')}
      text={
        <>
          <Text size="sm">{t('import.text')}</Text>
          <CodeBlock value={EXPORT} wrap />
        </>
      }
      placeholder={t('import.choose')}
      accept=".csv,.json,.txt,text/csv,application/json"
      options={
        <Checkbox
          label={t('import.replace')}
          description={t('import.replaceHelp')}
          checked={replaces}
          onChange={({ currentTarget }) => setReplaces(currentTarget.checked)}
        />
      }
      plan={plan && <Plan plan={plan} />}
      verb={
        removes > 0
          ? t('import.runRemoving', { count: removes, number: format.number(removes) })
          : t('import.run')
      }
      danger={removes > 0}
      isBlocked={!plan || plan.added + plan.removed === 0}
    />
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

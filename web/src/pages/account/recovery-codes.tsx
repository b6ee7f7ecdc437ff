import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import Download from 'lucide-react/icons/download';
import { useTranslation } from 'react-i18next';
import { CodeBlock } from '../../components/code-block.tsx';
import { saveFile } from '../../components/save-file.ts';

/** Recovery codes, shown this once. */
export function RecoveryCodes({ codes }: { codes: string[] }) {
  const { t } = useTranslation('account');
  const text = codes.join('\n');
  return (
    <Alert color="orange" title={t('totp.codesTitle')}>
      <Stack gap="sm">
        <Text size="sm">{t('totp.codesText')}</Text>
        <CodeBlock value={text} label={t('totp.copy')} />
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<Download size={14} aria-hidden />}
            onClick={() =>
              saveFile(new Blob([`${text}\n`], { type: 'text/plain' }), 'postern-recovery-codes.txt')
            }
          >
            {t('totp.save')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

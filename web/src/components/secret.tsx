import { Alert, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CodeBlock } from './code-block.tsx';

/** A secret that is shown this once. */
export function Secret({ value, label }: { value: string; label: string }) {
  const { t } = useTranslation('components');
  return (
    <Alert color="orange" variant="light" title={label}>
      <Stack gap="xs">
        <Text size="sm">{t('secret.once')}</Text>
        <CodeBlock value={value} label={t('secret.copy')} wrap />
      </Stack>
    </Alert>
  );
}

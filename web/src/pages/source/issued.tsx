import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { IssuedCredential } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { Secret } from '../../components/secret.tsx';

/** What was just made, as long as it is on the page: the secret this once, or the link that reveals it. */
export function Issued({
  issued,
  onClose,
}: {
  issued: Pick<IssuedCredential, 'password' | 'apiKey' | 'handover'> & {
    credential?: IssuedCredential['credential'];
  };
  onClose?: () => void;
}) {
  const { t } = useTranslation('source');
  const format = useFormat();
  const { password, apiKey, handover, credential } = issued;
  const secret = password ?? apiKey;
  if (secret === undefined && !handover) return null;
  return (
    <Stack gap="sm" role="status">
      {credential?.account !== undefined && (
        <div>
          <Text size="sm" fw={600} mb={4}>
            {t('issued.account')}
          </Text>
          <CodeBlock value={credential.account} label={t('issued.copyAccount')} />
        </div>
      )}
      {secret !== undefined && (
        <Secret value={secret} label={t(password === undefined ? 'issued.apiKey' : 'issued.password')} />
      )}
      {handover && (
        <Alert color="postern" title={t('issued.link')}>
          <Stack gap="xs">
            <Text size="sm">{t('issued.linkText', { time: format.dateTime(handover.expiresAt) })}</Text>
            <CodeBlock value={handover.link} label={t('issued.copyLink')} wrap />
            {handover.pin !== undefined && (
              <>
                <Text size="sm">{t('issued.pin')}</Text>
                <CodeBlock value={handover.pin} label={t('issued.copyPin')} />
              </>
            )}
          </Stack>
        </Alert>
      )}
      {onClose && (
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('issued.close')}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

import { Button, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../app/format.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Secret } from '../../components/secret.tsx';

export interface Invited {
  name: string;
  email: string;
  invitation: string;
  expiresAt: number;
}

/** The link that is sent to whoever was invited; what stands behind the `#` never reaches a log. */
export function InvitationLink({
  invited: { name, email, invitation, expiresAt },
  onClose,
}: {
  invited: Invited;
  onClose: () => void;
}) {
  const { t } = useTranslation('people');
  const format = useFormat();
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t('link.title', { name })}
      closeOnClickOutside={false}
      zIndex={300}
    >
      <Stack gap="md">
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {t('link.text', { email, when: format.relative(expiresAt) })}
        </Text>
        <Secret value={`${location.origin}/invitation#${invitation}`} label={t('link.label')} />
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('link.done')}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

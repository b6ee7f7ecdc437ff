import { Button, Group, Modal, Stack, Text } from '@mantine/core';

import { useTranslation } from 'react-i18next';
import type { Who } from '../api/schema.ts';
import SignInForm from '../pages/sign-in/sign-in-form.tsx';
import type { SessionGate } from './session-gate.ts';

export interface ReturnProps {
  gate: SessionGate;
  who: Who;
  providers: { name: string; label: string }[];
}

/** The session has ended: sign in over the page, which keeps what was typed, and goes on where it was. */
export default function ReturnModal({ gate, who, providers }: ReturnProps) {
  const { t } = useTranslation('app');
  const done = (now: Who) => {
    // somebody else must not go on with what this person had open
    if (now.id === who.id) gate.open();
    else location.assign('/');
  };
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      title={t('expired.title')}
      zIndex={400}
    >
      <Stack gap="md">
        <Text size="sm">{t('expired.text')}</Text>
        <SignInForm email={who.email} providers={providers} onDone={done} />
        <Group justify="flex-end">
          <Button variant="subtle" onClick={() => location.assign('/')}>
            {t('expired.leave')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

import { Checkbox, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation } from '../../api/queries.ts';
import type { DiscoveredDevice } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { ConfirmAction } from '../../components/confirm-action.tsx';

/** Forgets a device, and what it wanted to send. */
export function Dismissal({
  device,
  opened,
  onClose,
}: {
  device: DiscoveredDevice;
  opened: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation('device');
  const format = useFormat();
  const navigate = useNavigate();
  const [block, setBlock] = useState(false);
  const dismiss = useApiMutation('post', '/discovery/{device}/dismiss', [
    '/discovery',
    '/discovery-blocks',
    '/sources',
  ]);
  const { messages } = device.held;
  return (
    <ConfirmAction
      opened={opened}
      onClose={onClose}
      title={t('dismiss.title', { network: device.network })}
      verb={t('dismiss.open')}
      danger
      run={async () => {
        await dismiss.mutateAsync({ params: { device: device.id }, body: { block } });
        await navigate({ to: '/discovery' });
      }}
      done={t('dismiss.done')}
    >
      <Stack gap="sm">
        <Text size="sm">{t('dismiss.text', { count: messages, number: format.number(messages) })}</Text>
        <Checkbox
          label={t('dismiss.block', { network: device.network })}
          description={t('dismiss.blockText')}
          checked={block}
          onChange={({ currentTarget }) => setBlock(currentTarget.checked)}
        />
      </Stack>
    </ConfirmAction>
  );
}

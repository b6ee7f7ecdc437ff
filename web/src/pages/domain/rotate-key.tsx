import { Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation } from '../../api/queries.ts';
import type { Domain, SigningKey } from '../../api/schema.ts';
import { ConfirmAction } from '../../components/confirm-action.tsx';

type Algorithm = SigningKey['algorithm'];

/** Makes the next key of a domain. */
export function RotateKey({ domain: { name, keys }, onClose }: { domain: Domain; onClose: () => void }) {
  const { t } = useTranslation('domain');
  const add = useApiMutation('post', '/domains/{domain}/keys', [
    '/domains',
    '/domains/{domain}',
    '/domains/{domain}/records',
  ]);
  const [algorithm, setAlgorithm] = useState<Algorithm>(
    keys.find(({ stage }) => stage === 'active')?.algorithm ?? 'rsa-sha256',
  );
  return (
    <ConfirmAction
      opened
      onClose={onClose}
      title={t('rotate.title')}
      verb={t('rotate.verb')}
      run={() => add.mutateAsync({ params: { domain: name }, body: { algorithm } })}
    >
      <Stack gap="md">
        <Text size="sm">{t('rotate.text')}</Text>
        <Radio.Group
          label={t('rotate.algorithm')}
          value={algorithm}
          onChange={(value) => setAlgorithm(value)}
        >
          <Stack gap={6} mt={6}>
            {(['rsa-sha256', 'ed25519-sha256'] as const).map((value) => (
              <Radio key={value} value={value} label={t(`rotate.${value}`)} />
            ))}
          </Stack>
        </Radio.Group>
      </Stack>
    </ConfirmAction>
  );
}

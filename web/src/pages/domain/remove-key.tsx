import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApiMutation } from '../../api/queries.ts';
import type { SigningKey } from '../../api/schema.ts';
import { ConfirmAction } from '../../components/confirm-action.tsx';

/** Removes a key that does not sign. */
export function RemoveKey({
  domain,
  signing: { selector, stage },
  onClose,
}: {
  domain: string;
  signing: SigningKey;
  onClose: () => void;
}) {
  const { t } = useTranslation('domain');
  const remove = useApiMutation('delete', '/domains/{domain}/keys/{selector}', [
    '/domains',
    '/domains/{domain}',
    '/domains/{domain}/records',
  ]);
  return (
    <ConfirmAction
      opened
      onClose={onClose}
      title={t('removeKey.title', { selector })}
      verb={t('removeKey.verb')}
      danger
      run={() => remove.mutateAsync({ params: { domain, selector } })}
      done={t('removeKey.done', { selector })}
    >
      <Stack gap="xs">
        <Text size="sm">{t(stage === 'next' ? 'removeKey.next' : 'removeKey.retiring')}</Text>
        <Text size="sm">{t('removeKey.final')}</Text>
      </Stack>
    </ConfirmAction>
  );
}

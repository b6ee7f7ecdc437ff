import { Alert, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApiMutation } from '../../api/queries.ts';
import type { SigningKey } from '../../api/schema.ts';
import { ConfirmAction } from '../../components/confirm-action.tsx';

const STALE = ['/domains', '/domains/{domain}', '/domains/{domain}/records'];

/** Lets a key sign; the one before retires, and can be brought back. */
export function ActivateKey({
  domain,
  signing,
  active,
  isPublished,
  onClose,
}: {
  domain: string;
  signing: SigningKey;
  active: SigningKey | undefined;
  isPublished: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation('domain');
  const activate = useApiMutation('post', '/domains/{domain}/keys/{selector}/activate', STALE);
  const run = (selector: string) =>
    activate.mutateAsync({ params: { domain, selector }, body: { force: !isPublished } });
  const names = { selector: signing.selector, old: active?.selector, domain };
  return (
    <ConfirmAction
      opened
      onClose={onClose}
      title={t('activate.title', names)}
      verb={t('activate.verb')}
      danger={!isPublished}
      run={() => run(signing.selector)}
      done={t('activate.done', names)}
      undo={active && (() => run(active.selector))}
    >
      <Stack gap="sm">
        {!isPublished && <Alert color="red">{t('activate.early', names)}</Alert>}
        <Text size="sm">{t(active ? 'activate.text' : 'activate.first', names)}</Text>
      </Stack>
    </ConfirmAction>
  );
}

import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApiMutation } from '../../api/queries.ts';
import type { Route } from '../../api/schema.ts';
import { ConfirmAction } from '../../components/confirm-action.tsx';

/** Removes a route, after saying where its mail goes then. */
export function RemoveRoute({
  route: { name },
  routes,
  onClose,
}: {
  route: Route;
  routes: Route[];
  onClose: () => void;
}) {
  const { t } = useTranslation('routes');
  const remove = useApiMutation('delete', '/routes/{name}', ['/routes']);
  // only one without conditions surely takes what this one leaves
  const isCaught = routes.some(
    (other) => other.name !== name && Object.values(other.match).every((value) => value === undefined),
  );
  return (
    <ConfirmAction
      opened
      onClose={onClose}
      title={t('remove.title', { name })}
      verb={t('remove.verb')}
      danger
      run={() => remove.mutateAsync({ params: { name } })}
      done={t('remove.done', { name })}
    >
      <Text size="sm">{t(isCaught ? 'remove.next' : 'remove.nothing')}</Text>
    </ConfirmAction>
  );
}

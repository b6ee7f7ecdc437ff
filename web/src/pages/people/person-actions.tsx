import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { Person } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import type { Invited } from './invitation-link.tsx';

export type PersonAction = 'invite' | 'reset' | 'signOut' | 'remove';

/** What takes something away from a person, after it was said what. */
export function PersonActions({
  person: { id, name, email },
  action,
  onClose,
  onInvited,
  onRemoved,
}: {
  person: Person;
  action: PersonAction;
  onClose: () => void;
  onInvited: (invited: Invited) => void;
  onRemoved: () => void;
}) {
  const { t } = useTranslation('people');
  const format = useFormat();
  const api = useApi();
  const params = { person: id };
  const remove = useApiMutation('delete', '/people/{person}', ['/people']);
  const isRemoval = action === 'remove';
  const tokens = useApiQuery('/tokens', {}, { enabled: isRemoval });
  const sources = useApiQuery('/sources', { query: { owner: email, limit: 500 } }, { enabled: isRemoval });
  if (isRemoval) {
    const held = tokens.data?.items.filter(({ person }) => person === email).length ?? 0;
    const owned = sources.data?.items.length ?? 0;
    return (
      <ConfirmAction
        opened
        onClose={onClose}
        title={t('remove.title', { name })}
        verb={t('remove.verb')}
        danger
        done={t('remove.done', { name })}
        run={async () => {
          await remove.mutateAsync({ params });
          onRemoved();
        }}
      >
        <Stack gap="xs">
          <Text size="sm">{t('remove.text')}</Text>
          {held > 0 && (
            <Text size="sm">{t('remove.tokens', { count: held, number: format.number(held) })}</Text>
          )}
          {owned > 0 && (
            <Text size="sm">{t('remove.sources', { count: owned, number: format.number(owned) })}</Text>
          )}
        </Stack>
      </ConfirmAction>
    );
  }
  return (
    <ConfirmAction
      opened
      onClose={onClose}
      title={t(`ask.${action}.title`, { name })}
      verb={t(`ask.${action}.verb`)}
      danger={action === 'reset'}
      done={action === 'signOut' ? t('signedOut', { name }) : undefined}
      run={async () => {
        if (action === 'signOut') return api.post('/people/{person}/sign-out', { params });
        const link = await api.post('/people/{person}/invitation', {
          params,
          body: { reset: action === 'reset' },
        });
        onInvited({ name, email, ...link });
        return link;
      }}
    >
      <Text size="sm">{t(`ask.${action}.text`)}</Text>
    </ConfirmAction>
  );
}

import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import Trash2 from 'lucide-react/icons/trash-2';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { useApiQuery } from '../../api/queries.ts';
import type { Passkey } from '../../api/schema.ts';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { TimeText } from '../../components/time-text.tsx';
import type { Freshly } from '../../components/use-fresh-sign-in.tsx';
import classes from './account.module.css';
import { Section } from './section.tsx';

/** Passkeys of this account. */
export function Passkeys({ freshly }: { freshly: Freshly }) {
  const { t } = useTranslation('account');
  const api = useApi();
  const queries = useQueryClient();
  const list = useApiQuery('/me/passkeys');
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<Passkey>();
  const isPossible = 'PublicKeyCredential' in window && window.isSecureContext;
  return (
    <Section
      title={t('passkeys.title')}
      text={t(isPossible ? 'passkeys.text' : 'passkeys.unsupported')}
      actions={
        isPossible && (
          <Button size="xs" variant="default" onClick={() => setAdding(true)}>
            {t('passkeys.add')}
          </Button>
        )
      }
    >
      {list.error && <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />}
      {list.data?.items.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('passkeys.none')}
        </Text>
      )}
      <ul className={classes.list}>
        {list.data?.items.map((passkey) => (
          <li key={passkey.id} className={classes.item}>
            <span className={classes.name}>{passkey.name}</span>
            <Text size="sm" c="dimmed">
              {t('passkeys.added')} <TimeText at={passkey.createdAt} />,{' '}
              {passkey.lastUsedAt === undefined ? (
                t('passkeys.never')
              ) : (
                <>
                  {t('passkeys.used')} <TimeText at={passkey.lastUsedAt} />
                </>
              )}
            </Text>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('passkeys.remove', { name: passkey.name })}
              onClick={() => setRemoved(passkey)}
            >
              <Trash2 size={15} aria-hidden />
            </ActionIcon>
          </li>
        ))}
      </ul>
      {isAdding && <AddPasskey freshly={freshly} onClose={() => setAdding(false)} />}
      {removed && (
        <ConfirmAction
          opened
          onClose={() => setRemoved(undefined)}
          title={t('passkeys.removeTitle', { name: removed.name })}
          verb={t('passkeys.removeVerb')}
          danger
          done={t('passkeys.removed', { name: removed.name })}
          run={async () => {
            await freshly(() => api.delete('/me/passkeys/{passkey}', { params: { passkey: removed.id } }));
            await queries.invalidateQueries({ queryKey: ['/me/passkeys'] });
          }}
        >
          <Text size="sm">{t('passkeys.removeText')}</Text>
        </ConfirmAction>
      )}
    </Section>
  );
}

function AddPasskey({ freshly, onClose }: { freshly: Freshly; onClose: () => void }) {
  const { t } = useTranslation('account');
  const api = useApi();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const { startRegistration } = await import('@simplewebauthn/browser');
      const optionsJSON = await freshly(() => api.post('/me/passkeys/challenge'));
      const response = await startRegistration({
        optionsJSON: optionsJSON as unknown as Parameters<typeof startRegistration>[0]['optionsJSON'],
      });
      await api.post('/me/passkeys', { body: { name: name.trim(), response: { ...response } } });
      onClose();
      await notify({ text: t('passkeys.done', { name: name.trim() }) });
      void queries.invalidateQueries();
    } catch (problem) {
      // who closes the browser's own dialogue knows it
      if (!(problem instanceof Error && problem.name === 'NotAllowedError')) setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog opened onClose={onClose} title={t('passkeys.add')}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="md">
          {error !== undefined && <ProblemAlert error={error} />}
          <TextInput
            label={t('passkeys.name')}
            value={name}
            maxLength={60}
            required
            withAsterisk={false}
            data-autofocus
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={isBusy}>
              {t('passkeys.submit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

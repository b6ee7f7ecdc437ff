import { Button, Group, Stack, Text } from '@mantine/core';
import { lazy, type ReactNode, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../api/problem.ts';
import { useApiQuery } from '../api/queries.ts';
import { useSession } from '../app/session.tsx';
import { Dialog } from './dialog.tsx';
import { Piece } from './piece.tsx';

const SignInForm = lazy(() => import('../pages/sign-in/sign-in-form.tsx'));

/** Does something, after a sign-in where the relay asks for a fresh one. @throws what `run` throws */
export type Freshly = <T>(run: () => Promise<T>) => Promise<T>;

/**
 * What decides who gets in needs a sign-in of the last minutes. `freshly(() => api.put(…))` asks for it only when the
 * relay does, and goes on after it; render the dialogue.
 */
export function useFreshSignIn(): { freshly: Freshly; dialog: ReactNode } {
  const { t } = useTranslation('components');
  const { who } = useSession();
  const [asked, setAsked] = useState<{ done: () => void; cancel: () => void }>();
  const state = useApiQuery('/session/state', {}, { enabled: asked !== undefined });
  const freshly = useCallback<Freshly>(async (run) => {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.details.needs !== 'sign-in') throw error;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      setAsked({ done: resolve, cancel: () => reject(error) });
      try {
        await promise;
      } finally {
        setAsked(undefined);
      }
      return run();
    }
  }, []);
  const dialog = asked && (
    <Dialog opened onClose={asked.cancel} title={t('fresh.title')} zIndex={350}>
      <Stack gap="md">
        <Text size="sm">{t('fresh.text')}</Text>
        <Piece>
          <SignInForm
            email={who.email}
            providers={state.data?.providers ?? []}
            onDone={(now) => {
              // somebody else must not do what this person began
              if (now.id === who.id) asked.done();
              else location.assign('/');
            }}
          />
        </Piece>
        <Group justify="flex-end">
          <Button variant="subtle" onClick={asked.cancel}>
            {t('fresh.cancel')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
  return { freshly, dialog };
}

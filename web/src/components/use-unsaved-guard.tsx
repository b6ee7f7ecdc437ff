import { useBlocker } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ConfirmAction } from './confirm-action.tsx';

/**
 * Keeps edits from getting lost: asks before another page of the console, and before the window is left.
 * Render what it answers: `{useUnsavedGuard(form.isDirty())}`.
 */
export function useUnsavedGuard(isDirty: boolean) {
  const { t } = useTranslation('components');
  const { status, proceed, reset } = useBlocker({
    // a change of filters of the same page loses nothing
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  if (status !== 'blocked') return null;
  return (
    <ConfirmAction
      opened
      onClose={reset}
      title={t('unsaved.title')}
      verb={t('unsaved.leave')}
      danger
      run={async () => proceed()}
    >
      {t('unsaved.text')}
    </ConfirmAction>
  );
}

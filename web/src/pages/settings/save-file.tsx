import { Alert, Checkbox, Code, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { ApiProblem } from '../../api/problem.ts';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { useFreshSignIn } from '../../components/use-fresh-sign-in.tsx';
import { Changes } from './changes.tsx';
import { lineDiff } from './line-diff.ts';
import classes from './settings.module.css';
import type { Assessment } from './types.ts';

/** What would be written, line by line, and what a restart would make of it. */
export function SaveFile({
  before,
  after,
  etag,
  assessment: { changes, locking },
  onClose,
  onSaved,
  onMoved,
}: {
  before: string;
  after: string;
  etag: string | undefined;
  assessment: Assessment;
  onClose: () => void;
  onSaved: () => void;
  /** Somebody has written another text in the meantime. */
  onMoved: () => Promise<void>;
}) {
  const { t } = useTranslation('settings');
  const api = useApi();
  const queries = useQueryClient();
  const { freshly, dialog } = useFreshSignIn();
  const [isConfirmed, setConfirmed] = useState(false);
  const isLocking = locking.length > 0;
  const run = async () => {
    if (isLocking && !isConfirmed) throw new Error(t('save.confirmFirst'));
    try {
      await freshly(() => api.put('/configuration', { body: { text: after, confirm: isConfirmed }, etag }));
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 412) await onMoved();
      throw error;
    }
    onSaved();
    await queries.invalidateQueries({ queryKey: ['/configuration'] });
  };
  return (
    <>
      <ConfirmAction
        opened
        onClose={onClose}
        title={t('save.title')}
        verb={t('save.verb')}
        danger={isLocking}
        size="xl"
        run={run}
        done={t(changes.length > 0 ? 'save.doneRestart' : 'save.done')}
      >
        <Stack gap="sm">
          <div className={classes.diff} tabIndex={0} role="group" aria-label={t('save.diff')}>
            {lineDiff(before, after).map(({ kind, text, line }, index) =>
              kind === 'gap' ? (
                <div key={index} className={classes.gap}>
                  …
                </div>
              ) : (
                <div key={index} className={classes.diffLine} data-kind={kind}>
                  <span>{line}</span>
                  <span>{{ same: ' ', added: '+', removed: '−' }[kind]}</span>
                  <span>{text}</span>
                </div>
              ),
            )}
          </div>
          {changes.length > 0 && (
            <div>
              <Text size="sm" fw={600}>
                {t('save.changes')}
              </Text>
              <Changes changes={changes} />
            </div>
          )}
          {isLocking && (
            <Alert color="red" title={t('save.locking')}>
              <Text size="sm">
                {locking.map((field) => (
                  <Code key={field} mr={6}>
                    {field}
                  </Code>
                ))}
              </Text>
              <Checkbox
                mt="sm"
                label={t('save.confirm')}
                checked={isConfirmed}
                onChange={({ currentTarget }) => setConfirmed(currentTarget.checked)}
              />
            </Alert>
          )}
          <Text size="sm" c="dimmed">
            {t('save.text')}
          </Text>
        </Stack>
      </ConfirmAction>
      {dialog}
    </>
  );
}

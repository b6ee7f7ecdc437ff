import { Alert, Button, Group } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Connection } from './connection.ts';

/** Whether code or texts of the console did not come. Each browser, and Vite, has words of its own for it. */
export function isMissingPiece(error: unknown): boolean {
  return (
    error instanceof Error &&
    /dynamically imported module|Importing a module script failed|error loading|Unable to preload CSS/i.test(
      error.message,
    )
  );
}

/** The relay is away, then it is tried again by itself; or it was updated and brings other pieces, then the page has to be loaded anew. */
export function MissingPiece({ connection, onRetry }: { connection: Connection; onRetry: () => void }) {
  const { t } = useTranslation(['app', 'components']);
  useEffect(() => void connection.look(), [connection]);
  useEffect(
    () =>
      connection.subscribe(() => {
        if (connection.state === 'back') onRetry();
      }),
    [connection, onRetry],
  );
  return (
    <Alert title={t('failure.piece')} color="postern" role="alert">
      <Group gap="xs">
        <Button onClick={onRetry}>{t('components:problem.retry')}</Button>
        <Button variant="default" onClick={() => location.reload()}>
          {t('connection.reload')}
        </Button>
      </Group>
    </Alert>
  );
}

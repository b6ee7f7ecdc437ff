import { Button, Stack, Text, Title } from '@mantine/core';
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from '../components/problem-alert.tsx';
import { useConnectionObject } from './connection-context.ts';
import { isMissingPiece, MissingPiece } from './missing-piece.tsx';
import type { Role } from './roles.ts';
import { useSession } from './session.tsx';

export function NotFoundPage() {
  const { t } = useTranslation('app');
  return (
    <Stack maw={560} gap="sm">
      <Title order={1} tabIndex={-1}>
        {t('notFound.title')}
      </Title>
      <Text c="dimmed">{t('notFound.text')}</Text>
      <div>
        <Button component={Link} to="/" variant="default">
          {t('notFound.home')}
        </Button>
      </div>
    </Stack>
  );
}

export function ForbiddenPage({ role }: { role: Role }) {
  const { t } = useTranslation('app');
  const { who } = useSession();
  return (
    <Stack maw={560} gap="sm">
      <Title order={1} tabIndex={-1}>
        {t('forbidden.title')}
      </Title>
      <Text c="dimmed">
        {t('forbidden.text', { needed: t(`role.${role}`), role: t(`role.${who.role}`) })}
      </Text>
    </Stack>
  );
}

/** A page that failed: the rest of the console goes on. */
export function PageFailure({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation('app');
  const router = useRouter();
  const connection = useConnectionObject();
  const retry = useCallback(() => {
    reset();
    void router.invalidate();
  }, [reset, router]);
  return (
    <Stack maw={720} gap="sm">
      <Title order={1} tabIndex={-1}>
        {t('failure.title')}
      </Title>
      {isMissingPiece(error) ? (
        <MissingPiece connection={connection} onRetry={retry} />
      ) : (
        <ProblemAlert error={error} onRetry={retry} />
      )}
    </Stack>
  );
}

import { Loader, Center } from '@mantine/core';
import { Navigate } from '@tanstack/react-router';
import { type ReactNode, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from './session.tsx';
import { ForbiddenPage, NotFoundPage } from './page-states.tsx';
import type { PageEntry } from './pages.ts';
import { isAtLeast } from './roles.ts';

/** A page for those who may see it, with its own texts. */
export function Guarded({ page, children }: { page: PageEntry; children: ReactNode }) {
  const { who, lab, mustEnrol } = useSession();
  if (page.lab && !lab) return <NotFoundPage />;
  // the relay answers nothing else before
  if (mustEnrol && page.folder !== 'account') return <Navigate to="/account" replace />;
  if (page.role !== undefined && !isAtLeast(who.role, page.role)) return <ForbiddenPage role={page.role} />;
  return (
    <Suspense fallback={<PageWaiting />}>
      <Titled folder={page.folder}>{children}</Titled>
    </Suspense>
  );
}

/** Waits for the texts; the title of the page is its name until it says more. */
function Titled({ folder, children }: { folder: string; children: ReactNode }) {
  const { t } = useTranslation(folder);
  useEffect(() => {
    document.title = `${t('title')} · Postern`;
  }, [t]);
  return children;
}

export function PageWaiting() {
  const { t } = useTranslation('app');
  return (
    <Center h={240}>
      <Loader size="sm" aria-label={t('loading')} />
    </Center>
  );
}

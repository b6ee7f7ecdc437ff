import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { i18n as I18n } from 'i18next';
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useState } from 'react';
import { I18nextProvider } from 'react-i18next';
import { ApiClient } from '../api/client.ts';
import { ApiContext } from '../api/context.ts';
import { ApiProblem } from '../api/problem.ts';
import { useApiQuery } from '../api/queries.ts';
import { Connection } from './connection.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { EntryFailure } from './entry-failure.tsx';
import { PageWaiting } from './guarded.tsx';
import { Notices } from '../components/notices.tsx';
import { ReturnGate } from './return-gate.tsx';
import { SessionContext } from './session.tsx';
import { SessionGate } from './session-gate.ts';
import { cssVariables, theme } from './theme.ts';
import { styleNonce } from './trusted-types.ts';

/** The pages that only who has signed in sees. */
const loadConsole = () => import('./signed-in.tsx');
const SignIn = lazy(() => import('../pages/sign-in/page.tsx'));

/** What lives as long as the page does. */
function makeServices() {
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5000,
        // the client has tried again already where that helps
        retry: false,
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  });
  const gate = new SessionGate();
  const connection = new Connection(() => void queries.invalidateQueries());
  const api = new ApiClient({
    onSignedOut: () => gate.wait(),
    onConnection: (isThere) => connection.report(isThere),
  });
  return { queries, gate, connection, api };
}

export type Services = ReturnType<typeof makeServices>;

/** Providers, and the choice between signing in and the console. */
export function Root({ i18n }: { i18n: I18n }) {
  const [services] = useState(makeServices);
  return (
    <I18nextProvider i18n={i18n}>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        defaultColorScheme="auto"
        getStyleNonce={styleNonce}
      >
        <QueryClientProvider client={services.queries}>
          <ApiContext.Provider value={services.api}>
            <Notices />
            <Suspense fallback={<PageWaiting />}>
              <ConnectionBanner connection={services.connection} />
              <Entry services={services} i18n={i18n} />
            </Suspense>
          </ApiContext.Provider>
        </QueryClientProvider>
      </MantineProvider>
    </I18nextProvider>
  );
}

/** Links with a secret behind the `#` open these, whoever is signed in. */
const OPEN_PATHS = ['/welcome', '/invitation'];

function Entry({ services: { api, connection, gate, queries }, i18n }: { services: Services; i18n: I18n }) {
  const state = useApiQuery(
    '/session/state',
    {},
    { staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false },
  );
  const [path, setPath] = useState(location.pathname);
  // most who come are signed in
  useEffect(() => void loadConsole().catch(() => {}), []);

  const enter = (to?: string) => {
    if (to !== undefined) history.replaceState(null, '', to);
    setPath(location.pathname);
    void queries.invalidateQueries();
  };
  if (state.isPending) return <PageWaiting />;
  if (!state.data)
    return <EntryFailure error={state.error} connection={connection} onRetry={() => void state.refetch()} />;
  const { who } = state.data;
  if (!who || OPEN_PATHS.includes(path))
    return <SignIn path={path} providers={state.data.providers} onDone={enter} />;

  const signOut = async () => {
    try {
      await api.delete('/session');
    } catch (error) {
      if (!(error instanceof ApiProblem && error.status === 401)) throw error;
    }
    // nothing of what was seen stays behind in this browser
    location.assign('/');
  };
  return (
    <SessionContext.Provider
      value={{ who, mustEnrol: state.data.mustEnrol, lab: state.data.lab ?? false, signOut }}
    >
      <Console connection={connection} i18n={i18n} />
      <ReturnGate gate={gate} who={who} providers={state.data.providers} />
    </SessionContext.Provider>
  );
}

/** The console as soon as its first page is there. */
function Console({ connection, i18n }: { connection: Connection; i18n: I18n }) {
  const [opened, setOpened] = useState<{ shown: ReactNode } | { error: unknown }>();
  const open = useCallback(async () => {
    setOpened(undefined);
    try {
      const { openConsole } = await loadConsole();
      setOpened({ shown: await openConsole(connection, i18n) });
    } catch (error) {
      setOpened({ error });
    }
  }, [connection, i18n]);
  useEffect(() => void open(), [open]);
  if (!opened) return <PageWaiting />;
  if ('error' in opened)
    return <EntryFailure error={opened.error} connection={connection} onRetry={() => void open()} />;
  return opened.shown;
}

import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import type { i18n as I18n } from 'i18next';
import { PAGES } from './pages.ts';
import { NotFoundPage, PageFailure } from './page-states.tsx';
import { Guarded, PageWaiting } from './guarded.tsx';
import { Shell } from './shell.tsx';

/** Filters stand in the address as plain text: `?source=erp&since=2026-01-01`. */
const parseSearch = (search: string) => Object.fromEntries(new URLSearchParams(search));
const stringifySearch = (search: Record<string, unknown>) => {
  const set = Object.entries(search).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  const text = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
};

/**
 * The console at the page of the address, which is there with its code and texts: nothing half made is shown meanwhile.
 * (What React has shown in place of something stays for 300 ms, and a page begins behind three such places.)
 */
export async function openRouter(i18n: I18n) {
  const router = consoleRouter(i18n);
  await router.load();
  return router;
}

function consoleRouter(i18n: I18n) {
  const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });
  const routes = PAGES.map((page) => {
    const Page = lazyRouteComponent(page.load);
    return createRoute({
      getParentRoute: () => root,
      path: page.path,
      staticData: { page },
      // the page that was left stays until this one can be shown
      loader: () => Promise.all([Page.preload?.(), i18n.loadNamespaces(page.folder)]).then(() => null),
      staleTime: Number.POSITIVE_INFINITY,
      component: () => (
        <Guarded page={page}>
          <Page />
        </Guarded>
      ),
      errorComponent: PageFailure,
    });
  });
  return createRouter({
    routeTree: root.addChildren(routes),
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    defaultPendingComponent: PageWaiting,
    defaultPendingMs: 300,
    defaultPendingMinMs: 0,
    defaultErrorComponent: PageFailure,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    page?: (typeof PAGES)[number];
  }
}

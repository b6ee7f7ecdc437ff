import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import type { i18n as I18n } from 'i18next';
import type { FunctionComponent } from 'react';
import { needTexts } from './language.ts';
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

/** All pages, by their addresses. A page is shown when its code and texts are there; the one that was left stays until then. */
export function consoleRouter(i18n: I18n) {
  const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });
  const routes = PAGES.map((page) => {
    let Page: FunctionComponent = () => null;
    return createRoute({
      getParentRoute: () => root,
      path: page.path,
      staticData: { page },
      loader: async () => {
        const [{ default: loaded }] = await Promise.all([page.load(), needTexts(i18n, page.folder)]);
        Page = loaded;
      },
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

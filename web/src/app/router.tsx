import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouterHistory,
} from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { PAGES } from './pages.ts';
import { NotFoundPage, PageFailure } from './page-states.tsx';
import { Guarded } from './guarded.tsx';
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

export function consoleRouter(history?: RouterHistory) {
  const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });
  const routes = PAGES.map((page) => {
    const Page = lazyRouteComponent(page.load) as ComponentType;
    return createRoute({
      getParentRoute: () => root,
      path: page.path,
      staticData: { page },
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
    history,
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    defaultErrorComponent: PageFailure,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    page?: (typeof PAGES)[number];
  }
}

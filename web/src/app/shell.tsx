import { Burger, NavLink, UnstyledButton } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import Search from 'lucide-react/icons/search';
import { lazy, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AccountButton } from './account-button.tsx';
import { ConnectionDot } from './connection-dot.tsx';
import { Piece } from '../components/piece.tsx';
import { Mark } from './mark.tsx';
import { useMenu } from './menu.ts';
import classes from './shell.module.css';

const SearchDialog = lazy(() => import('./search-dialog.tsx'));

/** What stands around every page. */
export function Shell() {
  const { t } = useTranslation('app');
  const [isOpen, { toggle, close }] = useDisclosure();
  const [isSearching, setSearching] = useState(false);
  useHotkeys([['mod+K', () => setSearching(true)]], []);
  useFocusOnNavigation(close);
  return (
    <div className={classes.shell}>
      <a className="skip-link" href="#main">
        {t('skip')}
      </a>
      <header className={classes.header}>
        <Burger
          className={classes.burger}
          opened={isOpen}
          onClick={toggle}
          size="sm"
          aria-label={t('menu')}
          aria-expanded={isOpen}
          aria-controls="pages"
        />
        <UnstyledButton component={Link} to="/" className={classes.brand} aria-label={t('home')}>
          <Mark size={26} />
          <span>Postern</span>
        </UnstyledButton>
        <UnstyledButton
          className={classes.search}
          aria-label={t('search.open')}
          onClick={() => setSearching(true)}
        >
          <Search size={15} aria-hidden />
          <span className={classes.searchText}>{t('search.open')}</span>
          <span className={classes.keys} aria-hidden="true" />
        </UnstyledButton>
        <div className={classes.end}>
          <ConnectionDot />
          <AccountButton />
        </div>
      </header>
      <nav
        id="pages"
        className={classes.navigation}
        data-open={isOpen || undefined}
        aria-label={t('navigation')}
      >
        <Navigation />
      </nav>
      <main id="main" tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
      <Piece>{isSearching && <SearchDialog onClose={() => setSearching(false)} />}</Piece>
    </div>
  );
}

function Navigation() {
  const { t } = useTranslation('app');
  const groups = useMenu();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // of pages below one another the one that is open, or the nearest above it
  const active = groups
    .flatMap(({ pages }) => pages.map((page) => page.path))
    .filter((to) => (to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`)))
    .sort((a, b) => b.length - a.length)[0];
  return groups.map(({ group, pages }) => (
    <section key={group} aria-labelledby={`menu-${group}`} className={classes.group}>
      <h2 id={`menu-${group}`} className={classes.heading}>
        {t(`group.${group}`)}
      </h2>
      {pages.map(({ path: to, title, icon: Icon }) => {
        const isActive = to === active;
        return (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={title}
            leftSection={<Icon size={17} aria-hidden />}
            activeOptions={{ exact: true }}
            active={isActive}
            aria-current={isActive ? 'page' : undefined}
            className={classes.link}
          />
        );
      })}
    </section>
  ));
}

/** After a change of the page, keyboard and screen reader go on at its heading; a change of filters moves nothing. */
function useFocusOnNavigation(onNavigation: () => void): void {
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  const before = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (path === undefined || before.current === path) return;
    const isFirst = before.current === undefined;
    before.current = path;
    if (isFirst) return;
    onNavigation();
    // the page may still wait for its code and texts
    let frames = 0;
    const focus = () => {
      const heading = document.querySelector<HTMLElement>('#main h1');
      if (heading) {
        heading.tabIndex = -1;
        heading.focus({ preventScroll: true });
      } else if (++frames < 120) requestAnimationFrame(focus);
    };
    requestAnimationFrame(focus);
  }, [path, onNavigation]);
}

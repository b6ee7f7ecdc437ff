import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { GROUPS, type Group, PAGES, type PageEntry } from './pages.ts';
import { isAtLeast } from './roles.ts';
import { useSession } from './session.tsx';

export interface MenuItem {
  path: string;
  title: string;
  icon: NonNullable<PageEntry['menu']>['icon'];
}

/** The pages that whoever has signed in may see, in their groups. */
export function useMenu(): { group: Group; pages: MenuItem[] }[] {
  const { t } = useTranslation('app');
  const { who, lab } = useSession();
  return useMemo(
    () =>
      GROUPS.map((group) => ({
        group,
        pages: PAGES.flatMap(({ path, folder, menu, role, lab: ofLab = false }) =>
          menu?.group === group && (lab || !ofLab) && (role === undefined || isAtLeast(who.role, role))
            ? [{ path, title: t(`page.${folder}`), icon: menu.icon }]
            : [],
        ),
      })).filter(({ pages }) => pages.length > 0),
    [t, who.role, lab],
  );
}

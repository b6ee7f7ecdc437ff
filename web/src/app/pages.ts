import type { ComponentType } from 'react';
import Globe from 'lucide-react/icons/globe';
import Gauge from 'lucide-react/icons/gauge';
import Inbox from 'lucide-react/icons/inbox';
import Send from 'lucide-react/icons/send';
import ScrollText from 'lucide-react/icons/scroll-text';
import type { Role } from './roles.ts';

/** The headings of the navigation, in their order. */
export const GROUPS = ['now', 'senders', 'mail', 'edge', 'audit', 'administration'] as const;
export type Group = (typeof GROUPS)[number];

export interface PageEntry {
  /** Name of the folder in pages/, and of its texts. Its text `title` stands in the navigation. */
  folder: string;
  /** `/sources`, `/sources/$name` */
  path: string;
  /** The component, loaded when the page is opened. */
  load: () => Promise<{ default: ComponentType }>;
  /** Where it stands in the navigation; absent: it is reached from other pages. */
  menu?: { group: Group; icon: ComponentType<{ size?: number | string; 'aria-hidden'?: boolean }> };
  /** The least role that sees it; absent: everybody, source owners as well. */
  role?: Role;
  /** Only where the relay has a lab. */
  lab?: boolean;
}

/** All pages. A new one is an entry here and a folder; see docs/adding-a-page.md. */
export const PAGES: PageEntry[] = [
  {
    folder: 'overview',
    path: '/',
    load: () => import('../pages/overview/page.tsx'),
    menu: { group: 'now', icon: Gauge },
  },
  {
    folder: 'inbox',
    path: '/inbox',
    load: () => import('../pages/inbox/page.tsx'),
    menu: { group: 'mail', icon: Inbox },
    role: 'auditor',
  },
  {
    folder: 'sources',
    path: '/sources',
    load: () => import('../pages/sources/page.tsx'),
    menu: { group: 'senders', icon: Send },
  },
  {
    folder: 'domains',
    path: '/domains',
    load: () => import('../pages/domains/page.tsx'),
    menu: { group: 'mail', icon: Globe },
    role: 'auditor',
  },
  {
    folder: 'domain',
    path: '/domains/$domain',
    load: () => import('../pages/domain/page.tsx'),
    role: 'auditor',
  },
  {
    folder: 'audit-log',
    path: '/audit-log',
    load: () => import('../pages/audit-log/page.tsx'),
    menu: { group: 'administration', icon: ScrollText },
    role: 'auditor',
  },
];

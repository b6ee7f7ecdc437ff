import type { ComponentType, FunctionComponent } from 'react';
import DoorOpen from 'lucide-react/icons/door-open';
import Drama from 'lucide-react/icons/drama';
import FlaskConical from 'lucide-react/icons/flask-conical';
import Globe from 'lucide-react/icons/globe';
import ChartColumn from 'lucide-react/icons/chart-column';
import Gauge from 'lucide-react/icons/gauge';
import Inbox from 'lucide-react/icons/inbox';
import Send from 'lucide-react/icons/send';
import ClipboardCheck from 'lucide-react/icons/clipboard-check';
import Radar from 'lucide-react/icons/radar';
import ScrollText from 'lucide-react/icons/scroll-text';
import SlidersHorizontal from 'lucide-react/icons/sliders-horizontal';
import RouteIcon from 'lucide-react/icons/route';
import Settings from 'lucide-react/icons/settings';
import Crosshair from 'lucide-react/icons/crosshair';
import FolderInput from 'lucide-react/icons/folder-input';
import Ban from 'lucide-react/icons/ban';
import Hourglass from 'lucide-react/icons/hourglass';
import Mails from 'lucide-react/icons/mails';
import ListChecks from 'lucide-react/icons/list-checks';
import ShieldOff from 'lucide-react/icons/shield-off';
import ShieldQuestionMark from 'lucide-react/icons/shield-question-mark';
import KeyRound from 'lucide-react/icons/key-round';
import Users from 'lucide-react/icons/users';
import Bell from 'lucide-react/icons/bell';
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
  load: () => Promise<{ default: FunctionComponent }>;
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
    folder: 'reports',
    path: '/reports',
    load: () => import('../pages/reports/page.tsx'),
    menu: { group: 'now', icon: ChartColumn },
  },
  {
    folder: 'messages',
    path: '/messages',
    load: () => import('../pages/messages/page.tsx'),
    menu: { group: 'mail', icon: Mails },
  },
  {
    folder: 'message',
    path: '/messages/$id',
    load: () => import('../pages/message/page.tsx'),
  },
  {
    folder: 'alerts',
    path: '/alerts',
    load: () => import('../pages/alerts/page.tsx'),
    menu: { group: 'now', icon: Bell },
    role: 'auditor',
  },
  {
    folder: 'alert-settings',
    path: '/alerts/settings',
    load: () => import('../pages/alert-settings/page.tsx'),
    role: 'auditor',
  },
  {
    folder: 'queue',
    path: '/queue',
    load: () => import('../pages/queue/page.tsx'),
    menu: { group: 'mail', icon: Hourglass },
    role: 'auditor',
  },
  {
    folder: 'refusals',
    path: '/refusals',
    load: () => import('../pages/refusals/page.tsx'),
    menu: { group: 'mail', icon: Ban },
  },
  {
    folder: 'refusal-code',
    path: '/refusals/$code',
    load: () => import('../pages/refusal-code/page.tsx'),
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
    folder: 'source',
    path: '/sources/$name/{-$tab}',
    load: () => import('../pages/source/page.tsx'),
  },
  {
    folder: 'new-source',
    path: '/new-source',
    load: () => import('../pages/new-source/page.tsx'),
  },
  {
    folder: 'discovery',
    path: '/discovery',
    load: () => import('../pages/discovery/page.tsx'),
    menu: { group: 'senders', icon: Radar },
    role: 'auditor',
  },
  {
    folder: 'device',
    path: '/discovery/$device',
    load: () => import('../pages/device/page.tsx'),
    role: 'auditor',
  },
  {
    folder: 'recertifications',
    path: '/recertifications',
    load: () => import('../pages/recertifications/page.tsx'),
    menu: { group: 'senders', icon: ClipboardCheck },
    role: 'auditor',
  },
  {
    folder: 'recertification',
    path: '/recertifications/$id',
    load: () => import('../pages/recertification/page.tsx'),
    role: 'auditor',
  },
  {
    folder: 'exceptions',
    path: '/exceptions',
    load: () => import('../pages/exceptions/page.tsx'),
    menu: { group: 'senders', icon: ShieldOff },
  },
  {
    folder: 'exception',
    path: '/exceptions/$id',
    load: () => import('../pages/exception/page.tsx'),
  },
  {
    folder: 'routes',
    path: '/routes',
    load: () => import('../pages/routes/page.tsx'),
    menu: { group: 'mail', icon: RouteIcon },
    role: 'auditor',
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
    folder: 'edge-traffic',
    path: '/edge/traffic',
    load: () => import('../pages/edge-traffic/page.tsx'),
    menu: { group: 'edge', icon: DoorOpen },
    role: 'auditor',
  },
  {
    folder: 'edge-spoofs',
    path: '/edge/spoofs',
    load: () => import('../pages/edge-spoofs/page.tsx'),
    menu: { group: 'edge', icon: Drama },
    role: 'auditor',
  },
  {
    folder: 'edge-what-if',
    path: '/edge/what-if',
    load: () => import('../pages/edge-what-if/page.tsx'),
    role: 'auditor',
  },
  {
    folder: 'edge-settings',
    path: '/edge/settings',
    load: () => import('../pages/edge-settings/page.tsx'),
    menu: { group: 'edge', icon: SlidersHorizontal },
    role: 'auditor',
  },
  {
    folder: 'lab',
    path: '/lab',
    load: () => import('../pages/lab/page.tsx'),
    menu: { group: 'edge', icon: FlaskConical },
    role: 'auditor',
    lab: true,
  },
  {
    folder: 'lab-tour',
    path: '/lab/tour',
    load: () => import('../pages/lab-tour/page.tsx'),
    role: 'auditor',
    lab: true,
  },
  {
    folder: 'direct-send',
    path: '/direct-send',
    load: () => import('../pages/direct-send/page.tsx'),
    menu: { group: 'audit', icon: ShieldQuestionMark },
    role: 'auditor',
  },
  {
    folder: 'direct-send-senders',
    path: '/direct-send/senders',
    load: () => import('../pages/direct-send-senders/page.tsx'),
    menu: { group: 'audit', icon: ListChecks },
    role: 'auditor',
  },
  {
    folder: 'direct-send-sender',
    path: '/direct-send/senders/$sender',
    load: () => import('../pages/direct-send-sender/page.tsx'),
    role: 'auditor',
  },
  {
    folder: 'direct-send-campaigns',
    path: '/direct-send/campaigns',
    load: () => import('../pages/direct-send-campaigns/page.tsx'),
    menu: { group: 'audit', icon: Crosshair },
    role: 'auditor',
  },
  {
    folder: 'direct-send-evidence',
    path: '/direct-send/evidence',
    load: () => import('../pages/direct-send-evidence/page.tsx'),
    menu: { group: 'audit', icon: FolderInput },
    role: 'auditor',
  },
  {
    folder: 'people',
    path: '/people',
    load: () => import('../pages/people/page.tsx'),
    menu: { group: 'administration', icon: Users },
    role: 'auditor',
  },
  {
    folder: 'tokens',
    path: '/tokens',
    load: () => import('../pages/tokens/page.tsx'),
    menu: { group: 'administration', icon: KeyRound },
  },
  {
    folder: 'account',
    path: '/account',
    load: () => import('../pages/account/page.tsx'),
  },
  {
    folder: 'audit-log',
    path: '/audit-log',
    load: () => import('../pages/audit-log/page.tsx'),
    menu: { group: 'administration', icon: ScrollText },
    role: 'auditor',
  },
  {
    folder: 'settings',
    path: '/settings',
    load: () => import('../pages/settings/page.tsx'),
    menu: { group: 'administration', icon: Settings },
    role: 'auditor',
  },
];

import { createContext, type ReactElement, type ReactNode, useContext } from 'react';
import { useTranslation } from 'react-i18next';
import type { Who } from '../api/schema.ts';
import { isAtLeast, type Role } from './roles.ts';

interface SessionValue {
  who: Who;
  /** A second factor has to be set up before anything else. */
  mustEnrol: boolean;
  /** The relay is one of a lab. */
  lab: boolean;
  signOut(): Promise<void>;
}

export const SessionContext = createContext<SessionValue | undefined>(undefined);

/** Who has signed in, and the way out. */
export function useSession(): SessionValue {
  const session = useContext(SessionContext);
  if (!session) throw new Error('nobody has signed in here');
  return session;
}

/** Whether who has signed in has this role, or more. */
export function useCan(role: Role): boolean {
  return isAtLeast(useSession().who.role, role);
}

/**
 * What needs a role: hidden for others, or with `why` shown disabled with the reason.
 *
 *     <Can role="operator"><Button>Stop</Button></Can>
 *     <Can role="operator" why>{(may) => <Button disabled={!may}>Stop</Button>}</Can>
 */
export function Can({
  role,
  why = false,
  children,
}: {
  role: Role;
  why?: boolean;
  children: ReactNode | ((may: boolean) => ReactElement);
}) {
  const { t } = useTranslation('app');
  const may = useCan(role);
  if (typeof children !== 'function') return may ? children : null;
  if (may || !why) return may ? children(true) : null;
  return (
    // a disabled control gets no pointer events: the reason hangs on what is around it
    <span title={t('forbidden.needs', { role: t(`role.${role}`) })}>{children(false)}</span>
  );
}

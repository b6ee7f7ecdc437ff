import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { isAtLeast } from '../app/roles.ts';
import { useSession } from '../app/session.tsx';
import { knownPage } from './known-page.ts';

interface Props {
  /** As the relay names it: `/sources/erp`, `/refusals?code=S401`. */
  address: string;
  className?: string;
  children: ReactNode;
  /** Shown instead where there is no such page for this role; absent: the same without a link. */
  otherwise?: ReactNode;
}

/** A link to a page of the console, where there is one that whoever has signed in may see. */
export function PageLink({ address, className, children, otherwise }: Props) {
  const { who } = useSession();
  const known = knownPage(address);
  if (!known || (known.page.role !== undefined && !isAtLeast(who.role, known.page.role)))
    return otherwise ?? <span className={className}>{children}</span>;
  const { to, params, search } = known;
  return (
    <Link to={to} params={params} search={search} className={className}>
      {children}
    </Link>
  );
}

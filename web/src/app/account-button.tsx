import { UnstyledButton } from '@mantine/core';
import ChevronDown from 'lucide-react/icons/chevron-down';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from './session.tsx';
import classes from './account-menu.module.css';

const loadMenu = () => import('./account-menu.tsx');
const AccountMenu = lazy(loadMenu);

/** Opens the menu of the account; its code comes with the first look at it. */
export function AccountButton() {
  const { t } = useTranslation('app');
  const { who } = useSession();
  const [isWanted, setWanted] = useState(false);
  const initials = who.name
    .split(/[\s.@]+/)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase() ?? '')
    .join('');
  const button = (
    <UnstyledButton
      className={classes.target}
      aria-label={t('account.open', { name: who.name })}
      aria-haspopup="menu"
      onMouseEnter={() => void loadMenu()}
      onFocus={() => void loadMenu()}
      onClick={isWanted ? undefined : () => setWanted(true)}
    >
      <span className={classes.initials} aria-hidden="true">
        {initials}
      </span>
      <ChevronDown size={14} aria-hidden />
    </UnstyledButton>
  );
  return isWanted ? (
    <Suspense fallback={button}>
      <AccountMenu target={button} />
    </Suspense>
  ) : (
    button
  );
}

import { UnstyledButton } from '@mantine/core';
import { useClickOutside } from '@mantine/hooks';
import ChevronDown from 'lucide-react/icons/chevron-down';
import { lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Piece } from '../components/piece.tsx';
import { useSession } from './session.tsx';
import classes from './account-menu.module.css';

const loadMenu = () => import('./account-menu.tsx');
const AccountMenu = lazy(loadMenu);

/** Opens the menu of the account; its code comes with the first look at it. */
export function AccountButton() {
  const { t } = useTranslation('app');
  const { who } = useSession();
  const [isWanted, setWanted] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const place = useClickOutside(() => setOpen(false));
  const initials = who.name
    .split(/[\s.@]+/)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase() ?? '')
    .join('');
  return (
    <div ref={place} className={classes.place}>
      <UnstyledButton
        className={classes.target}
        aria-label={t('account.open', { name: who.name })}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onMouseEnter={() => void loadMenu()}
        onFocus={() => void loadMenu()}
        onClick={() => {
          setWanted(true);
          setOpen(!isOpen);
        }}
      >
        {/* drawn by the style: as text it would have to be part of the name */}
        <span className={classes.initials} data-initials={initials} aria-hidden="true" />
        <ChevronDown size={14} aria-hidden />
      </UnstyledButton>
      <Piece>{isWanted && <AccountMenu isOpen={isOpen} onChange={setOpen} />}</Piece>
    </div>
  );
}

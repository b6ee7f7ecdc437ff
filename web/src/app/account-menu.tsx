import { Menu, Text, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import Check from 'lucide-react/icons/check';
import Languages from 'lucide-react/icons/languages';
import LogOut from 'lucide-react/icons/log-out';
import Monitor from 'lucide-react/icons/monitor';
import Moon from 'lucide-react/icons/moon';
import Sun from 'lucide-react/icons/sun';
import UserRound from 'lucide-react/icons/user-round';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { LANGUAGES } from './language.ts';
import { PAGES } from './pages.ts';
import { useSession } from './session.tsx';
import classes from './account-menu.module.css';

const SCHEMES: [MantineColorScheme, typeof Sun][] = [
  ['light', Sun],
  ['dark', Moon],
  ['auto', Monitor],
];

/** Who has signed in, language, colours, and the way out. */
export default function AccountMenu({ target }: { target: ReactElement }) {
  const { t, i18n } = useTranslation('app');
  const { who, signOut } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu defaultOpened position="bottom-end" width={248} withinPortal shadow="md">
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        <div className={classes.who}>
          <Text fw={600} truncate>
            {who.name}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {who.email} · {t(`role.${who.role}`)}
          </Text>
        </div>
        {PAGES.some(({ path }) => path === '/account') && (
          <Menu.Item component={Link} to="/account" leftSection={<UserRound size={15} aria-hidden />}>
            {t('account.own')}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Label>{t('account.colours')}</Menu.Label>
        {SCHEMES.map(([scheme, Icon]) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            closeMenuOnClick={false}
            leftSection={<Icon size={15} aria-hidden />}
            rightSection={colorScheme === scheme ? <Check size={15} aria-hidden /> : undefined}
            onClick={() => setColorScheme(scheme)}
          >
            {t(`account.scheme.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Label>{t('account.language')}</Menu.Label>
        {Object.entries(LANGUAGES).map(([tag, name]) => (
          <Menu.Item
            key={tag}
            lang={tag}
            role="menuitemradio"
            aria-checked={i18n.language === tag}
            closeMenuOnClick={false}
            leftSection={<Languages size={15} aria-hidden />}
            rightSection={i18n.language === tag ? <Check size={15} aria-hidden /> : undefined}
            onClick={() => void i18n.changeLanguage(tag)}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={15} aria-hidden />} onClick={() => void signOut()}>
          {t('account.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

import { Menu, Text, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import LogOut from 'lucide-react/icons/log-out';
import UserRound from 'lucide-react/icons/user-round';
import { useTranslation } from 'react-i18next';
import { LANGUAGES } from './language.ts';
import { PAGES } from './pages.ts';
import { useSession } from './session.tsx';
import classes from './account-menu.module.css';

const SCHEMES: MantineColorScheme[] = ['light', 'dark', 'auto'];

/** Who has signed in, language, colours, and the way out. */
export default function AccountMenu({
  isOpen,
  onChange,
}: {
  isOpen: boolean;
  onChange: (isOpen: boolean) => void;
}) {
  const { t, i18n } = useTranslation('app');
  const { who, signOut } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu
      opened={isOpen}
      onChange={onChange}
      position="bottom-end"
      width={248}
      withinPortal={false}
      returnFocus
      shadow="md"
      closeOnClickOutside={false}
    >
      {/* the button is there before this code; the menu hangs below it */}
      <Menu.Target>
        <span className={classes.anchor} />
      </Menu.Target>
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
        <Menu.RadioGroup
          value={colorScheme}
          onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}
        >
          {SCHEMES.map((scheme) => (
            <Menu.RadioItem key={scheme} value={scheme}>
              {t(`account.scheme.${scheme}`)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Label>{t('account.language')}</Menu.Label>
        <Menu.RadioGroup value={i18n.language} onChange={(tag) => void i18n.changeLanguage(tag)}>
          {Object.entries(LANGUAGES).map(([tag, name]) => (
            <Menu.RadioItem key={tag} value={tag} lang={tag}>
              {name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={15} aria-hidden />} onClick={() => void signOut()}>
          {t('account.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

import { Stack, Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../components/page-header.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { Connectors } from './connectors.tsx';
import { Domains } from './domains.tsx';
import classes from './edge-settings.module.css';
import { Recipients } from './recipients.tsx';
import { Rules } from './rules.tsx';
import { SafeSenders } from './safe-senders.tsx';

const TABS = {
  rules: Rules,
  domains: Domains,
  connectors: Connectors,
  recipients: Recipients,
  'safe-senders': SafeSenders,
};
type Tab = keyof typeof TABS;

/** Who may send into the organization, and who there is in it. */
export default function EdgeSettingsPage() {
  const { t } = useTranslation('edge-settings');
  const [{ tab = 'rules' }, setFilters] = useFilters(['tab', 'search', 'domain']);
  const shown = tab in TABS ? (tab as Tab) : 'rules';
  return (
    <Stack gap="md">
      <PageHeader title={t('title')} description={t('description')} />
      <Tabs
        value={shown}
        onChange={(next) =>
          setFilters({
            tab: next === 'rules' ? undefined : (next ?? undefined),
            search: undefined,
            domain: undefined,
          })
        }
        keepMounted={false}
      >
        <Tabs.List className={classes.tabs}>
          {Object.keys(TABS).map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {Object.entries(TABS).map(([name, Content]) => (
          <Tabs.Panel key={name} value={name} pt="md">
            <Content />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  );
}

import { Stack, Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../components/page-header.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { Channels } from './channels.tsx';
import { Digest } from './digest.tsx';
import { Mutes } from './mutes.tsx';
import { Rules } from './rules.tsx';

const TABS = { channels: Channels, rules: Rules, mutes: Mutes, digest: Digest };
type Tab = keyof typeof TABS;

/** What makes alerts, and what carries them. */
export default function AlertSettingsPage() {
  const { t } = useTranslation('alert-settings');
  const [{ tab }, setFilters] = useFilters(['tab']);
  const shown: Tab = tab !== undefined && tab in TABS ? (tab as Tab) : 'channels';
  const Shown = TABS[shown];
  return (
    <Stack gap="md">
      <PageHeader
        title={t('title')}
        description={t('description')}
        above={[{ title: t('above'), to: '/alerts' }]}
      />
      <Tabs value={shown} onChange={(value) => setFilters({ tab: value ?? undefined })} keepMounted={false}>
        <Tabs.List mb="md">
          {Object.keys(TABS).map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={shown}>
          <Shown />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

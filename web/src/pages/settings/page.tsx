import { Skeleton, Stack, Tabs } from '@mantine/core';
import { keepPreviousData } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApiQuery, useTaggedQuery } from '../../api/queries.ts';
import { useLanguage } from '../../app/language.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { DefaultPolicy } from './default-policy.tsx';
import { FileEditor } from './file-editor.tsx';
import { RestartBanner } from './restart-banner.tsx';
import { SettingsList } from './settings-list.tsx';

const TABS = ['values', 'file', 'policy'] as const;

/** What the relay goes by, and the file that says so. */
export default function SettingsPage() {
  const { t } = useTranslation('settings');
  const [{ tab = 'values' }, setFilters] = useFilters(['tab', 'line']);
  const configuration = useTaggedQuery(
    '/configuration',
    { query: { language: useLanguage() } },
    // another language must not take away what is being written
    { placeholderData: keepPreviousData },
  );
  const policy = useApiQuery('/default-policy', {}, { enabled: tab === 'policy' });
  const { data, error } = configuration;
  return (
    <Stack gap="md">
      <PageHeader title={t('title')} description={t('description')} />
      {data?.data.restart.needed && <RestartBanner changes={data.data.restart.changes} />}
      {error && !data && <ProblemAlert error={error} onRetry={() => void configuration.refetch()} />}
      <Tabs
        value={TABS.find((one) => one === tab) ?? 'values'}
        onChange={(value) =>
          setFilters({ tab: value === 'values' ? undefined : (value ?? undefined), line: undefined })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="values">
          {data ? <SettingsList configuration={data.data} /> : !error && <Skeleton height={400} />}
        </Tabs.Panel>
        <Tabs.Panel value="file">
          {data ? (
            <FileEditor
              file={data.data.file}
              etag={data.etag}
              onReload={async () => (await configuration.refetch()).data}
            />
          ) : (
            !error && <Skeleton height={400} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="policy">
          {policy.data && <DefaultPolicy policy={policy.data} />}
          {policy.error && <ProblemAlert error={policy.error} onRetry={() => void policy.refetch()} />}
          {policy.isPending && <Skeleton height={300} />}
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

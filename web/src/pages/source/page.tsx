import { Group, Skeleton, Stack, Tabs, Text } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type ComponentType, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import type { Tagged } from '../../api/client.ts';
import { useTaggedQuery } from '../../api/queries.ts';
import type { Source } from '../../api/schema.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { Piece } from '../../components/piece.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { SourceState } from '../../components/source-state.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { StopButton } from './stop-button.tsx';

type TabProps = { source: Source; name: string; tagged: Tagged<Source> };

const TABS: Record<string, ComponentType<TabProps>> = {
  overview: lazy(() => import('./overview-tab.tsx')),
  policy: lazy(() => import('./policy-tab.tsx')),
  credentials: lazy(() => import('./credentials-tab.tsx')),
  normal: lazy(() => import('./normal-tab.tsx')),
  exceptions: lazy(() => import('./device-tab.tsx')),
  sheet: lazy(() => import('./sheet-tab.tsx')),
  life: lazy(() => import('./life-tab.tsx')),
};

/** One source: how it is, what it may do, and the button that stops it. */
export default function SourcePage() {
  const { t } = useTranslation('source');
  const { name = '', tab = 'overview' }: { name?: string; tab?: string } = useParams({ strict: false });
  const navigate = useNavigate();
  const { data, error, refetch } = useTaggedQuery(
    '/sources/{name}',
    { params: { name } },
    { refetchInterval: 15_000 },
  );
  const above = [{ title: t('sources'), to: '/sources' }];
  if (!data) {
    return (
      <Stack gap="md">
        <PageHeader title={name} above={above} />
        {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <Skeleton height={320} />}
      </Stack>
    );
  }
  const source = data.data;
  const current = tab in TABS ? tab : 'overview';
  const Shown = TABS[current];
  return (
    <Stack gap="md">
      <PageHeader
        title={source.name}
        above={above}
        mark={<SourceState source={source} />}
        description={<Facts source={source} />}
        actions={<StopButton source={source} />}
      />
      <Tabs
        className="no-print"
        value={current}
        onChange={(value) =>
          void navigate({
            to: '/sources/$name/{-$tab}',
            params: { name, tab: value === 'overview' ? undefined : value },
          })
        }
      >
        <Tabs.List style={{ flexWrap: 'nowrap', overflowX: 'auto', overflowY: 'hidden' }}>
          {Object.keys(TABS).map((value) => (
            <Tabs.Tab key={value} value={value} style={{ flex: 'none' }}>
              {t(`tab.${value}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      <Piece>{Shown && <Shown key={source.id} source={source} name={source.name} tagged={data} />}</Piece>
    </Stack>
  );
}

function Facts({ source }: { source: Source }) {
  const { t } = useTranslation('source');
  const { description, owner, tags, site, lastUsedAt } = source;
  return (
    <>
      {description !== '' && (
        <Text span size="sm" style={{ overflowWrap: 'anywhere' }}>
          <bdi>{description}</bdi>
        </Text>
      )}
      <Group component="span" gap="xs" mt={2}>
        <span style={{ overflowWrap: 'anywhere' }}>{owner === '' ? t('noOwner') : owner}</span>
        {site !== '' && <bdi>· {site}</bdi>}
        <span>
          ·{' '}
          {lastUsedAt === undefined ? (
            t('neverUsed')
          ) : (
            <>
              {t('lastUsed')} <TimeText at={lastUsedAt} />
            </>
          )}
        </span>
        {tags.map((tag) => (
          <StateBadge key={tag} tone="quiet">
            {tag}
          </StateBadge>
        ))}
      </Group>
    </>
  );
}

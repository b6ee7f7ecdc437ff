import { Button, Drawer, Group, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import BellRing from 'lucide-react/icons/bell-ring';
import CircleCheck from 'lucide-react/icons/circle-check';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEvents } from '../../api/events.ts';
import { useApiMutation, useApiPages } from '../../api/queries.ts';
import type { Alert } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { Can } from '../../app/session.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { notify } from '../../components/notify.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge, type Tone } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { AlertDetail } from './alert-detail.tsx';
import classes from './alerts.module.css';
import { MuteForm } from './mute-form.tsx';

const TONES: Record<Alert['severity'], Tone> = { critical: 'bad', warning: 'warn', info: 'info' };
const RANK: Record<Alert['severity'], number> = { critical: 0, warning: 1, info: 2 };
const STATES = ['open', 'closed', 'all'] as const;

/** What needs a person, worst first. */
export default function AlertsPage() {
  const { t } = useTranslation('alerts');
  const format = useFormat();
  const [{ state, source, alert: opened }, setFilters] = useFilters(['state', 'source', 'alert']);
  // the worst of all that are open comes first, not the worst of a page
  const list = useApiPages(
    '/alerts',
    { query: { state: state === 'all' ? undefined : state === 'closed' ? 'closed' : 'open', source } },
    { pageSize: 500 },
  );
  const acknowledge = useApiMutation('post', '/alerts/{id}/acknowledge', [
    '/alerts',
    '/alerts/{id}',
    '/overview',
  ]);
  const [muted, setMuted] = useState<Alert>();
  const renew = () => void list.refetch();
  useEvents({ type: 'alarm' }, renew, renew);
  const rows = list.rows?.toSorted(
    (a, b) =>
      Number(a.state === 'closed') - Number(b.state === 'closed') ||
      Number(a.acknowledgedAt !== undefined) - Number(b.acknowledgedAt !== undefined) ||
      RANK[a.severity] - RANK[b.severity] ||
      b.lastAt - a.lastAt,
  );
  const know = async ({ id }: Alert) => {
    await acknowledge.mutateAsync({ params: { id } });
    await notify({ text: t('done') });
  };
  const isFiltered = state !== undefined || source !== undefined;
  return (
    <Stack gap="md">
      <PageHeader
        title={t('title')}
        description={t('description')}
        actions={
          <Button
            component={Link}
            to="/alerts/settings"
            variant="default"
            leftSection={<BellRing size={15} aria-hidden />}
          >
            {t('settings')}
          </Button>
        }
      />
      <FilterBar
        values={{ source }}
        onChange={setFilters}
        filters={[{ kind: 'text', name: 'source', label: t('source') }]}
      >
        <SegmentedControl
          aria-label={t('state.label')}
          value={STATES.find((one) => one === state) ?? 'open'}
          onChange={(value) => setFilters({ state: value === 'open' ? undefined : value })}
          data={STATES.map((value) => ({ value, label: t(`state.${value}`) }))}
        />
      </FilterBar>
      {acknowledge.error && <ProblemAlert error={acknowledge.error} />}
      {list.error && !rows && <ProblemAlert error={list.error} onRetry={renew} />}
      {!rows && !list.error && <Skeleton height={240} />}
      {rows?.length === 0 && (
        <div className={classes.list}>
          <EmptyState icon={CircleCheck} title={t('empty.title')}>
            {t(isFiltered ? 'empty.filtered' : 'empty.text')}
          </EmptyState>
        </div>
      )}
      {rows && rows.length > 0 && (
        <ul className={classes.list} aria-label={t('list')}>
          {rows.map((alert) => (
            <li key={alert.id} className={classes.alert} data-closed={alert.state === 'closed' || undefined}>
              <div className={classes.mark}>
                <StateBadge tone={alert.state === 'closed' ? 'quiet' : TONES[alert.severity]}>
                  {t(`severity.${alert.severity}`)}
                </StateBadge>
              </div>
              <div className={classes.text}>
                <button
                  type="button"
                  className={classes.open}
                  onClick={() => setFilters({ alert: alert.id })}
                >
                  {alert.text}
                </button>
                <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                  {[alert.sourceName ?? alert.network ?? alert.destination, alert.code]
                    .filter(Boolean)
                    .join(' · ')}{' '}
                  {t('times', { count: alert.count, number: format.number(alert.count) })}, {t('since')}{' '}
                  <TimeText at={alert.firstAt} />, {t('last')} <TimeText at={alert.lastAt} />
                </Text>
                {alert.acknowledgedBy !== undefined && (
                  <Text size="sm" c="dimmed">
                    {t('acknowledged', { who: alert.acknowledgedBy })}
                  </Text>
                )}
              </div>
              <Group gap="xs">
                {alert.muted && <StateBadge tone="quiet">{t('muted')}</StateBadge>}
                {alert.state === 'closed' ? (
                  <StateBadge tone="quiet">{t('closed')}</StateBadge>
                ) : (
                  <Can role="operator">
                    {!alert.muted && (
                      <Button size="xs" variant="subtle" onClick={() => setMuted(alert)}>
                        {t('mute')}
                      </Button>
                    )}
                    {alert.acknowledgedAt === undefined && (
                      <Button size="xs" variant="default" onClick={() => void know(alert)}>
                        {t('acknowledge')}
                      </Button>
                    )}
                  </Can>
                )}
              </Group>
            </li>
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <div>
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {t('more')}
          </Button>
        </div>
      )}
      <Drawer
        opened={opened !== undefined}
        onClose={() => setFilters({ alert: undefined })}
        position="right"
        size="lg"
        title={t('details')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {opened !== undefined && <AlertDetail id={opened} />}
      </Drawer>
      {muted && <MuteForm alert={muted} onClose={() => setMuted(undefined)} />}
    </Stack>
  );
}

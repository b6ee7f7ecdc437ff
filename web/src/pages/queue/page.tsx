import { Alert, Button, Group, Stack, Tabs, Text } from '@mantine/core';
import CircleCheckBig from 'lucide-react/icons/circle-check-big';
import Pause from 'lucide-react/icons/pause';
import RotateCw from 'lucide-react/icons/rotate-cw';
import Trash2 from 'lucide-react/icons/trash-2';
import { lazy, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import type { WaitingGroup } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useCan } from '../../app/session.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Piece } from '../../components/piece.tsx';
import type { QueueTarget, Verb } from '../../components/queue-action/queue-action.tsx';
import { RemoteWords } from '../../components/remote-words/remote-words.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { columnsOf } from './columns.tsx';
import { Held } from './held.tsx';
import classes from './queue.module.css';

const QueueAction = lazy(() => import('../../components/queue-action/queue-action.tsx'));
const REFRESH_MS = 5000;

export interface Asked {
  verb: Verb;
  targets: QueueTarget[];
}

/** What waits: for where, since when, and why; and what is held. */
export default function QueuePage() {
  const { t } = useTranslation('queue');
  const format = useFormat();
  const mayAct = useCan('operator');
  const [filters, setFilters] = useFilters(['domain', 'route']);
  const [{ state, source }, setTab] = useFilters(['state', 'source']);
  const { data, error, refetch } = useApiQuery(
    '/queue-groups',
    { query: filters },
    { refetchInterval: REFRESH_MS, placeholderData: (before) => before },
  );
  const [selected, setSelected] = useState<Set<string | number>>(new Set());
  const [asked, setAsked] = useState<Asked>();
  const columns = useMemo(() => columnsOf(t, format), [t, format]);
  const chosen = (data?.groups ?? []).filter((group) => selected.has(keyOf(group)));
  const held = (data?.held ?? []).reduce((sum, { deliveries }) => sum + deliveries, 0);
  const isFiltered = Object.keys(filters).length > 0;
  const routes = [
    ...new Set([...(data?.groups ?? []).map(({ route }) => route), filters.route ?? '']),
  ].filter((route) => route !== '');
  const ask = (verb: Verb) => setAsked({ verb, targets: targetsOf(chosen) });
  return (
    <Stack gap="md">
      <PageHeader title={t('title')} description={t('description')} />
      <Tabs
        value={state === 'held' ? 'held' : 'waiting'}
        onChange={(tab) => setTab({ state: tab === 'held' ? 'held' : undefined, source: undefined })}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="waiting" rightSection={<Count number={data?.total.deliveries} />}>
            {t('tab.waiting')}
          </Tabs.Tab>
          <Tabs.Tab value="held" rightSection={<Count number={data && held} />}>
            {t('tab.held')}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="waiting" pt="md">
          <Stack gap="sm">
            {data?.unreachable.map(({ route, domains, deliveries, reply, since, until, failures }) => (
              <Alert
                key={`${route} ${domains[0]}`}
                color="orange"
                title={t('unreachable.title', {
                  name: domains.length === 1 ? domains[0] : route,
                  count: deliveries,
                  number: format.number(deliveries),
                })}
              >
                <Text size="sm" component="div">
                  <RemoteWords says={reply} />
                </Text>
                <Group justify="space-between" gap="xs" mt={6}>
                  <Text size="sm">
                    {t('unreachable.since')} <TimeText at={since} /> ·{' '}
                    {t('unreachable.failures', { count: failures, number: format.number(failures) })} ·{' '}
                    {t('unreachable.next')} <TimeText at={until} />
                  </Text>
                  {mayAct && (
                    <Button
                      size="xs"
                      variant="default"
                      leftSection={<RotateCw size={14} aria-hidden />}
                      onClick={() =>
                        setAsked({
                          verb: 'retry',
                          targets: targetsOf(
                            data.groups.filter((one) => one.route === route && domains.includes(one.domain)),
                          ),
                        })
                      }
                    >
                      {t('unreachable.retry')}
                    </Button>
                  )}
                </Group>
              </Alert>
            ))}
            <FilterBar
              values={filters}
              onChange={setFilters}
              filters={[
                {
                  kind: 'search',
                  name: 'domain',
                  label: t('filter.domain'),
                  placeholder: t('filter.domainHelp'),
                },
                {
                  kind: 'choice',
                  name: 'route',
                  label: t('filter.route'),
                  options: routes.map((route) => ({ value: route, label: route })),
                },
              ]}
            />
            {mayAct && chosen.length > 0 && (
              <div className={classes.bar} role="group" aria-label={t('bulk.label')}>
                <Text size="sm" fw={600} role="status">
                  {t('bulk.count', {
                    count: chosen.length,
                    number: format.number(chosen.length),
                    deliveries: format.number(chosen.reduce((sum, one) => sum + one.deliveries, 0)),
                  })}
                </Text>
                <Button
                  size="compact-sm"
                  leftSection={<RotateCw size={14} aria-hidden />}
                  onClick={() => ask('retry')}
                >
                  {t('bulk.retry')}
                </Button>
                <Button
                  size="compact-sm"
                  variant="default"
                  leftSection={<Pause size={14} aria-hidden />}
                  onClick={() => ask('hold')}
                >
                  {t('bulk.hold')}
                </Button>
                <Button
                  size="compact-sm"
                  variant="default"
                  leftSection={<Trash2 size={14} aria-hidden />}
                  onClick={() => ask('delete')}
                >
                  {t('bulk.delete')}
                </Button>
                <Button
                  size="compact-sm"
                  variant="subtle"
                  color="gray"
                  onClick={() => setSelected(new Set())}
                >
                  {t('bulk.clear')}
                </Button>
              </div>
            )}
            <DataTable
              label={t('title')}
              columns={columns}
              rows={data?.groups}
              rowKey={keyOf}
              rowLink={({ domain }) => ({
                to: '/messages',
                search: { to: `@${domain}`, state: 'queued,deferred,partly' },
              })}
              error={error}
              onRetry={() => void refetch()}
              total={data?.total.groups}
              selected={mayAct ? selected : undefined}
              onSelected={mayAct ? setSelected : undefined}
              empty={
                <EmptyState icon={CircleCheckBig} title={t(isFiltered ? 'empty.filtered' : 'empty.title')}>
                  {t(isFiltered ? 'empty.filteredText' : 'empty.text')}
                </EmptyState>
              }
            />
            {data && data.leftOut > 0 && (
              <Text size="sm" c="dimmed">
                {t('leftOut', { count: data.leftOut, number: format.number(data.leftOut) })}
              </Text>
            )}
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="held" pt="md">
          <Held groups={data?.held} error={error} source={source} onAsk={setAsked} />
        </Tabs.Panel>
      </Tabs>
      <Piece>
        {asked && (
          <QueueAction
            {...asked}
            canUndo={data?.held.every(({ hold }) => hold !== 'operator') === true}
            onClose={() => setAsked(undefined)}
            onDone={() => setSelected(new Set())}
          />
        )}
      </Piece>
    </Stack>
  );
}

const keyOf = ({ route, domain }: WaitingGroup): string => `${route} ${domain}`;

/** A domain may have several routes: what is done to it is done to all of it. */
function targetsOf(groups: readonly WaitingGroup[]): QueueTarget[] {
  const domains = new Map<string, number>();
  for (const { domain, deliveries } of groups) domains.set(domain, (domains.get(domain) ?? 0) + deliveries);
  return [...domains].map(([domain, deliveries]) => ({
    name: domain,
    deliveries,
    selection: { domain, state: 'queued' },
  }));
}

function Count({ number }: { number: number | undefined }) {
  const format = useFormat();
  return number === undefined ? null : <span className={classes.count}>{format.number(number)}</span>;
}

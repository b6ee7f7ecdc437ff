import { Button, Group, Stack, Switch, Text } from '@mantine/core';
import ArrowUp from 'lucide-react/icons/arrow-up';
import ListFilter from 'lucide-react/icons/list-filter';
import Mails from 'lucide-react/icons/mails';
import { lazy, type UIEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiPages } from '../../api/queries.ts';
import type { Message } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { type Filter, FilterBar } from '../../components/filter-bar.tsx';
import { DIRECTIONS, STATES } from '../../components/message-state/message-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Piece } from '../../components/piece.tsx';
import { useRefusalText } from '../../components/refusal-text/refusal-text.ts';
import { useFilters } from '../../components/use-filters.ts';
import { columnsOf } from './columns.tsx';
import { useLive } from './use-live.ts';
import classes from './messages.module.css';

const SavedSearches = lazy(() => import('./saved-searches.tsx'));

const MAIN = ['q', 'state', 'since', 'until'] as const;
const MORE = ['from', 'to', 'subject', 'source', 'network', 'code', 'direction', 'message'] as const;
const PAGE = 200;

/** Every message that came in, found by what people remember of it. */
export default function MessagesPage() {
  const { t } = useTranslation('messages');
  const { t: words } = useTranslation('message-state');
  const refusalText = useRefusalText();
  const format = useFormat();
  const [query, setQuery] = useFilters([...MAIN, ...MORE]);
  const [own, setOwn] = useFilters(['live']);
  const isLive = own.live !== 'off' && query.until === undefined;
  const [isWide, setWide] = useState(() => MORE.some((name) => query[name] !== undefined));
  const list = useApiPages('/messages', { query }, { pageSize: PAGE });
  const live = useLive(query, isLive && !list.isPlaceholderData);
  const [isAtTop, setAtTop] = useState(true);
  const [released, setReleased] = useState<ReadonlySet<string>>(new Set());
  const place = useRef<HTMLDivElement>(null);

  const { rows, waiting } = useMemo(() => {
    const base = list.rows;
    if (!base) return { rows: undefined, waiting: [] as Message[] };
    const known = new Set(base.map(({ id }) => id));
    const added = list.isPlaceholderData ? [] : live.fresh.filter(({ id }) => !known.has(id));
    // rows must not move under the eyes of who reads further down
    const shown = added.filter(({ id }) => isAtTop || released.has(id));
    return {
      rows: [...shown, ...base.map((row) => live.changed.get(row.id) ?? row)],
      waiting: added.filter((one) => !shown.includes(one)),
    };
  }, [list.rows, list.isPlaceholderData, live, isAtTop, released]);
  useEffect(() => {
    if (isAtTop && live.fresh.length > 0) setReleased(new Set(live.fresh.map(({ id }) => id)));
  }, [isAtTop, live.fresh]);
  const pages = list.data?.pages as
    | { total?: { count: number; more: boolean }; reached?: number }[]
    | undefined;
  const total = pages?.[0]?.total;
  const reached = pages?.at(-1)?.reached;
  const shownSince = (rows?.length ?? 0) - (list.rows?.length ?? 0);
  const isSearching = rows?.length === 0 && list.hasNextPage;
  const { fetchNextPage, isFetchingNextPage } = list;
  useEffect(() => {
    // a rare condition: what was looked at until now has none
    if (isSearching && !isFetchingNextPage) void fetchNextPage();
  }, [isSearching, isFetchingNextPage, fetchNextPage, reached]);

  const columns = useMemo(() => columnsOf(t, refusalText), [t, refusalText]);
  const toTop = () => {
    setReleased(new Set(live.fresh.map(({ id }) => id)));
    place.current?.querySelector('[role=grid]')?.scrollTo({ top: 0 });
  };
  const filters: Filter[] = [
    { kind: 'search', name: 'q', label: t('filter.q'), placeholder: t('filter.qHelp'), width: 320 },
    {
      kind: 'choice',
      name: 'state',
      label: t('filter.state'),
      width: 180,
      options: [
        { value: 'queued,deferred', label: t('filter.waiting') },
        ...STATES.map((value) => ({ value, label: words(`state.${value}`) })),
      ],
    },
    { kind: 'time', name: 'since', label: t('filter.since'), width: 200 },
    { kind: 'time', name: 'until', label: t('filter.until'), width: 200 },
    ...(isWide
      ? ([
          { kind: 'text', name: 'from', label: t('filter.from'), placeholder: t('filter.addressHelp') },
          { kind: 'text', name: 'to', label: t('filter.to'), placeholder: t('filter.addressHelp') },
          { kind: 'text', name: 'subject', label: t('filter.subject') },
          { kind: 'text', name: 'source', label: t('filter.source') },
          { kind: 'text', name: 'network', label: t('filter.network'), placeholder: '10.1.0.0/16' },
          { kind: 'text', name: 'code', label: t('filter.code'), placeholder: 'S402', width: 110 },
          {
            kind: 'choice',
            name: 'direction',
            label: t('filter.direction'),
            width: 210,
            options: DIRECTIONS.map((value) => ({ value, label: words(`direction.${value}`) })),
          },
          { kind: 'text', name: 'message', label: t('filter.message'), width: 220 },
        ] satisfies Filter[])
      : []),
  ];
  const isFiltered = Object.keys(query).length > 0;
  return (
    <Stack gap="sm">
      <PageHeader
        title={t('title')}
        description={t('description')}
        actions={
          <>
            <CopyButton value={location.href} label={t('copyLink')} withText />
            <Piece>
              <SavedSearches
                current={query}
                onChoose={(search) =>
                  setQuery({
                    ...Object.fromEntries([...MAIN, ...MORE].map((name) => [name, undefined])),
                    ...search,
                  })
                }
              />
            </Piece>
          </>
        }
      />
      <FilterBar values={query} onChange={setQuery} filters={filters}>
        <Button
          variant="subtle"
          leftSection={<ListFilter size={15} aria-hidden />}
          aria-expanded={isWide}
          onClick={() => setWide(!isWide)}
        >
          {t(isWide ? 'filter.fewer' : 'filter.more')}
        </Button>
      </FilterBar>
      <div className={classes.line}>
        <Text size="sm" c="dimmed" role="status">
          {isSearching && reached !== undefined
            ? t('reached', { time: format.dateTime(reached) })
            : total
              ? t(total.more ? 'totalMore' : 'total', {
                  count: total.count,
                  number: format.number(total.count),
                })
              : ''}
        </Text>
        <Switch
          size="sm"
          label={t('live')}
          checked={isLive}
          disabled={query.until !== undefined}
          onChange={({ currentTarget }) => setOwn({ live: currentTarget.checked ? undefined : 'off' })}
        />
      </div>
      <div
        ref={place}
        className={classes.place}
        onScrollCapture={({ target }: UIEvent) => setAtTop((target as Element).scrollTop < 20)}
      >
        {waiting.length > 0 && (
          <Group className={classes.fresh}>
            <Button size="compact-sm" leftSection={<ArrowUp size={14} aria-hidden />} onClick={toTop}>
              {t('fresh', { count: waiting.length, number: format.number(waiting.length) })}
            </Button>
          </Group>
        )}
        <DataTable
          label={t('title')}
          columns={columns}
          {...list.table}
          rows={isSearching ? undefined : rows}
          // those that came since stand above the list, and are none of its rows
          onView={(first, last) => list.table.onView(Math.max(0, first - shownSince), last - shownSince)}
          rowKey={({ id }) => id}
          rowLink={({ id }) => ({ to: '/messages/$id', params: { id } })}
          empty={
            <EmptyState icon={Mails} title={t(isFiltered ? 'empty.filtered' : 'empty.title')}>
              {t(isFiltered ? 'empty.filteredText' : 'empty.text')}
            </EmptyState>
          }
        />
      </div>
    </Stack>
  );
}

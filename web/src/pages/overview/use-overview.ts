import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { addressOf } from '../../api/client.ts';
import { useStream } from '../../api/events.ts';
import { queryKey, useApiQuery } from '../../api/queries.ts';
import type { Overview, OverviewLive } from '../../api/schema.ts';

export const WINDOWS = ['1h', '24h', '7d', '30d'] as const;
export type WindowName = (typeof WINDOWS)[number];

/** Least time between two readings while something happens, milliseconds. */
const PAUSE: Record<WindowName, number> = { '1h': 4000, '24h': 4000, '7d': 15_000, '30d': 30_000 };

const STREAM = addressOf('/overview', {}, { follow: true });

/**
 * The overview, read again soon after something has happened, and now and then while nothing does; and the minute in
 * progress as it is told each second.
 */
export function useOverview(window: WindowName) {
  const asked = { query: { window } };
  const overview = useApiQuery('/overview', asked, {
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
    staleTime: 0,
  });
  const queries = useQueryClient();
  const [live, setLive] = useState<OverviewLive>();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const readAt = useRef(0);
  readAt.current = overview.dataUpdatedAt;
  const soon = useCallback(() => {
    if (timer.current !== undefined) return;
    const wait = Math.max(0, readAt.current + PAUSE[window] - Date.now());
    timer.current = setTimeout(() => {
      timer.current = undefined;
      void queries.invalidateQueries({ queryKey: queryKey('/overview', { query: { window } }) });
    }, wait);
  }, [queries, window]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [window],
  );
  useStream<OverviewLive>(
    STREAM,
    (news) => {
      setLive(news);
      soon();
    },
    soon,
    // a question that nobody answers tells at once that the connection is lost
    soon,
  );
  return { ...overview, data: overview.data && live ? withLive(overview.data, live) : overview.data, live };
}

/** The newest minute of the last hour is that of the stream, which is seconds newer. */
function withLive(overview: Overview, { at, minute, counts, spool }: OverviewLive): Overview {
  if (at < overview.at) return overview;
  const merged = { ...overview, ...(spool && { spool }) };
  const { series } = overview;
  const last = series.at.length - 1;
  if (overview.step !== 60_000 || series.at[last] !== minute) return merged;
  const newest = Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [
      name,
      [...(series[name as keyof typeof counts] ?? []).slice(0, last), count],
    ]),
  );
  return { ...merged, series: { ...series, ...newest } };
}

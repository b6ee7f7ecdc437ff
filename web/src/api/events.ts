import { useEffect, useRef } from 'react';
import { addressOf } from './client.ts';
import type { Event } from './schema.ts';

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 15_000;

/**
 * Follows the journal: every event from now on that matches, as it happens. Comes back by itself after a lost
 * connection; what happened meanwhile is told by `onGap`, so that the page reads its data again.
 *
 * @param query as GET /events takes it; undefined: does not follow
 */
export function useEvents(
  query: Record<string, string> | undefined,
  onEvent: (event: Event) => void,
  onGap?: () => void,
): void {
  useStream(
    query === undefined ? undefined : addressOf('/events', {}, { ...query, follow: 'true' }),
    onEvent,
    onGap,
  );
}

/** As `useEvents`, for whatever else the API lets follow: `useStream('/api/v1/inbox?follow=true', show)`. */
export function useStream<T>(
  address: string | undefined,
  onEvent: (event: T) => void,
  onGap?: () => void,
  onLost?: () => void,
): void {
  const handlers = useRef({ onEvent, onGap, onLost });
  handlers.current = { onEvent, onGap, onLost };
  useEffect(() => {
    if (address === undefined) return undefined;
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let pause = FIRST_PAUSE;
    let wasOpen = false;
    const open = () => {
      source = new EventSource(address);
      source.addEventListener('open', () => {
        if (wasOpen) handlers.current.onGap?.();
        wasOpen = true;
        pause = FIRST_PAUSE;
      });
      source.addEventListener('message', ({ data }) =>
        handlers.current.onEvent(JSON.parse(String(data)) as T),
      );
      source.addEventListener('error', () => {
        // the browser's own way back gives up where the relay says no; ours waits longer each time
        source?.close();
        if (wasOpen) handlers.current.onLost?.();
        timer = setTimeout(open, pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      });
    };
    open();
    return () => {
      clearTimeout(timer);
      source?.close();
    };
  }, [address]);
}

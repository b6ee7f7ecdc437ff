import { useEffect, useMemo, useRef, useState } from 'react';
import { useApi } from '../../api/context.ts';
import { useEvents } from '../../api/events.ts';
import type { Message } from '../../api/schema.ts';
import { useSession } from '../../app/session.tsx';

/** What tells that the list has changed. The index follows the journal about half a second behind. */
const TYPES = 'acceptance,refusal,attempt,bounce,system';
const BEHIND_MS = 700;
/** On a busy machine it is further behind, as mail goes first: after the last event the list is read once more. */
const LONG_BEHIND_MS = 4000;
/** Whoever may not follow the whole journal is asked for. */
const POLL_MS = 5000;
const MOST = 200;

/**
 * Messages that have come in since the list was read, newest first, and what has changed of those it has.
 * @param query as GET /messages takes it
 */
export function useLive(
  query: Record<string, string | undefined>,
  isOn: boolean,
): { fresh: Message[]; changed: ReadonlyMap<string, Message> } {
  const api = useApi();
  const { who } = useSession();
  const mayFollow = who.role !== 'source-owner';
  const key = JSON.stringify(query);
  const [seen, setSeen] = useState<{ key: string; rows: Map<string, Message> }>({ key, rows: new Map() });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const last = useRef<ReturnType<typeof setTimeout>>(undefined);
  const asked = useRef({ key, query });
  asked.current = { key, query };

  const look = async () => {
    const now = asked.current;
    try {
      const { items } = await api.get('/messages', { query: { ...now.query, limit: MOST } });
      setSeen((before) => {
        const rows = new Map(before.key === now.key ? before.rows : []);
        for (const one of items) rows.set(one.id, one);
        return { key: now.key, rows };
      });
    } catch {
      // the list itself says what is wrong; the next event asks again
    }
  };
  const soon = () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void look();
    }, BEHIND_MS);
    clearTimeout(last.current);
    last.current = setTimeout(() => void look(), LONG_BEHIND_MS);
  };
  useEvents(isOn && mayFollow ? { type: TYPES } : undefined, soon, soon);
  useEffect(() => {
    if (!isOn || mayFollow) return undefined;
    const polling = setInterval(soon, POLL_MS);
    return () => clearInterval(polling);
  });
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      clearTimeout(last.current);
    },
    [],
  );

  return useMemo(() => {
    const rows = isOn && seen.key === key ? seen.rows : new Map<string, Message>();
    return { fresh: [...rows.values()].sort((a, b) => b.at - a.at), changed: rows };
  }, [seen, key, isOn]);
}

import { useEffect, useState } from 'react';
import { useFormat } from '../app/format.ts';

/** A time as "2 min ago", with the exact one in its title; or the exact one itself. Empty without a time. */
export function TimeText({ at, exact = false }: { at: number | undefined; exact?: boolean }) {
  const format = useFormat();
  const now = useNow(exact ? undefined : at);
  if (at === undefined) return null;
  const full = format.dateTime(at);
  return (
    <time dateTime={new Date(at).toISOString()} title={full} style={{ whiteSpace: 'nowrap' }}>
      {exact ? full : format.relative(at, now)}
    </time>
  );
}

/** The time now, renewed as often as what is shown of `at` can change. */
function useNow(at: number | undefined): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (at === undefined) return undefined;
    const isRecent = Math.abs(Date.now() - at) < 120_000;
    const timer = setInterval(() => setNow(Date.now()), isRecent ? 5000 : 60_000);
    return () => clearInterval(timer);
  }, [at]);
  return Math.max(now, at === undefined ? 0 : Math.min(at, Date.now()));
}

import type { RecordedEvent } from '../journal/event.ts';
import { type CountedEvent, EventCounts } from '../journal/traffic/event-counts.ts';
import { windowAt } from '../journal/traffic/periods.ts';
import type { TrafficCounts } from '../journal/traffic/traffic.ts';
import { DEFAULT_LIMITS } from '../journal/traffic/limits.ts';
import { TrafficDatabase } from '../journal/traffic/traffic-database.ts';
import { minute, overview, report } from '../journal/traffic/traffic-queries.ts';
import type { Health } from './context.ts';

/** For tests: counts of a journal in memory, made when they are asked for. @param edgeListeners their names */
export function memoryTraffic(events: readonly RecordedEvent[], edgeListeners: string[]): TrafficCounts {
  const database = new TrafficDatabase(':memory:', '', edgeListeners, DEFAULT_LIMITS);
  let counted = 0;
  const settle = (): void => {
    const counts = new EventCounts(new Set(edgeListeners));
    for (const event of events.slice(counted)) counts.add(rowOf(event));
    counted = events.length;
    database.write(counts, counted, Math.min(...events.map(({ at }) => at)));
  };
  return {
    behind: 0,
    async overview(name, now, sources) {
      settle();
      const window = windowAt(name, now);
      return { window, ...overview(database.reader, window, sources) };
    },
    async minute(now, withSources) {
      settle();
      return minute(database.reader, now, withSources);
    },
    async report(query) {
      settle();
      return report(database.reader, query);
    },
  };
}

function rowOf({
  id,
  at,
  type,
  source,
  code,
  from,
  outcome,
  to,
  listener,
  size,
}: RecordedEvent): CountedEvent {
  return [
    id,
    at,
    type,
    source ?? null,
    code ?? null,
    from ?? null,
    outcome ?? null,
    to === undefined ? null : JSON.stringify(to),
    JSON.stringify({ listener, size }),
  ];
}

/** For tests: all is well, until a test says otherwise. */
export function healthyRelay(): Health {
  return {
    certificate: () => '',
    freeBytes: async () => 100e9,
    minimumFreeBytes: 64 * 1024 * 1024,
    backlog: async () => [],
    unreachable: () => [],
    recordProblems: () => [],
    clockSet: () => undefined,
  };
}

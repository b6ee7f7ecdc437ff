import type { RecordedEvent } from '../journal/event.ts';
import { EventCounts } from '../journal/traffic/event-counts.ts';
import { windowAt } from '../journal/traffic/periods.ts';
import type { TrafficCounts } from '../journal/traffic/traffic.ts';
import { DEFAULT_LIMITS } from '../journal/traffic/limits.ts';
import { TrafficDatabase } from '../journal/traffic/traffic-database.ts';
import { minute, overview, report } from '../journal/traffic/traffic-queries.ts';
import { REFUSALS } from '../refusals.ts';
import type { Health } from './context.ts';

/** For tests: counts of a journal in memory, made when they are asked for. @param edgeListeners their names */
export function memoryTraffic(events: readonly RecordedEvent[], edgeListeners: string[]): TrafficCounts {
  const database = new TrafficDatabase(':memory:', DEFAULT_LIMITS);
  let counted = 0;
  const settle = (): void => {
    const counts = new EventCounts(new Set(edgeListeners), new Set(Object.keys(REFUSALS)));
    for (const event of events.slice(counted)) counts.add(event);
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

import { countsOf, emptyRow } from '../journal/traffic/counts.ts';
import { floor, GRAINS, MINUTE, type WindowName, windowAt } from '../journal/traffic/periods.ts';
import type { TrafficCounts } from '../journal/traffic/traffic.ts';
import { nothingCounted } from '../journal/traffic/traffic-queries.ts';
import type { Attention } from './attention/item.ts';

type Counted = Awaited<ReturnType<TrafficCounts['overview']>>;

/** What was counted; nothing, and why, where the counts can't be read: the rest of the overview is told all the same. */
export async function countedOrNot(
  traffic: TrafficCounts,
  name: WindowName,
  now: number,
  sources: readonly string[] | undefined,
): Promise<{ counted: Counted; missing: Attention[] }> {
  try {
    return { counted: await traffic.overview(name, now, sources), missing: [] };
  } catch (error) {
    const window = windowAt(name, now);
    return { counted: { ...nothingCounted(window), window }, missing: [missingCounts(error)] };
  }
}

/** The same of the minute in progress. Why is told by the page that follows it. */
export async function minuteOrNot(
  traffic: TrafficCounts,
  now: number,
  withSources: boolean,
): ReturnType<TrafficCounts['minute']> {
  try {
    return await traffic.minute(now, withSources);
  } catch {
    return { at: floor(now, GRAINS[MINUTE]), counts: countsOf(emptyRow()), sources: [] };
  }
}

function missingCounts(error: unknown): Attention {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    kind: 'counts-missing',
    severity: 'warning',
    sentence: `The counts of mail can not be read, and figures are missing: ${reason}`,
    parameters: { reason },
    subject: { type: 'relay', name: 'traffic.db' },
    action: { console: '/settings', command: 'postern status' },
  };
}

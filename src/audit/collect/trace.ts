import { CollectError } from './collect-error.ts';
import type { Collection } from './collection.ts';
import { ndjson } from './evidence-folder.ts';
import { nextLink, rowsOf, ServiceRefusal } from './service-client.ts';
import type { CollectedWindow } from './state.ts';
import { DAY_MS, intervalName, missing } from './windows.ts';

export const TRACE_PERMISSION = 'ExchangeMessageTrace.Read.All';
/** The most that $top may be. */
const PAGE_ROWS = 5000;
/** What the service remembers; a little less, as time goes on while it is asked. */
const REACH_MS = 90 * DAY_MS - 600_000;

/**
 * The message trace of the wanted days, page by page into files of evidence. A page that was written is never asked for
 * again: a run that was killed goes on at the page after it.
 */
export async function collectTrace(collection: Collection): Promise<void> {
  const { state, progress } = collection;
  const wanted = {
    from: Math.max(collection.wanted.from, collection.clock.now() - REACH_MS),
    to: collection.wanted.to,
  };
  for (const window of missing(wanted, state.trace)) {
    state.trace.push({ ...window, finished: false, pages: 0, rows: 0 });
  }
  const open = state.trace.filter(({ finished }) => !finished).sort((a, b) => a.from - b.from);
  for (const [index, window] of open.entries()) {
    progress({ part: 'trace', done: index, total: open.length, text: new Date(window.from).toISOString() });
    await collectWindow(collection, window);
  }
  progress({ part: 'trace', done: open.length, total: open.length });
}

async function collectWindow(collection: Collection, window: CollectedWindow): Promise<void> {
  const { folder, keeper, state } = collection;
  let restarted = false;
  while (!window.finished) {
    if (!clip(collection, window)) break;
    const url = window.next ?? firstPage(collection.graphUrl, window);
    let answer: Record<string, unknown>;
    try {
      answer = await collection.client.ask({
        method: 'GET',
        url,
        resource: collection.graphUrl,
        permission: TRACE_PERMISSION,
        pace: collection.tracePace,
        signal: collection.signal,
      });
    } catch (error) {
      // what a page was remembered by has been forgotten by the service
      const stale = error instanceof ServiceRefusal && window.next !== undefined && !restarted;
      if (!stale) throw error;
      restarted = true;
      await forgetPages(collection, window);
      continue;
    }
    const rows = rowsOf(answer).filter((row) => within(row, window));
    const next = nextLink(answer, collection.graphUrl);
    if (next !== undefined && next === url) {
      throw new CollectError('refused', 'the service says of a page that the next is the same');
    }
    if (rows.length > 0) {
      await folder.write(traceFile(window, window.pages + 1), ndjson(rows));
      window.pages++;
      window.rows += rows.length;
      collection.count(rows.length, 1);
    }
    window.next = next;
    window.finished = next === undefined;
    await keeper.save(state);
  }
}

/** What has become older than the service remembers meanwhile is left out; false when nothing is left. */
function clip(collection: Collection, window: CollectedWindow): boolean {
  const earliest = collection.clock.now() - REACH_MS - 300_000;
  if (window.next !== undefined || window.from >= earliest) return true;
  window.from = Math.min(earliest, window.to);
  if (window.from < window.to) return true;
  collection.state.trace.splice(collection.state.trace.indexOf(window), 1);
  return false;
}

function firstPage(graphUrl: string, { from, to }: CollectedWindow): string {
  // both ends are asked for by the service, and both count as inside
  const filter = `receivedDateTime ge ${new Date(from).toISOString()} and receivedDateTime le ${new Date(to).toISOString()}`;
  return `${graphUrl}/v1.0/admin/exchange/tracing/messageTraces?$filter=${encodeURIComponent(filter)}&$top=${PAGE_ROWS}`;
}

/** The end of a window is the beginning of the next: what came in at that very instant belongs there. */
function within(row: Record<string, unknown>, { to }: CollectedWindow): boolean {
  return !(Date.parse(String(row['receivedDateTime'])) >= to);
}

async function forgetPages({ folder, keeper, state }: Collection, window: CollectedWindow): Promise<void> {
  const pages = window.pages;
  window.next = undefined;
  window.pages = 0;
  window.rows = 0;
  await keeper.save(state);
  for (let page = 1; page <= pages; page++) await folder.remove(traceFile(window, page));
}

export function traceFile(window: CollectedWindow, page: number): string {
  return `trace-${intervalName(window)}-${String(page).padStart(4, '0')}.ndjson`;
}

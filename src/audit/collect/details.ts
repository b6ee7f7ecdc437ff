import { createHash } from 'node:crypto';
import { CollectError } from './collect-error.ts';
import type { Collection } from './collection.ts';
import { ndjson } from './evidence-folder.ts';
import { rowsOf, ServiceRefusal } from './service-client.ts';
import type { CollectedWindow } from './state.ts';
import { TRACE_PERMISSION, traceFile } from './trace.ts';
import { DAY_MS, intervalName } from './windows.ts';

interface Wanted {
  id: string;
  recipient: string;
}

/** So many answers become durable together: at the pace of the service, a minute of work. */
const BATCH = 20;

/**
 * Details of the messages that may be Direct Send: from one of the organisation's own domains (or below), to one of them, and with
 * a client's address, which mail from within Exchange Online does not have. Only details say by which connector a message came.
 *
 * A hundred answers in five minutes are too few for every message, so that each pair of address and sender is asked
 * for a few times a day. Newest days first: what is true now is known first.
 */
export async function collectDetails(collection: Collection): Promise<void> {
  const { state, domains, detailsPerSender, clock, progress } = collection;
  if (domains.size === 0) {
    throw new CollectError(
      'no-domains',
      'nobody says which domains are yours: name them with --domain, or grant Domain.Read.All',
    );
  }
  const selection = selectionOf(domains, detailsPerSender);
  const days = state.trace
    .filter(
      ({ finished, from, to }) => finished && to > collection.wanted.from && from > clock.now() - 90 * DAY_MS,
    )
    .filter(({ details }) => !(details?.finished && details.selection === selection))
    .sort((a, b) => b.from - a.from);
  for (const [index, window] of days.entries()) {
    progress({ part: 'details', done: index, total: days.length, text: new Date(window.from).toISOString() });
    await collectDay(collection, window, selection);
  }
  progress({ part: 'details', done: days.length, total: days.length });
}

function selectionOf(domains: ReadonlySet<string>, most: number): string {
  return createHash('sha256')
    .update(JSON.stringify([[...domains].sort(), Number.isFinite(most) ? most : 'all']))
    .digest('base64url');
}

async function collectDay(collection: Collection, window: CollectedWindow, selection: string): Promise<void> {
  const { keeper, state } = collection;
  window.details = { selection, finished: false, files: window.details?.files ?? 0 };
  const had = await answered(collection, window);
  const wanted = (await candidates(collection, window)).filter(
    (one) => !had.has(keyOf(one.id, one.recipient)),
  );
  let batch: Record<string, unknown>[] = [];
  let asked = 0;
  try {
    for (const one of wanted) {
      batch.push(...(await detailsOf(collection, one)));
      if (++asked % BATCH === 0) {
        await flush(collection, window, batch);
        batch = [];
      }
    }
    window.details.finished = true;
  } finally {
    // an interruption keeps what was answered
    await flush(collection, window, batch);
    await keeper.save(state);
  }
}

async function flush(
  collection: Collection,
  window: CollectedWindow,
  events: Record<string, unknown>[],
): Promise<void> {
  if (events.length === 0 || !window.details) return;
  await collection.folder.write(detailFile(window, window.details.files + 1), ndjson(events));
  window.details.files++;
  await collection.keeper.save(collection.state);
  collection.count(events.length, 1);
}

function detailFile(window: CollectedWindow, file: number): string {
  return `details-${intervalName(window)}-${String(file).padStart(4, '0')}.ndjson`;
}

/** What earlier runs have been answered. The number of files may be one behind them. */
async function answered({ folder }: Collection, window: CollectedWindow): Promise<Set<string>> {
  const had = new Set<string>();
  const prefix = `details-${intervalName(window)}-`;
  for (const name of await folder.names()) {
    if (!name.startsWith(prefix) || !name.endsWith('.ndjson')) continue;
    for await (const event of folder.records(name)) {
      had.add(keyOf(String(event['messageTraceId']), String(event['recipientAddress'])));
    }
    const number = Number(name.slice(prefix.length, -'.ndjson'.length));
    if (window.details && number > window.details.files) window.details.files = number;
  }
  return had;
}

async function candidates(collection: Collection, window: CollectedWindow): Promise<Wanted[]> {
  const { folder, domains, detailsPerSender } = collection;
  const chosen: Wanted[] = [];
  const counts = new Map<string, number>();
  for (let page = 1; page <= window.pages; page++) {
    for await (const row of folder.records(traceFile(window, page))) {
      const text = (name: string): string => (typeof row[name] === 'string' ? row[name] : '');
      const [id, sender, recipient, address] = [
        text('id'),
        text('senderAddress').toLowerCase(),
        text('recipientAddress'),
        text('fromIP'),
      ];
      if (id === '' || address === '' || !isOwn(sender, domains) || !isOwn(recipient.toLowerCase(), domains))
        continue;
      const pair = `${address}\n${sender}`;
      const count = counts.get(pair) ?? 0;
      if (count >= detailsPerSender) continue;
      counts.set(pair, count + 1);
      chosen.push({ id, recipient });
    }
  }
  return chosen;
}

/** Below an own domain counts: whether subdomains match is a question that the audit answers. */
function isOwn(address: string, domains: ReadonlySet<string>): boolean {
  let domain = address.slice(address.lastIndexOf('@') + 1);
  for (;;) {
    if (domains.has(domain)) return true;
    const dot = domain.indexOf('.');
    if (dot < 0) return false;
    domain = domain.slice(dot + 1);
  }
}

async function detailsOf(
  collection: Collection,
  { id, recipient }: Wanted,
): Promise<Record<string, unknown>[]> {
  const { client, graphUrl, tracePace, signal, note } = collection;
  // OData URL conventions §5.1.1.6.2: an apostrophe is doubled
  const quoted = encodeURIComponent(recipient.replaceAll("'", "''"));
  try {
    const answer = await client.ask({
      method: 'GET',
      url: `${graphUrl}/v1.0/admin/exchange/tracing/messageTraces/${encodeURIComponent(id)}/getDetailsByRecipient(recipientAddress='${quoted}')`,
      resource: graphUrl,
      permission: TRACE_PERMISSION,
      pace: tracePace,
      signal,
    });
    // the answer does not repeat what was asked for, and an event without its recipient is of no use
    return rowsOf(answer).map((event) => ({ ...event, messageTraceId: id, recipientAddress: recipient }));
  } catch (error) {
    if (!(error instanceof ServiceRefusal)) throw error;
    note(`no details of message ${id}: ${error.message}`);
    return [];
  }
}

function keyOf(id: string, recipient: string): string {
  return `${id}\n${recipient.toLowerCase()}`;
}

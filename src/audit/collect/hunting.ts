import { CollectError } from './collect-error.ts';
import type { Collection } from './collection.ts';
import { ndjson } from './evidence-folder.ts';
import { rowsOf, ServiceRefusal } from './service-client.ts';
import { DAY_MS, type Interval, intervalName, missing } from './windows.ts';

const HUNTING_PERMISSION = 'ThreatHunting.Read.All';
/** What Defender remembers; a little less, as time goes on while it is asked. */
const REACH_MS = 30 * DAY_MS - 600_000;
/** Below all limits of the service (100,000 rows, 50 MB): rows of EmailEvents have some 3 kB. */
const MOST_ROWS = 10_000;
const SHORTEST_MS = 1000;
/** A query may run for three minutes before the service ends it; then the answer has to travel. */
const TIMEOUT_MS = 400_000;
const DOMAIN = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/**
 * EmailEvents of Defender: mail from outside with an own domain as envelope sender or author, with and without a connector. A
 * period with more rows than an answer holds is halved until it fits.
 */
export async function collectHunting(collection: Collection): Promise<void> {
  const { state, progress, folder, keeper, wanted } = collection;
  const domains = [...collection.domains].filter((domain) => DOMAIN.test(domain));
  if (domains.length === 0) {
    throw new CollectError(
      'no-domains',
      'nobody says which domains are yours: name them with --domain, or grant Domain.Read.All',
    );
  }
  const from = Math.max(wanted.from, collection.clock.now() - REACH_MS);
  const days = missing({ from, to: wanted.to }, state.hunting);
  for (const [index, day] of days.entries()) {
    progress({ part: 'hunting', done: index, total: days.length, text: new Date(day.from).toISOString() });
    const waiting = [day];
    for (let window = waiting.pop(); window; window = waiting.pop()) {
      const rows = await hunt(collection, window, domains);
      const length = window.to - window.from;
      const full = rows === undefined || rows.length > MOST_ROWS;
      if (full && length > SHORTEST_MS) {
        const middle = window.from + Math.floor(length / 2);
        waiting.push({ from: middle, to: window.to }, { from: window.from, to: middle });
        continue;
      }
      if (full) {
        collection.note(`not all events of ${new Date(window.from).toISOString()} fit into an answer`);
      }
      const written = rows?.length ?? 0;
      if (rows && written > 0) {
        await folder.write(`emailevents-${intervalName(window)}.ndjson`, ndjson(rows));
        collection.count(written, 1);
      }
      state.hunting.push({
        ...window,
        finished: true,
        pages: written > 0 ? 1 : 0,
        rows: written,
        ...(full ? { incomplete: true } : {}),
      });
      await keeper.save(state);
    }
  }
  progress({ part: 'hunting', done: days.length, total: days.length });
}

/** The rows, or undefined when they were too many for the service. */
async function hunt(
  collection: Collection,
  window: Interval,
  domains: readonly string[],
): Promise<Record<string, unknown>[] | undefined> {
  try {
    const answer = await collection.client.ask({
      method: 'POST',
      url: `${collection.graphUrl}/v1.0/security/runHuntingQuery`,
      resource: collection.graphUrl,
      permission: HUNTING_PERMISSION,
      body: { Query: huntingQuery(window, domains) },
      pace: collection.huntingPace,
      timeoutMs: TIMEOUT_MS,
      signal: collection.signal,
    });
    return rowsOf(answer, 'results');
  } catch (error) {
    if (error instanceof CollectError && error.code === 'too-large') return undefined;
    if (!(error instanceof ServiceRefusal)) throw error;
    const said = `${error.serviceCode} ${error.serviceText}`;
    if (/EmailEvents/i.test(said) && /(resolve|find|exist|semantic)/i.test(said)) {
      throw new CollectError(
        'not-available',
        'the tenant has no EmailEvents: they come with Defender for Office 365 Plan 2; leave hunting out with --only',
        { cause: error },
      );
    }
    if (error.status === 413 || /exceed|too (large|many)|limit|time(d )?-?out|preempted/i.test(said))
      return undefined;
    throw error;
  }
}

/**
 * The query in KQL. One row more than is taken tells that there are more. `has_any` finds subdomains too, and here and there a domain that
 * only looks similar: what is whose is decided later.
 * @param domains letters, digits, hyphens and dots only
 */
function huntingQuery({ from, to }: Interval, domains: readonly string[]): string {
  const time = (at: number): string => `datetime(${new Date(at).toISOString()})`;
  const own = domains.map((domain) => `"${domain}"`).join(', ');
  return [
    `let own = dynamic([${own}]);`,
    'EmailEvents',
    `| where Timestamp >= ${time(from)} and Timestamp < ${time(to)}`,
    // mail that an own domain sends into the tenant is "Inbound"; an address on "Intra-org" is a safety net
    '| where EmailDirection == "Inbound" or (EmailDirection == "Intra-org" and (isnotempty(SenderIPv4) or isnotempty(SenderIPv6)))',
    '| where SenderMailFromDomain has_any (own) or SenderFromDomain has_any (own)',
    `| take ${MOST_ROWS + 1}`,
  ].join('\n');
}

import type { Hour, Normal } from './normal.ts';

export type DeviationKind = 'network' | 'recipients' | 'volume' | 'hour' | 'size' | 'data' | 'failures';

/** One way in which an hour is unlike what the source usually does. */
export interface Deviation {
  kind: DeviationKind;
  points: number;
  /** For the owner, who knows nothing of points. */
  text: string;
}

export interface Ripeness {
  /** Days with messages before anything is judged. */
  days: number;
  messages: number;
}

/** What a few messages do is no sign of anything. */
const FEW = 3;

/** A device that hardly ever sends is known after this many times the days. */
const QUIET = 4;
const DAY = 86_400_000;

/** Enough is known about the source to call something unusual. @param now wall time, milliseconds */
export function isRipe(normal: Normal, ripeness: Ripeness, now: number): boolean {
  if (normal.days >= ripeness.days && normal.messages >= ripeness.messages) return true;
  return normal.messages > 0 && now - normal.since >= QUIET * ripeness.days * DAY;
}

/** How the hour in progress differs from what is usual; empty when it does not. */
export function deviations(normal: Normal, hour: Hour): Deviation[] {
  const found = [network, recipients, volume, timeOfDay, size, data, failures].map((rule) =>
    rule(normal, hour),
  );
  return found.filter((deviation) => deviation !== undefined);
}

function network(normal: Normal, { networks }: Hour): Deviation | undefined {
  const strange = [...networks].filter(([name]) => !normal.knowsNetwork(name));
  const messages = strange.reduce((sum, [, count]) => sum + count, 0);
  if (messages < FEW) return undefined;
  const names = strange.map(([name]) => name);
  // an application in a cloud moves about; a printer does not
  const settled = normal.networks.length <= 8;
  return {
    kind: 'network',
    points: settled ? 2 : 1,
    text: `${messages} messages came from ${listed(names)}, where it has never sent from in ${plural(normal.days, 'day')}`,
  };
}

function recipients(normal: Normal, hour: Hour): Deviation | undefined {
  const strange = normal.newDomains(hour);
  const usual = normal.busiest.newDomains;
  if (strange <= Math.max(FEW, 3 * usual)) return undefined;
  const examples = [...hour.domains.keys()].filter((domain) => !normal.knowsDomain(domain));
  return {
    kind: 'recipients',
    points: strange > Math.max(20, 10 * usual) ? 3 : 2,
    text: `it wrote to ${plural(strange, 'domain')} for the first time within an hour (${listed(examples)}); ${usual === 0 ? 'it usually writes to none that is new' : `its most so far were ${usual}`}`,
  };
}

function volume(normal: Normal, { messages }: Hour): Deviation | undefined {
  const usual = normal.busiest.messages;
  if (messages <= Math.max(20, 3 * usual)) return undefined;
  return {
    kind: 'volume',
    points: messages > Math.max(60, 10 * usual) ? 4 : 2,
    text: `it sent ${messages} messages within an hour; its busiest hour of the last four weeks had ${usual}`,
  };
}

function timeOfDay(normal: Normal, { hour, messages }: Hour): Deviation | undefined {
  if (messages < FEW || normal.isUsualHour(hour)) return undefined;
  const at = new Date(hour * 3_600_000);
  const weekend = at.getUTCDay() === 0 || at.getUTCDay() === 6;
  return {
    kind: 'hour',
    points: messages >= 20 ? 2 : 1,
    text: `it sent ${messages} messages at ${String(at.getUTCHours()).padStart(2, '0')}:00 UTC on a ${weekend ? 'weekend' : 'working day'}, when it has never been active`,
  };
}

function size(normal: Normal, { largest }: Hour): Deviation | undefined {
  const usual = normal.busiest.largest;
  if (largest <= Math.max(1_000_000, 4 * usual)) return undefined;
  return {
    kind: 'size',
    points: 1,
    text: `a message had ${megabytes(largest)}; the largest of the last four weeks had ${megabytes(usual)}`,
  };
}

/** Much in all, though no single message need be large: what carries data away. */
function data(normal: Normal, { octets }: Hour): Deviation | undefined {
  const usual = normal.busiest.octets;
  if (octets <= Math.max(20_000_000, 4 * usual)) return undefined;
  return {
    kind: 'data',
    points: 2,
    text: `it sent ${megabytes(octets)} within an hour; the most of the last four weeks was ${megabytes(usual)}`,
  };
}

function failures(normal: Normal, { finished, failed }: Hour): Deviation | undefined {
  const usual = normal.failureShare;
  if (finished < 10 || failed / finished <= Math.max(0.2, 4 * usual)) return undefined;
  return {
    kind: 'failures',
    points: 3,
    text: `${failed} of ${finished} deliveries were refused for good, as they are when a list of addresses is old or guessed; usually ${Math.round(usual * 100)} %`,
  };
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function listed(names: string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

function megabytes(octets: number): string {
  return `${(octets / 1_000_000).toFixed(1)} MB`;
}

import { checkReverseDns } from '../../authentication/reverse-dns.ts';
import { Lookups } from '../../authentication/lookups.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Resolver } from '../../platform/resolver.ts';
import type { AnswerSource } from '../answer.ts';
import { breath } from '../breath.ts';
import type { Fact } from '../facts/fact.ts';
import { isPublicAddress } from '../facts/public-address.ts';
import type { AuditBook } from '../run/book.ts';

const DAY = 86_400_000;
/** Addresses that are asked about in one run, those with the most messages. */
const MOST_ADDRESSES = 2000;
/** Addresses whose messages are counted to choose from. */
const MOST_SEEN = 100_000;
const AT_ONCE = 8;
/** Messages that are looked at before others have their turn. */
const AT_A_STRETCH = 4096;
/** Milliseconds that all questions of a run may take, and those about one address. */
const BUDGET_MS = 120_000;
const ONE_MS = 10_000;
/** How long a name counts, and that there is none. */
const KEPT_MS = { name: 30 * DAY, none: 3 * DAY };
const MOST_KEPT = 20_000;

/** What DNS said of an address: '' is none that is true. */
export interface Known {
  name: string;
  at: number;
}

export interface NameReport {
  /** Addresses that the evidence does not name. */
  addresses: number;
  /** Of these, asked about now; with a name that leads back to them; not answered, or left out for want of time. */
  asked: number;
  named: number;
  open: number;
}

interface World {
  book: Pick<AuditBook, 'names' | 'keepNames'>;
  clock: Clock;
  /** Absent: nobody is asked, and only what earlier runs were told counts. */
  resolver?: Resolver;
  signal?: AbortSignal;
}

/**
 * Names of addresses by reverse DNS, for messages of which no evidence tells one. Only names that lead back to their address
 * count (RFC 8601 §3): whoever has an address may claim any. The names are those of today, and asking tells the owners of
 * the addresses, and everybody on the way, that somebody is interested: nobody is asked unless the request says so.
 * What earlier runs were told counts without asking.
 * @returns facts with `ptr`, of origin `dns`, and what was asked
 */
export async function withReverseNames(
  source: AnswerSource,
  world: World,
): Promise<{ source: AnswerSource; report?: NameReport }> {
  const { book, clock, resolver } = world;
  const known = new Map(Object.entries(await book.names()));
  if (resolver === undefined) return { source: known.size === 0 ? source : namedBy(source, known) };
  const wanted = await unnamedAddresses(source, world.signal);
  const isFresh = (address: string): boolean => {
    const one = known.get(address);
    return one !== undefined && clock.now() - one.at < (one.name ? KEPT_MS.name : KEPT_MS.none);
  };
  const due = wanted.filter((address) => !isFresh(address)).slice(0, MOST_ADDRESSES);
  const answers = await ask(due, { ...world, resolver });
  for (const [address, one] of answers) known.set(address, one);
  if (answers.size > 0) await book.keepNames(newest(known));
  world.signal?.throwIfAborted();
  return {
    source: namedBy(source, known),
    report: {
      addresses: wanted.length,
      asked: due.length,
      named: wanted.filter((address) => known.get(address)?.name).length,
      open: wanted.filter((address) => !known.has(address)).length,
    },
  };
}

/** Those of mail from outside that nobody names, with the most messages first. */
async function unnamedAddresses(source: AnswerSource, signal: AbortSignal | undefined): Promise<string[]> {
  const counts = new Map<string, number>();
  let looked = 0;
  for await (const fact of source.scan()) {
    if (++looked % AT_A_STRETCH === 0) await breath(signal);
    if (!isUnnamed(fact)) continue;
    const { address = '', count = 1 } = fact.told;
    const seen = counts.get(address);
    if (seen !== undefined || counts.size < MOST_SEEN) counts.set(address, (seen ?? 0) + count);
  }
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([address]) => address);
}

function isUnnamed({ told: { address, helo, ptr, connector } }: Fact): boolean {
  const mayBeDirect = connector === undefined || connector === 'none';
  return mayBeDirect && !helo && ptr === undefined && address !== undefined && isPublicAddress(address);
}

async function ask(
  addresses: readonly string[],
  { clock, resolver, signal }: World & { resolver: Resolver },
): Promise<Map<string, Known>> {
  const answers = new Map<string, Known>();
  const end = clock.monotonic() + BUDGET_MS;
  const queue = addresses.values();
  const worker = async (): Promise<void> => {
    for (const address of queue) {
      if (signal?.aborted === true || clock.monotonic() >= end) return;
      const { result, name = '' } = await checkReverseDns(
        address,
        new Lookups({ resolver, clock, limits: { time: ONE_MS } }),
      );
      // what DNS could not tell is asked again by the next run
      if (result !== 'temperror') answers.set(address, { name: name.toLowerCase(), at: clock.now() });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
}

function newest(known: ReadonlyMap<string, Known>): Record<string, Known> {
  return Object.fromEntries([...known].sort(([, a], [, b]) => b.at - a.at).slice(0, MOST_KEPT));
}

function namedBy(source: AnswerSource, known: ReadonlyMap<string, Known>): AnswerSource {
  return {
    scan: () => named(source, known),
    tallies: () => source.tallies(),
    sentBefore: (messages) => source.sentBefore(messages),
    foreignSamples: () => source.foreignSamples(),
  };
}

async function* named(source: AnswerSource, known: ReadonlyMap<string, Known>): AsyncGenerator<Fact> {
  for await (const fact of source.scan()) {
    const name = isUnnamed(fact) ? known.get(fact.told.address ?? '')?.name : undefined;
    yield name === undefined || name === ''
      ? fact
      : { ...fact, told: { ...fact.told, ptr: name }, origins: { ...fact.origins, ptr: 'dns' } };
  }
}

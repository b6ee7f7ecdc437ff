import { type Attack, ATTACKS, randomFrom, type Sent, strike, type Victim, type Weeks } from './weeks.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** Less tells nothing: a source is judged only after a week. */
const LEAST_DAYS = 14;
/** The part of the time at whose end attacks are mixed in; what comes before is learnt. */
const CLEAN = 2 / 3;
/** Share of the sources that are attacked once. */
const ATTACKED = 0.3;

/** What is read of an event as `postern log --json` writes it. */
interface Line {
  type?: unknown;
  at?: unknown;
  source?: unknown;
  sourceName?: unknown;
  message?: unknown;
  network?: unknown;
  to?: unknown;
  size?: unknown;
  outcome?: unknown;
}

/**
 * The weeks that a journal recorded, with attacks mixed into their last third. Attacked is any source that had sent
 * before, also one of which too little is known: what the watch can not judge counts as missed.
 * @param lines one event each, of the types `acceptance` and `attempt`; others are passed over
 * @throws Error for a line that is no event, and for less than two weeks
 */
export async function recordedWeeks(
  lines: AsyncIterable<string> | Iterable<string>,
  seed: number,
): Promise<Weeks> {
  const sent = await messagesOf(lines);
  const begin = sent[0]?.at ?? 0;
  const end = sent.at(-1)?.at ?? 0;
  if (end - begin < LEAST_DAYS * DAY) {
    throw new Error(
      `${sent.length} accepted messages within ${((end - begin) / DAY).toFixed(1)} days; at least ${LEAST_DAYS} days are needed: postern log --json --type acceptance,attempt --since 60d --limit 2000000`,
    );
  }
  const bySource = new Map<string, Sent[]>();
  for (const one of sent) {
    const own = bySource.get(one.source);
    if (own) own.push(one);
    else bySource.set(one.source, [one]);
  }
  const random = randomFrom(seed);
  const attacks: Attack[] = [];
  const struck: Sent[] = [];
  const clean = begin + CLEAN * (end - begin);
  // in the order of their names, so that the same journal gives the same figures however it was sorted
  const sources = [...bySource.keys()].sort();
  let sourceWeeks = 0;
  for (const name of sources) {
    const own = bySource.get(name) ?? [];
    sourceWeeks += (end - (own[0]?.at ?? end)) / (7 * DAY);
    const chosen = random() < ATTACKED;
    const at = Math.floor((clean + random() * (end - clean)) / HOUR) * HOUR;
    const before = own.findLast((one) => one.at < at);
    if (!chosen || !before) continue;
    const kind = ATTACKS[attacks.length % ATTACKS.length]!;
    const attack: Attack = { kind, source: name, at };
    const victim: Victim = { name, random, network: before.network, staff: mostWrittenTo(own) };
    attacks.push(attack);
    struck.push(...strike(victim, attack));
  }
  const all = [...sent, ...struck].sort((a, b) => a.at - b.at);
  return { sent: all, attacks, sources, weeks: (end - begin) / (7 * DAY), sourceWeeks };
}

/** Accepted messages with the outcome of their deliveries, oldest first. */
async function messagesOf(lines: AsyncIterable<string> | Iterable<string>): Promise<Sent[]> {
  const sent: Sent[] = [];
  const byMessage = new Map<string, Sent>();
  const attempts: { message: string; failed: boolean }[] = [];
  let number = 0;
  for await (const text of lines) {
    number++;
    if (text.trim() === '') continue;
    const { type, at, source, sourceName, message, network, to, size, outcome } = eventOf(text, number);
    if (type === 'acceptance') {
      // what the relay writes itself has no source, and is not watched
      if (typeof source !== 'string' || source === '') continue;
      if (typeof at !== 'number') throw new Error(`line ${number}: an acceptance without its time`);
      const one: Sent = {
        at,
        source: typeof sourceName === 'string' ? sourceName : source,
        network: typeof network === 'string' ? network : '',
        to: Array.isArray(to) ? to.filter((address) => typeof address === 'string') : [],
        size: typeof size === 'number' ? size : 0,
        finished: 0,
        failed: 0,
      };
      sent.push(one);
      if (typeof message === 'string') byMessage.set(message, one);
    } else if (type === 'attempt' && typeof message === 'string') {
      if (outcome === 'delivered' || outcome === 'failed')
        attempts.push({ message, failed: outcome === 'failed' });
    }
  }
  for (const { message, failed } of attempts) {
    const one = byMessage.get(message);
    if (!one) continue;
    one.finished++;
    if (failed) one.failed++;
  }
  return sent.sort((a, b) => a.at - b.at);
}

function eventOf(text: string, number: number): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && 'type' in value) return value;
  throw new Error(`line ${number} is no event: expected what postern log --json writes, one event a line`);
}

function mostWrittenTo(sent: readonly Sent[]): string {
  const counts = new Map<string, number>();
  for (const { to } of sent) {
    for (const address of to) {
      const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
      counts.set(domain, (counts.get(domain) ?? 0) + 1);
    }
  }
  const [most] = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return most?.[0] ?? '';
}

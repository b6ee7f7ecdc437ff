import type { Fact } from '../facts/fact.ts';
import { hashOf } from '../facts/hash.ts';
import type { Traits } from '../classify/traits.ts';

const HOUR = 3_600_000;
/** Pairs of sender and recipient within an hour that make single messages an attack. */
const PAIRS = 5;
/** Where the single messages say little, it takes more of them. */
const WEAK_PAIRS = 8;
const MOST_SUSPECTS = 300_000;

export type Suspicion = 'strong' | 'weak';

export interface Campaign {
  /** Stable as long as its first message is. */
  id: string;
  first: number;
  last: number;
  messages: number;
  recipients: number;
  /** Networks, subjects and attachment digests that hold it together, the most frequent first; at most 20 each. */
  places: string[];
  subjects: string[];
  attachments: string[];
  /** Messages that came to those whom they pretended to be from. */
  self: number;
}

interface Suspect {
  at: number;
  pair: number;
  /** Network, subject, attachments: what may tie it to others. */
  ties: string[];
  subject: string;
  place: string;
  recipient: string;
  self: boolean;
  strong: boolean;
}

/**
 * Finds attacks among suspect messages: many different pairs within an hour from one network, under one subject or
 * with one attachment. What shares any of these within a day belongs to the same attack.
 */
export class CampaignSearch {
  readonly #suspects: Suspect[] = [];
  /** Suspects that came after there were too many. */
  leftOut = 0;
  /** Index of the campaign of each tie. */
  #owners = new Map<string, { campaign: Campaign; from: number; to: number }[]>();

  /** Takes a suspect; whether it is one is judged by its score before. */
  add({ told }: Fact, traits: Traits, suspicion: Suspicion): void {
    if (told.at === undefined) return;
    if (this.#suspects.length >= MOST_SUSPECTS) {
      this.leftOut++;
      return;
    }
    const sender = told.p2 ?? told.sender ?? told.p1 ?? '';
    this.#suspects.push({
      at: told.at,
      pair: hashOf(`${sender} ${told.recipient ?? ''}`),
      ties: tiesOf(told, traits),
      subject: told.subject ?? '',
      place: traits.place,
      recipient: told.recipient ?? '',
      self: traits.self,
      strong: suspicion === 'strong',
    });
  }

  /** Call once, after all suspects. The largest first. */
  find(): Campaign[] {
    const suspects = this.#suspects.sort((a, b) => a.at - b.at);
    const groups = new Groups(suspects.length);
    const members = new Set<number>();
    const byTie = new Map<string, number[]>();
    for (const [index, { ties }] of suspects.entries())
      for (const tie of ties) {
        const known = byTie.get(tie);
        if (known) known.push(index);
        else byTie.set(tie, [index]);
      }
    for (const indexes of byTie.values()) {
      for (const burst of burstsOf(indexes, suspects)) {
        for (const index of burst) {
          members.add(index);
          groups.join(burst[0]!, index);
        }
      }
    }
    const clusters = new Map<number, Suspect[]>();
    for (const index of members) {
      const root = groups.root(index);
      const known = clusters.get(root);
      if (known) known.push(suspects[index]!);
      else clusters.set(root, [suspects[index]!]);
    }
    const campaigns = [...clusters.values()].map(campaignOf);
    for (const [index, cluster] of [...clusters.values()].entries()) this.#own(campaigns[index]!, cluster);
    return campaigns.sort((a, b) => b.messages - a.messages || a.first - b.first);
  }

  /** The campaign of a suspect message: one that shares its network, subject or attachment, at most a day away. */
  of({ told }: Fact, traits: Traits): Campaign | undefined {
    return this.#owner(told.at, tiesOf(told, traits));
  }

  /** The campaign from the network of a message that is no suspect by itself, at most a day away. */
  at({ told }: Fact, { place }: Traits): Campaign | undefined {
    return place === '' ? undefined : this.#owner(told.at, [`place ${place}`]);
  }

  #owner(at: number | undefined, ties: readonly string[]): Campaign | undefined {
    if (at === undefined) return undefined;
    for (const tie of ties) {
      const owner = this.#owners.get(tie)?.find(({ from, to }) => at >= from && at <= to);
      if (owner) return owner.campaign;
    }
    return undefined;
  }

  #own(campaign: Campaign, cluster: readonly Suspect[]): void {
    for (const { at, ties } of cluster) {
      for (const tie of ties) {
        const known = this.#owners.get(tie) ?? [];
        this.#owners.set(tie, known);
        const mine = known.find((one) => one.campaign === campaign);
        if (mine) {
          mine.from = Math.min(mine.from, at - 24 * HOUR);
          mine.to = Math.max(mine.to, at + 24 * HOUR);
        } else known.push({ campaign, from: at - 24 * HOUR, to: at + 24 * HOUR });
      }
    }
  }
}

function tiesOf(told: Fact['told'], { place }: Traits): string[] {
  const ties: string[] = [];
  if (place !== '') ties.push(`place ${place}`);
  const subject = subjectPattern(told.subject ?? '', told.recipient ?? '');
  if (subject !== '') ties.push(`subject ${subject}`);
  for (const { sha256 } of told.attachments ?? []) if (sha256) ties.push(`attachment ${sha256}`);
  return ties;
}

/** Numbers and the victim's own name differ from message to message. */
export function subjectPattern(subject: string, recipient: string): string {
  const [local = '', domain = ''] = recipient.toLowerCase().split('@');
  let text = subject.toLowerCase().slice(0, 256);
  for (const word of [recipient.toLowerCase(), local, domain])
    if (word.length > 2) text = text.replaceAll(word, '@');
  text = text
    .replaceAll(/[0-9a-f]*\d[0-9a-f]*/g, '#')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return text.replaceAll(/[#@\s\p{P}]/gu, '').length < 6 ? '' : text;
}

/** Stretches of at most an hour's gap in which the pairs of some hour are enough. */
function burstsOf(indexes: readonly number[], suspects: readonly Suspect[]): number[][] {
  if (indexes.length < PAIRS) return [];
  const bursts: number[][] = [];
  const window = new PairWindow();
  let start = 0;
  let run: number[] = [];
  let proven = false;
  const close = () => {
    if (proven) bursts.push(run);
    run = [];
    proven = false;
  };
  for (const [position, index] of indexes.entries()) {
    const suspect = suspects[index]!;
    if (position > 0 && suspect.at - suspects[indexes[position - 1]!]!.at > HOUR) close();
    run.push(index);
    window.enter(suspect);
    while (suspect.at - suspects[indexes[start]!]!.at > HOUR) window.leave(suspects[indexes[start++]!]!);
    if (window.isEnough) proven = true;
  }
  close();
  return bursts;
}

/** The different pairs in an hour. */
class PairWindow {
  readonly #all = new Map<number, number>();
  readonly #strong = new Map<number, number>();

  enter({ pair, strong }: Suspect): void {
    this.#all.set(pair, (this.#all.get(pair) ?? 0) + 1);
    if (strong) this.#strong.set(pair, (this.#strong.get(pair) ?? 0) + 1);
  }

  leave({ pair, strong }: Suspect): void {
    for (const pairs of strong ? [this.#all, this.#strong] : [this.#all]) {
      const left = (pairs.get(pair) ?? 1) - 1;
      if (left === 0) pairs.delete(pair);
      else pairs.set(pair, left);
    }
  }

  get isEnough(): boolean {
    return this.#strong.size >= PAIRS || this.#all.size >= WEAK_PAIRS;
  }
}

function campaignOf(cluster: readonly Suspect[]): Campaign {
  const first = Math.min(...bounds(cluster));
  const counted = (prefix: string) =>
    topOf(
      cluster.flatMap(({ ties }) =>
        ties.filter((tie) => tie.startsWith(prefix)).map((tie) => tie.slice(prefix.length)),
      ),
    );
  const places = counted('place ');
  return {
    id: `c${hashOf(`${first} ${[...places].sort()[0] ?? ''}`).toString(36)}`,
    first,
    last: Math.max(...bounds(cluster)),
    messages: cluster.length,
    recipients: new Set(cluster.map(({ recipient }) => recipient)).size,
    places,
    subjects: topOf(cluster.map(({ subject }) => subject).filter((text) => text !== '')),
    attachments: counted('attachment '),
    self: cluster.filter(({ self }) => self).length,
  };
}

/** Earliest and latest; a spread of a large array over arguments would overflow the stack. */
function bounds(cluster: readonly Suspect[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { at } of cluster) [low, high] = [Math.min(low, at), Math.max(high, at)];
  return [low, high];
}

function topOf(values: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, 20)
    .map(([value]) => value);
}

/** Union-find. */
class Groups {
  readonly #parents: Uint32Array;

  constructor(size: number) {
    this.#parents = Uint32Array.from({ length: size }, (_, index) => index);
  }

  root(index: number): number {
    let at = index;
    while (this.#parents[at] !== at) {
      this.#parents[at] = this.#parents[this.#parents[at]!]!;
      at = this.#parents[at]!;
    }
    return at;
  }

  join(a: number, b: number): void {
    this.#parents[this.root(b)] = this.root(a);
  }
}

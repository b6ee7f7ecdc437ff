import type { Fact } from '../facts/fact.ts';
import type { Service } from './services.ts';
import type { Traits } from './traits.ts';

const DAY = 86_400_000;

/** What is known of one network, from all that came from it. */
export interface Place {
  messages: number;
  days: Set<number>;
  /** Days with mail that bears no lure. */
  calmDays: Set<number>;
  first: number;
  last: number;
  service?: Service;
  /** HELO patterns, with the senders that used them. */
  helos: Map<string, number>;
  helosOfSenders: Map<string, string>;
  deviceMessages: number;
  /** Of those that were told one by one, how many came by a connector, and how many are about meetings. */
  single: number;
  connected: number;
  calendar: number;
  /** How mail of each author came in, where somebody told it. */
  flows: Map<string, string>;
}

const MOST_HELOS = 50;
const MOST_ADDRESSES = 100_000;
/** Messages of one address that came alike, from which on the next that nobody tells about counts as one of them. */
const HABIT = 3;
const MOST_SENDERS = 200;
const BY_CONNECTOR: ReadonlySet<string> = new Set(['connector', 'internal-relay']);

/** How mail of one address came, as far as somebody told it. */
interface Way {
  /** By a connector, the last one's name, and without. */
  connected: number;
  name: string;
  without: number;
  /** With envelope senders of others, and with own ones. */
  foreign: number;
  own: number;
  /** Stored mail from outside with an own envelope that lacks the front door's mark of Direct Send. */
  unmarked: number;
}

/**
 * The first look at all facts: who is known where, and since when. What lacks a HELO or a service's name is found by
 * its network later.
 */
export class Places {
  readonly #places = new Map<string, Place>();
  readonly #ways = new Map<string, Way>();
  /** Messages that bear the front door's mark of Direct Send. */
  #marked = 0;
  /** The first and last moment of all evidence. */
  first = Infinity;
  last = -Infinity;

  add({ told }: Fact, traits: Traits): void {
    const at = told.at;
    if (at !== undefined) {
      this.first = Math.min(this.first, at);
      this.last = Math.max(this.last, told.until ?? at);
    }
    if (traits.place === '') return;
    this.#addWay(told, traits);
    let place = this.#places.get(traits.place);
    if (!place)
      this.#places.set(
        traits.place,
        (place = {
          messages: 0,
          days: new Set(),
          calmDays: new Set(),
          first: Infinity,
          last: -Infinity,
          helos: new Map(),
          helosOfSenders: new Map(),
          deviceMessages: 0,
          single: 0,
          connected: 0,
          calendar: 0,
          flows: new Map(),
        }),
      );
    const count = told.count ?? 1;
    place.messages += count;
    if (traits.deviceName) place.deviceMessages += count;
    if (told.count === undefined) {
      place.single++;
      if (traits.calendar) place.calendar++;
      if (!traits.anonymous && told.connector !== 'internal-relay') place.connected++;
    }
    if (at !== undefined) {
      place.days.add(Math.floor(at / DAY));
      if (!traits.lure) place.calmDays.add(Math.floor(at / DAY));
      place.first = Math.min(place.first, at);
      place.last = Math.max(place.last, at);
    }
    const flow = knownFlow(told, traits);
    const author = told.p2 ?? told.sender;
    if (flow !== undefined && author && place.flows.size < MOST_SENDERS) place.flows.set(author, flow);
    if (traits.service && !place.service) place.service = traits.service;
    if (!told.helo) return;
    const pattern = heloPattern(told.helo);
    if (place.helos.size < MOST_HELOS || place.helos.has(pattern))
      place.helos.set(pattern, (place.helos.get(pattern) ?? 0) + count);
    const sender = told.p1 ?? told.sender ?? told.p2;
    if (sender && place.helosOfSenders.size < MOST_SENDERS) place.helosOfSenders.set(sender, pattern);
  }

  of(traits: Traits): Place | undefined {
    return this.#places.get(traits.place);
  }

  /** Seen on hardly any day; a network that nobody told of is not. */
  isNew(traits: Traits): boolean {
    return (this.of(traits)?.days.size ?? Infinity) <= 2;
  }

  /** Whether it was seen again, more than a day after the first time. */
  comesBack(traits: Traits): boolean {
    const place = this.of(traits);
    return place !== undefined && place.last - place.first > DAY;
  }

  /** Used on many days over some weeks: nobody attacks like that. */
  isEstablished(traits: Traits): boolean {
    const place = this.of(traits);
    if (!place) return false;
    // once a month words that attackers like may go to everybody
    return place.calmDays.size >= 6 && place.last - place.first >= 14 * DAY;
  }

  #addWay({ address = '', connector, count, direction, extra }: Fact['told'], { p1 }: Traits): void {
    const isMarked = extra?.['IsAnonymousDirectSend'] === 'true';
    if (isMarked) this.#marked++;
    if (count !== undefined || connector === 'internal-relay') return;
    let way = this.#ways.get(address);
    if (!way) {
      if (this.#ways.size >= MOST_ADDRESSES) return;
      this.#ways.set(
        address,
        (way = { connected: 0, name: '', without: 0, foreign: 0, own: 0, unmarked: 0 }),
      );
    }
    if (p1 === 'own') way.own++;
    else if (p1 === 'foreign' || p1 === 'subdomain') way.foreign++;
    const isAnonymous = extra?.['AuthAs'] === 'anonymous' && direction === 'incoming';
    if (connector === undefined && p1 === 'own' && isAnonymous && !isMarked) way.unmarked++;
    if (connector === 'none') way.without++;
    else if (connector !== undefined) {
      way.connected++;
      way.name = connector.name ?? connector.type ?? 'unnamed';
    }
  }

  /** Whether all mail of the message's address had envelopes of others, as far as it is known; where nobody told this one's. */
  usesForeignEnvelope({ address = '', p1 }: Fact['told']): boolean {
    const way = p1 === undefined ? this.#ways.get(address) : undefined;
    return way !== undefined && way.own === 0 && way.foreign >= HABIT;
  }

  /** The connector that all mail of the message's address came by, as far as it is known; for one that nobody told it of. */
  usualConnector({ address = '', connector }: Fact['told']): string | undefined {
    const way = connector === undefined ? this.#ways.get(address) : undefined;
    return way && way.without === 0 && way.connected >= HABIT ? way.name : undefined;
  }

  /**
   * Whether mail of the message's address never bears the front door's mark of Direct Send, while that of others does: a
   * connector let it in, most likely. The mark is not documented, so that this proves nothing.
   */
  isUnmarked({ address = '', connector }: Fact['told']): boolean {
    const way = connector === undefined && this.#marked >= HABIT ? this.#ways.get(address) : undefined;
    return way !== undefined && way.without === 0 && way.connected === 0 && way.unmarked >= HABIT;
  }

  /** Networks that mail comes from by a connector, for a part at least. */
  get connected(): ReadonlySet<string> {
    return new Set([...this.#places].filter(([, { connected }]) => connected > 0).map(([name]) => name));
  }

  /** Used on some days without the words of attackers. */
  isSteady(traits: Traits): boolean {
    const place = this.of(traits);
    return place !== undefined && place.calmDays.size >= 5;
  }

  /** The way that a message took of which nobody told the envelope: as others of its author, or all others, came. */
  flow(told: Fact['told'], traits: Traits): string | undefined {
    if (this.usualConnector(told) !== undefined || this.isUnmarked(told)) return 'connector';
    const known = knownFlow(told, traits);
    // whoever answers meetings and little else also forwards invitations, which no subject tells from mail
    if ((known === 'own' || known === 'notice') && this.#isForMeetings(traits)) return 'calendar';
    if (known !== undefined) return known;
    const flows = this.of(traits)?.flows;
    if (!flows) return undefined;
    // what came without a connector is not what others of its author came by
    const way = this.#ways.get(told.address ?? '');
    const isDirect =
      told.connector === 'none' ||
      (told.connector === undefined && way !== undefined && way.connected === 0 && way.without >= HABIT);
    const isPossible = (flow: string): boolean => !isDirect || !BY_CONNECTOR.has(flow);
    const mine = flows.get(told.p2 ?? told.sender ?? '');
    if (mine !== undefined && isPossible(mine)) return mine;
    const [only, ...others] = new Set([...flows.values()].filter(isPossible));
    return others.length === 0 ? only : undefined;
  }

  #isForMeetings(traits: Traits): boolean {
    const place = this.of(traits);
    return place !== undefined && place.calendar >= 3 && place.calendar / place.single > 0.6;
  }

  /** Whether messages that show the same may be of different senders, by whom they are from. */
  tellsAuthorsApart(traits: Traits): boolean {
    const place = this.of(traits);
    return place === undefined || place.flows.size > 0 || place.helosOfSenders.size > 0;
  }

  /** The HELO that a message without one most likely came with. What a report counts came with the most frequent. */
  helo(told: Fact['told'], traits: Traits): string {
    if (told.helo) return heloPattern(told.helo);
    const place = this.of(traits);
    if (!place) return '';
    if (told.count !== undefined)
      return [...place.helos].reduce((best, one) => (one[1] > best[1] ? one : best), ['', 0] as [
        string,
        number,
      ])[0];
    const sender = told.p1 ?? told.sender ?? told.p2;
    const known = sender ? place.helosOfSenders.get(sender) : undefined;
    if (known !== undefined) return known;
    const [only, ...others] = place.helos.keys();
    return only !== undefined && others.length === 0 ? only : '';
  }
}

function knownFlow({ connector }: Fact['told'], traits: Traits): string | undefined {
  if (connector === 'internal-relay') return 'internal-relay';
  if (connector !== undefined && connector !== 'none') return 'connector';
  if (traits.notice) return 'notice';
  if (traits.calendar) return 'calendar';
  if (traits.list) return 'list';
  if (traits.p1 === 'unknown') return undefined;
  return traits.p1 === 'own' ? 'own' : 'other';
}

/** Names that differ by a number only are one fleet: `mta-12.vendor.example`, `RNP0026736A1B2C`. */
export function heloPattern(helo: string): string {
  const lower = helo.toLowerCase().slice(0, 255);
  if (/^\[?[\d.:a-f]*[.:][\d.:a-f]*\]?$/.test(lower)) return lower.startsWith('[127.') ? lower : '[address]';
  const labels = lower.split('.');
  const head = labels[0]!.replaceAll(/(?=[0-9a-f]*\d)[0-9a-f]{6,}|\d+/g, '#');
  return [head, ...labels.slice(1)].join('.');
}

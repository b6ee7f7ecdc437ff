/**
 * What a source usually does, learnt hour by hour. Every part is bounded, so that a source can neither fill memory
 * nor, by doing a little of everything, teach the relay that everything is usual.
 */

/** What one source did in one hour of the clock. */
export interface Hour {
  /** Hours since the epoch. */
  hour: number;
  messages: number;
  /** Messages by the client's network (an IPv4 /24, an IPv6 /48). */
  networks: Map<string, number>;
  /** Recipients by their domain. */
  domains: Map<string, number>;
  /** Recipients of domains beyond those that are counted by name. */
  otherRecipients: number;
  /** Octets of all messages, and of the largest. */
  octets: number;
  largest: number;
  /** Deliveries that were finished, and those of them that failed for good. */
  finished: number;
  failed: number;
}

/** JSON of a Normal. */
export interface NormalRecord {
  since: number;
  days: number;
  lastDay: number;
  messages: number;
  networks: [string, number][];
  domains: [string, number][];
  hours: number[];
  ring: Day[];
  finished: number;
  failed: number;
}

/** The most that one day had in one hour. */
export interface Day {
  day: number;
  messages: number;
  /** Domains that had never been written to before. */
  newDomains: number;
  octets: number;
  largest: number;
}

const DAYS_KEPT = 28;
const MOST_NETWORKS = 64;
const MOST_DOMAINS = 512;
/** Names that one hour keeps; an attack must not fill memory. */
const MOST_NAMES_OF_AN_HOUR = 256;
/** Days after which a network or a domain that was not seen again is no longer usual. */
const FORGET_DAYS = 90;
/** What old deliveries count for, day by day, in the share of failures. */
const FADE = 0.95;
/** The first days meet everybody for the first time: how many new domains are usual is learnt after them. */
const ACQUAINTANCE_DAYS = 3;
/** Hours of working days, then those of the weekend. */
const BUCKETS = 48;

export function newHour(hour: number): Hour {
  return {
    hour,
    messages: 0,
    networks: new Map(),
    domains: new Map(),
    otherRecipients: 0,
    octets: 0,
    largest: 0,
    finished: 0,
    failed: 0,
  };
}

/** Counts a message in. @param network as `networkName` says it */
export function countMessage(hour: Hour, network: string, domains: readonly string[], size: number): void {
  hour.messages++;
  hour.octets += size;
  if (size > hour.largest) hour.largest = size;
  if (network !== '') countName(hour.networks, network);
  for (const domain of domains) if (!countName(hour.domains, domain)) hour.otherRecipients++;
}

function countName(names: Map<string, number>, name: string): boolean {
  const known = names.get(name);
  if (known === undefined && names.size >= MOST_NAMES_OF_AN_HOUR) return false;
  names.set(name, (known ?? 0) + 1);
  return true;
}

/** The bucket of the week that an hour belongs to. The relay's own hours of the day would move twice a year: UTC. */
export function bucketOf(hour: number): number {
  // the epoch began on a Thursday
  const weekday = (Math.floor(hour / 24) + 4) % 7;
  return (weekday === 0 || weekday === 6 ? 24 : 0) + (hour % 24);
}

export class Normal {
  /** Wall time of the first message, milliseconds. */
  since: number;
  /** Days on which something was learnt. */
  days = 0;
  #lastDay = -1;
  messages = 0;
  /** By name: the last day. */
  readonly #networks = new Map<string, number>();
  readonly #domains = new Map<string, number>();
  /** By bucket: how many hours had messages. */
  #hours: number[] = Array.from({ length: BUCKETS }, () => 0);
  #ring: Day[] = [];
  #finished = 0;
  #failed = 0;

  constructor(since: number) {
    this.since = since;
  }

  static from(record: NormalRecord): Normal {
    const normal = new Normal(record.since);
    normal.days = record.days;
    normal.#lastDay = record.lastDay;
    normal.messages = record.messages;
    for (const [name, day] of record.networks) normal.#networks.set(name, day);
    for (const [name, day] of record.domains) normal.#domains.set(name, day);
    normal.#hours = [...record.hours];
    normal.#ring = record.ring.map((day) => ({ ...day }));
    normal.#finished = record.finished;
    normal.#failed = record.failed;
    return normal;
  }

  record(): NormalRecord {
    return {
      since: this.since,
      days: this.days,
      lastDay: this.#lastDay,
      messages: this.messages,
      networks: [...this.#networks],
      domains: [...this.#domains],
      hours: this.#hours,
      ring: this.#ring,
      finished: this.#finished,
      failed: this.#failed,
    };
  }

  /** Takes an hour that is over as usual. */
  learn(hour: Hour): void {
    if (hour.messages === 0 && hour.finished === 0) return;
    const day = Math.floor(hour.hour / 24);
    const acquainted = this.days > ACQUAINTANCE_DAYS;
    if (day > this.#lastDay) this.#beginDay(day);
    const newDomains = acquainted ? this.newDomains(hour) : 0;
    this.messages += hour.messages;
    if (hour.messages > 0) this.#hours[bucketOf(hour.hour)]! += 1;
    const today = this.#ring.at(-1);
    if (today) {
      today.messages = Math.max(today.messages, hour.messages);
      today.newDomains = Math.max(today.newDomains, newDomains);
      today.octets = Math.max(today.octets, hour.octets);
      today.largest = Math.max(today.largest, hour.largest);
    }
    this.#finished += hour.finished;
    this.#failed += hour.failed;
    for (const network of hour.networks.keys()) remember(this.#networks, network, day, MOST_NETWORKS);
    for (const domain of hour.domains.keys()) remember(this.#domains, domain, day, MOST_DOMAINS);
  }

  #beginDay(day: number): void {
    this.#lastDay = day;
    this.days++;
    this.#ring.push({ day, messages: 0, newDomains: 0, octets: 0, largest: 0 });
    if (this.#ring.length > DAYS_KEPT) this.#ring.shift();
    this.#finished *= FADE;
    this.#failed *= FADE;
    for (const names of [this.#networks, this.#domains]) {
      for (const [name, last] of names) if (day - last > FORGET_DAYS) names.delete(name);
    }
  }

  knowsNetwork(network: string): boolean {
    return this.#networks.has(network);
  }

  knowsDomain(domain: string): boolean {
    return this.#domains.has(domain);
  }

  get networks(): string[] {
    return [...this.#networks.keys()];
  }

  get domains(): string[] {
    return [...this.#domains.keys()];
  }

  /** Domains of an hour that were never written to; those beyond the count by name are taken for new. */
  newDomains(hour: Hour): number {
    let count = hour.otherRecipients;
    for (const domain of hour.domains.keys()) if (!this.#domains.has(domain)) count++;
    return count;
  }

  /** The most of the last four weeks' hours. */
  get busiest(): Omit<Day, 'day'> {
    const most = { messages: 0, newDomains: 0, octets: 0, largest: 0 };
    for (const day of this.#ring) {
      most.messages = Math.max(most.messages, day.messages);
      most.newDomains = Math.max(most.newDomains, day.newDomains);
      most.octets = Math.max(most.octets, day.octets);
      most.largest = Math.max(most.largest, day.largest);
    }
    return most;
  }

  /** Whether the source has ever sent at this hour of the week, or in the one before or after. */
  isUsualHour(hour: number): boolean {
    return [hour - 1, hour, hour + 1].some((near) => this.#hours[bucketOf(near)]! > 0);
  }

  /** 0 to 1. */
  get failureShare(): number {
    return this.#finished === 0 ? 0 : this.#failed / this.#finished;
  }

  /** By hour of the week (UTC), working days first: how many hours had messages. */
  get hours(): readonly number[] {
    return this.#hours;
  }
}

/** Keeps a name; the one that was not seen for longest makes room. */
function remember(names: Map<string, number>, name: string, day: number, most: number): void {
  names.delete(name);
  if (names.size >= most) {
    const [oldest] = names.keys();
    if (oldest !== undefined) names.delete(oldest);
  }
  names.set(name, day);
}

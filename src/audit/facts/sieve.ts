import type { Tenant } from '../../edge/tenant.ts';
import type { CsvRecord } from '../evidence/csv-record.ts';
import type { OctetReader } from '../evidence/memo.ts';
import type { EvidenceKind, Observation } from '../evidence/observation.ts';
import type { RowFilter } from '../evidence/row-filter.ts';
import { hashOf, hashOfBoth, hashOfOctets } from './keys.ts';
import { OwnerReader } from './owner-reader.ts';
import { type Relevance, relevanceAmong, relevanceOf } from './relevance.ts';
import { Sketch } from './sketch.ts';

const DAY = 86_400_000;
/** One of so many messages of others is remembered with its address: enough to see who stands before the service. */
const SAMPLE = 64;
const MOST_SAMPLES = 4096;
const MOST_SENT = 262_144;

/** What is counted of evidence, whether its rows are kept or not. It can be handed to another thread. */
export interface Gleaning {
  /** Day, kind and relevance, with the registers of the sketch of their messages. */
  tallies: [key: string, registers: Uint8Array][];
  /** Hashes of Message-IDs that the organisation itself has sent. */
  sent: Float64Array;
  /** Hash of a message of others, its address and its day. */
  samples: [message: number, address: string, day: number][];
}

const FROM_MAILBOX = { kind: 'trace', direction: 'originating' } as const;
const FROM_OUTSIDE = { kind: 'trace' } as const;

/**
 * Tells rows that are kept from those that are counted only: most mail of an organisation can't be Direct Send. What has
 * been counted is gleaned from time to time.
 */
export class Sieve implements RowFilter {
  readonly #tenant: Tenant;
  readonly #sender: OwnerReader;
  readonly #recipient: OwnerReader;
  #tallies = new Map<string, Sketch>();
  /** The sketch that was used last, by what it is of: rows of a day come together. */
  readonly #latest = new Map<Relevance, { day: number; sketch: Sketch }>();
  #sent = new Float64Array(1024);
  #sentCount = 0;
  #samples = new Map<number, [message: number, address: string, day: number]>();

  constructor(tenant: Tenant) {
    this.#tenant = tenant;
    this.#sender = new OwnerReader(tenant);
    this.#recipient = new OwnerReader(tenant);
  }

  /** Counts a row. @returns whether it has to be kept whole */
  keeps(observation: Observation): boolean {
    const relevance = relevanceOf(this.#tenant, observation);
    this.#count(observation, relevance);
    return relevance === 'keep';
  }

  /** Counts a row that has not to be kept, and does nothing with any other. @returns whether it was counted */
  take(observation: Observation): boolean {
    const { networkMessageId, traceId, messageId } = observation;
    // what has no name is counted by its place, which only the whole file tells
    if ((networkMessageId ?? traceId ?? messageId) === undefined) return false;
    const relevance = relevanceOf(this.#tenant, observation);
    if (relevance === 'keep') return false;
    this.#count(observation, relevance);
    return true;
  }

  /**
   * As `take`, for a row of a message trace before anything is made of it: sender, recipient and whether there is
   * an address tell. Rows that are written in an unusual way are left to `take`.
   */
  takeTrace(record: CsvRecord): number | undefined {
    const isUsual =
      record.through('sender_address', this.#sender) === true &&
      record.through('recipient_address', this.#recipient) === true;
    if (!isUsual) return undefined;
    const { belonging, hash } = this.#recipient;
    const written = record.through('from_ip', ADDRESS);
    if (written === 'unusual') return undefined;
    const way = written === 'blank' ? FROM_MAILBOX : FROM_OUTSIDE;
    const addressee = belonging === 'null' ? 'unknown' : belonging;
    const relevance = relevanceAmong(way, 'unknown', this.#sender.belonging, addressee);
    if (relevance === 'keep') return undefined;
    const at = record.moment('time');
    const id = record.digits('trace_id');
    if (at === undefined || id === undefined) return undefined;
    const message = relevance === 'foreign' ? 0 : record.through('message_id', MESSAGE_ID);
    if (message === undefined) return undefined;
    const day = Math.floor(at / DAY);
    const name = hashOfOctets(id, 0, 32);
    this.#sketch(day, 'trace', relevance).add(hashOfBoth(name, hash));
    if (relevance !== 'foreign') this.#send(message);
    else if (name % SAMPLE === 0) {
      const address = record.network('from_ip');
      if (address) this.#samples.set(name, [name, address, day]);
    }
    return at;
  }

  /** So much has been counted that it should be gleaned. */
  get isFull(): boolean {
    return this.#sentCount >= MOST_SENT || this.#samples.size >= MOST_SAMPLES;
  }

  /** What was counted, and begins anew. */
  glean(): Gleaning {
    const gleaning: Gleaning = {
      tallies: [...this.#tallies].map(([key, { registers }]) => [key, registers]),
      sent: this.#sent.slice(0, this.#sentCount),
      samples: [...this.#samples.values()],
    };
    this.#tallies.clear();
    this.#latest.clear();
    this.#sentCount = 0;
    this.#samples.clear();
    return gleaning;
  }

  /** Takes over what another one has gleaned. */
  add({ tallies, sent, samples }: Gleaning): void {
    for (const [key, registers] of tallies) {
      const known = this.#tallies.get(key);
      if (known) known.merge(new Sketch(registers));
      else this.#tallies.set(key, new Sketch(registers));
    }
    this.#reserve(sent.length);
    this.#sent.set(sent, this.#sentCount);
    this.#sentCount += sent.length;
    for (const sample of samples) this.#samples.set(sample[0], sample);
  }

  #count(observation: Observation, relevance: Relevance): void {
    const { messageId, direction } = observation;
    this.#tally(observation, relevance);
    if (relevance === 'foreign') this.#sample(observation);
    const isSent =
      relevance === 'internal' ||
      (relevance === 'outgoing' && direction !== 'incoming') ||
      (relevance === 'keep' && direction === 'originating');
    if (isSent && messageId) this.#send(hashOf(messageId));
  }

  #tally(observation: Observation, relevance: Relevance): void {
    const { at, kind, recipient = '', row, file, event } = observation;
    if (at === undefined || observation.count !== undefined) return;
    if (event !== undefined && event !== 'receive' && event !== 'refusal' && relevance === 'keep') return;
    const id = observation.networkMessageId ?? observation.traceId ?? observation.messageId;
    const name = hashOf(id ?? `${file} ${row}`);
    this.#sketch(Math.floor(at / DAY), kind, relevance).add(hashOfBoth(name, hashOf(recipient)));
  }

  #sketch(day: number, kind: EvidenceKind, relevance: Relevance): Sketch {
    const isTrace = kind === 'trace';
    const latest = this.#latest.get(relevance);
    if (isTrace && latest?.day === day) return latest.sketch;
    const key = `${day} ${kind} ${relevance}`;
    let sketch = this.#tallies.get(key);
    if (!sketch) this.#tallies.set(key, (sketch = new Sketch()));
    if (isTrace) this.#latest.set(relevance, { day, sketch });
    return sketch;
  }

  #sample({ networkMessageId, traceId, messageId, address, at }: Observation): void {
    const id = networkMessageId ?? traceId ?? messageId;
    if (id === undefined || !address || at === undefined) return;
    const hash = hashOf(id);
    if (hash % SAMPLE === 0) this.#samples.set(hash, [hash, address, Math.floor(at / DAY)]);
  }

  #send(hash: number): void {
    this.#reserve(1);
    this.#sent[this.#sentCount++] = hash;
  }

  #reserve(more: number): void {
    const length = this.#sentCount + more;
    if (length <= this.#sent.length) return;
    const larger = new Float64Array(Math.max(length, 2 * this.#sent.length));
    larger.set(this.#sent);
    this.#sent = larger;
  }
}

/** Whether an address stands in a cell, by its first octet. */
const ADDRESS: OctetReader<'blank' | 'written' | 'unusual'> = {
  get(buffer, start, end) {
    if (start === end) return 'blank';
    const first = buffer[start]! | 32;
    const isDigit = first >= 48 && first <= 57;
    return isDigit || (first >= 97 && first <= 102) ? 'written' : 'unusual';
  },
};

const DOT = 46;
const LESS = 60;
const GREATER = 62;

/** Hash of a Message-ID in its usual form, `<...>` of at most 1000 ASCII characters that was not cut for a screen. */
const MESSAGE_ID: OctetReader<number | undefined> = {
  get(buffer, start, end) {
    const length = end - start;
    if (length < 4 || length > 1000 || buffer[start] !== LESS || buffer[end - 1] !== GREATER)
      return undefined;
    if (buffer[end - 2] === DOT) return undefined;
    const hash = hashOfOctets(buffer, start, end);
    return Number.isNaN(hash) ? undefined : hash;
  },
};

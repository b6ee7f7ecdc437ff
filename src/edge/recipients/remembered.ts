import type { Clock } from '../../platform/clock.ts';
import { Generations } from '../../platform/generations.ts';
import type { RecipientAnswer } from '../rooms.ts';
import type { Tenant } from '../tenant.ts';
import type { RecipientSource } from './source.ts';

export interface RememberedOptions {
  clock: Clock;
  /** Milliseconds. */
  knownMs: number;
  unknownMs: number;
  /** How long a known one still counts while the source can not be asked; milliseconds since it was known. */
  staleMs: number;
  /** Known recipients, and as many others, that are remembered. */
  entries: number;
}

interface Entry {
  answer: RecipientAnswer;
  /** Monotonic, when the answer came. */
  at: number;
  asking?: Promise<RecipientAnswer>;
}

/** Questions to the source at a time; more are answered `unavailable`, so that they can not pile up. */
const MOST_ASKED = 200;

/**
 * A source whose answers are remembered: known for long, unknown for a short time, so that a new mailbox soon has its
 * mail; that nobody could be asked is never remembered. The same question is asked once at a time.
 */
export class RememberedRecipients implements RecipientSource {
  readonly name: string;
  readonly #source: RecipientSource;
  readonly #options: RememberedOptions;
  readonly #known: Generations<Entry>;
  /** Apart from the known, so that whoever tries addresses makes none of them forgotten. */
  readonly #others: Generations<Entry>;
  #asked = 0;

  constructor(source: RecipientSource, options: RememberedOptions) {
    this.name = source.name;
    this.#source = source;
    this.#options = options;
    this.#known = new Generations(options.entries);
    this.#others = new Generations(options.entries);
  }

  /** Answers that are remembered, about. */
  get size(): number {
    return this.#known.size + this.#others.size;
  }

  problem(): string | undefined {
    return this.#source.problem?.();
  }

  close(): Promise<void> | void {
    return this.#source.close?.();
  }

  find(tenant: Tenant, address: string): RecipientAnswer | Promise<RecipientAnswer> {
    const key = `${tenant.id} ${address}`;
    let entry = this.#known.get(key) ?? this.#others.get(key);
    if (entry?.asking) return entry.asking;
    if (entry && this.#age(entry) < this.#lifetime(entry)) return entry.answer;
    if (this.#asked >= MOST_ASKED) return this.#instead(entry);
    if (!entry) this.#others.set(key, (entry = { answer: 'unavailable', at: 0 }));
    entry.asking = this.#ask(key, entry, tenant, address);
    return entry.asking;
  }

  async #ask(key: string, entry: Entry, tenant: Tenant, address: string): Promise<RecipientAnswer> {
    this.#asked++;
    try {
      const answer = await this.#source.find(tenant, address);
      if (answer === 'unavailable') return this.#instead(entry);
      entry.answer = answer;
      entry.at = this.#options.clock.monotonic();
      if (answer === 'known') this.#known.set(key, entry);
      return answer;
    } finally {
      this.#asked--;
      entry.asking = undefined;
    }
  }

  /** What is answered while nobody can be asked: an outage of the directory need not be one of the mail. */
  #instead(entry: Entry | undefined): RecipientAnswer {
    const known = entry?.answer === 'known' && this.#age(entry) < this.#options.staleMs;
    return known ? 'known' : 'unavailable';
  }

  #age({ at }: Entry): number {
    return this.#options.clock.monotonic() - at;
  }

  #lifetime({ answer }: Entry): number {
    if (answer === 'unavailable') return 0;
    return answer === 'known' ? this.#options.knownMs : this.#options.unknownMs;
  }
}

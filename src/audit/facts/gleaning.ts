import type { EvidenceKind } from '../evidence/observation.ts';
import type { Relevance } from './relevance.ts';
import { Sketch } from './sketch.ts';

const MOST_SAMPLES = 4096;
const MOST_SENT = 262_144;
/** One of so many messages of others is remembered with its address: enough to see who stands before the service. */
const SAMPLE = 64;

/** What is counted of evidence, whether its rows are kept or not. It can be handed to another thread. */
export interface Gleaning {
  /** Day, kind and relevance, with the registers of the sketch of their messages. */
  tallies: [key: string, registers: Uint8Array][];
  /** Hashes of Message-IDs that the organisation itself has sent. */
  sent: Float64Array<ArrayBuffer>;
  /** Hash of a message of others, its address and its day. */
  samples: [message: number, address: string, day: number][];
}

/** Gathers what is counted, until it is gleaned. */
export class Gleaner {
  readonly #tallies = new Map<string, Sketch>();
  #sent = new Float64Array(1024);
  #sentCount = 0;
  readonly #samples = new Map<number, [message: number, address: string, day: number]>();
  /** How often it was gleaned: a sketch is good until the next time. */
  harvests = 0;

  /** So much has been counted that it should be gleaned. */
  get isFull(): boolean {
    return this.#sentCount >= MOST_SENT || this.#samples.size >= MOST_SAMPLES;
  }

  /** The sketch of a day's messages. */
  sketch(day: number, kind: EvidenceKind, relevance: Relevance): Sketch {
    const key = `${day} ${kind} ${relevance}`;
    let sketch = this.#tallies.get(key);
    if (!sketch) this.#tallies.set(key, (sketch = new Sketch()));
    return sketch;
  }

  /** @param message hash of a Message-ID */
  send(message: number): void {
    this.#reserve(1);
    this.#sent[this.#sentCount++] = message;
  }

  /** Whether a message of others is one of the sample. @param low any 32 bits of the hash of its name */
  static isSampled(low: number): boolean {
    return (low & (SAMPLE - 1)) === 0;
  }

  sample(message: number, address: string, day: number): void {
    this.#samples.set(message, [message, address, day]);
  }

  /** What was counted, and begins anew. */
  glean(): Gleaning {
    const gleaning: Gleaning = {
      tallies: [...this.#tallies].map(([key, { registers }]) => [key, registers]),
      sent: this.#sent.slice(0, this.#sentCount),
      samples: [...this.#samples.values()],
    };
    this.#tallies.clear();
    this.#sentCount = 0;
    this.#samples.clear();
    this.harvests++;
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

  #reserve(more: number): void {
    const length = this.#sentCount + more;
    if (length <= this.#sent.length) return;
    const larger = new Float64Array(Math.max(length, 2 * this.#sent.length));
    larger.set(this.#sent);
    this.#sent = larger;
  }
}

import type { EvidenceKind, Observation } from '../evidence/observation.ts';
import { FactBasket, type KeptFacts } from './kept-facts.ts';
import type { Relevance } from './relevance.ts';
import { Sketch } from './sketch.ts';

const MOST_SAMPLES = 4096;
/** Facts that are written in one go: keys lie anywhere, so few go cheaper than many. */
const MOST_FACTS = 8192;
const MOST_SENT = 262_144;
/** One of so many messages of others is remembered with its address: enough to see who stands before the service. */
const SAMPLE = 64;

/** What is kept of evidence, and what is counted of it. It can be handed to another thread. */
export interface Gleaning {
  facts: KeptFacts;
  /** Day, kind and relevance, with the registers of the sketch of their messages. */
  tallies: [key: string, registers: Uint8Array][];
  /** Hashes of Message-IDs that the organisation itself has sent. */
  sent: Float64Array<ArrayBuffer>;
  /** Hash of a message of others, its address and its day. */
  samples: [message: number, address: string, day: number][];
}

/** Gathers what is kept and what is counted, until it is gleaned. */
export class Gleaner {
  readonly #facts = new FactBasket();
  readonly #tallies = new Map<string, Sketch>();
  #sent = new Float64Array(1024);
  #sentCount = 0;
  readonly #samples = new Map<number, [message: number, address: string, day: number]>();
  /** How often it was gleaned: a sketch is good until the next time. */
  harvests = 0;

  /** So much has gathered that it should be gleaned. */
  get isFull(): boolean {
    return (
      this.#facts.size >= MOST_FACTS || this.#sentCount >= MOST_SENT || this.#samples.size >= MOST_SAMPLES
    );
  }

  keep(observation: Observation): void {
    this.#facts.add(observation);
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

  /** What has gathered, and begins anew. */
  glean(): Gleaning {
    const gleaning: Gleaning = {
      facts: this.#facts.empty(),
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
  add({ facts, tallies, sent, samples }: Gleaning): void {
    this.#facts.join(facts);
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

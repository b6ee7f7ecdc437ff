import type { Observation } from '../evidence/observation.ts';
import { type Fact, type FactField, toldBy, type Told } from './fact.ts';
import { type Keys, keysOf } from './keys.ts';

export const KEY_NAMES = ['network', 'message', 'whole', 'moment', 'row'] as const;
export type KeyName = (typeof KEY_NAMES)[number];

const DAY = 86_400_000;
/** The keys, and the day. */
const WIDTH = KEY_NAMES.length + 1;

/** Facts as text, with the numbers that they are found by: little to hand to another thread, and ready to be stored. */
export interface KeptFacts {
  texts: string[];
  /** Of each fact its keys in the order of `KEY_NAMES` and its day since 1970; NaN where it has none. */
  numbers: Float64Array<ArrayBuffer>;
}

/** A fact as it is stored. */
export interface KeptFact {
  text: string;
  keys: Keys;
  day: number | undefined;
}

/** Gathers facts. */
export class FactBasket {
  #texts: string[] = [];
  #numbers = new Float64Array(0);

  get size(): number {
    return this.#texts.length;
  }

  add(observation: Observation): void {
    const told = toldBy(observation);
    const keys = keysOf(told);
    const numbers = this.#room(1);
    let at = this.#texts.length * WIDTH;
    for (const name of KEY_NAMES) numbers[at++] = keys[name] ?? Number.NaN;
    numbers[at] = dayOf(told) ?? Number.NaN;
    this.#texts.push(JSON.stringify({ told, kinds: [observation.kind] } satisfies WrittenFact));
  }

  join({ texts, numbers }: KeptFacts): void {
    this.#room(texts.length).set(numbers, this.#texts.length * WIDTH);
    for (const text of texts) this.#texts.push(text);
  }

  /** What was gathered, and begins anew. */
  empty(): KeptFacts {
    const kept = { texts: this.#texts, numbers: this.#numbers.slice(0, this.#texts.length * WIDTH) };
    this.#texts = [];
    return kept;
  }

  #room(more: number): Float64Array {
    const length = (this.#texts.length + more) * WIDTH;
    if (length > this.#numbers.length) {
      const larger = new Float64Array(Math.max(length, 2 * this.#numbers.length, 64 * WIDTH));
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    return this.#numbers;
  }
}

export function* eachOf({ texts, numbers }: KeptFacts): Generator<KeptFact> {
  for (const [index, text] of texts.entries()) {
    let at = index * WIDTH;
    const keys: Keys = {};
    for (const name of KEY_NAMES) {
      const key = numbers[at++]!;
      if (!Number.isNaN(key)) keys[name] = key;
    }
    const day = numbers[at]!;
    yield { text, keys, day: Number.isNaN(day) ? undefined : day };
  }
}

export function keptOf(fact: Fact): KeptFact {
  return { text: textOf(fact), keys: keysOf(fact.told), day: dayOf(fact.told) };
}

function dayOf({ at }: Told): number | undefined {
  return at === undefined ? undefined : Math.floor(at / DAY);
}

/** Where one source told everything, which is the rule, it is named once. */
function textOf({ told, origins, kinds }: Fact): string {
  return JSON.stringify(kinds.length === 1 ? { told, kinds } : { told, origins, kinds });
}

/** Reads what `textOf` has written. */
export class FactReader {
  /** Facts of one source mostly have the same fields. */
  #last: { kind: string; fields: string[]; origins: Fact['origins'] } = { kind: '', fields: [], origins: {} };

  read(text: string): Fact {
    return this.complete(JSON.parse(text) as WrittenFact);
  }

  complete({ told, origins, kinds }: WrittenFact): Fact {
    return { told, origins: origins ?? this.#originsOf(told, kinds[0]!), kinds };
  }

  #originsOf(told: Fact['told'], kind: Fact['kinds'][number]): Fact['origins'] {
    const fields = Object.keys(told) as FactField[];
    const last = this.#last;
    if (last.kind === kind && last.fields.length === fields.length) {
      let at = 0;
      while (at < fields.length && fields[at] === last.fields[at]) at++;
      if (at === fields.length) return last.origins;
    }
    const origins = Object.fromEntries(fields.map((field) => [field, kind])) as Fact['origins'];
    this.#last = { kind, fields, origins };
    return origins;
  }
}

/** A fact as its text has it. */
export type WrittenFact = Omit<Fact, 'origins'> & Partial<Pick<Fact, 'origins'>>;

import type { Fact, FactField, Told } from '../facts/fact.ts';
import type { Addresses } from './addresses.ts';
import type { Organisation } from './decision.ts';
import { subjectMarks, type Traits, traitsOf } from './traits.ts';

/** What is each message's own. Everything else that is told repeats, for thousands of messages. */
export const OWN_TEXTS = [
  'networkMessageId',
  'traceId',
  'messageId',
  'subject',
] as const satisfies FactField[];
export const OWN_ADDRESSES = ['p1', 'p2', 'sender', 'recipient'] as const satisfies FactField[];
export const OWN_NUMBERS = ['at', 'size'] as const satisfies FactField[];

/** Above it messages are hardly alike, and to remember them costs more than it saves. */
const MOST_MANNERS = 16_384;

/**
 * How messages are alike: all that is told of them but their time, names and texts, and of these what judging looks at. What
 * follows from one message by itself follows from each of the same manner.
 */
export class Manner {
  /** Of the first message: it stands for all in everything but what is its own. */
  readonly fact: Fact;
  /** What each of its messages shows by itself. */
  readonly traits: Traits;
  /** Absent: it is not remembered, and the next message like it has another one. */
  readonly number: number | undefined;

  constructor(fact: Fact, traits: Traits, number: number | undefined) {
    this.fact = fact;
    this.traits = traits;
    this.number = number;
  }
}

/** All manners that were met, up to a number. */
export class Manners {
  readonly #organisation: Organisation;
  readonly #addresses: Addresses;
  readonly #byKey = new Map<string, Manner>();
  readonly #all: Manner[] = [];
  /** Most facts come from one source, which says so in one value for all. */
  #origins: { of: Fact['origins']; text: string } = { of: {}, text: '' };

  constructor(organisation: Organisation, addresses: Addresses) {
    this.#organisation = organisation;
    this.#addresses = addresses;
  }

  at(number: number): Manner {
    return this.#all[number]!;
  }

  of(fact: Fact): Manner {
    const key = this.#keyOf(fact);
    const known = this.#byKey.get(key);
    if (known) return known;
    const isKept = this.#all.length < MOST_MANNERS;
    const traits = traitsOf(fact, this.#organisation);
    const manner = new Manner(fact, traits, isKept ? this.#all.length : undefined);
    if (isKept) {
      this.#byKey.set(key, manner);
      this.#all.push(manner);
    }
    return manner;
  }

  /** Values are preceded by their lengths: strangers write some of them. */
  #keyOf({ told, origins, kinds }: Fact): string {
    let key = `${kinds.join(' ')} ${this.#originsText(origins)} ${isToSelf(told) ? 'self' : ''}`;
    for (const name in told) {
      const value = told[name as FactField];
      if (value === undefined) continue;
      switch (name) {
        case 'at':
          key += ' at';
          break;
        case 'size':
          key += ' s';
          break;
        case 'networkMessageId':
          key += ' n';
          break;
        case 'traceId':
          key += ' t';
          break;
        case 'messageId':
          key += ' m';
          break;
        case 'subject':
          key += subjectMarks(value as string);
          break;
        case 'p1':
        case 'p2':
        case 'sender':
        case 'recipient': {
          const form = this.#addresses.form(value as string);
          key += ` ${name}${form.length}${form}`;
          break;
        }
        default: {
          const text = typeof value === 'string' ? value : JSON.stringify(value);
          key += ` ${name} ${text.length} ${text}`;
        }
      }
    }
    return key;
  }

  #originsText(origins: Fact['origins']): string {
    if (this.#origins.of !== origins) this.#origins = { of: origins, text: JSON.stringify(origins) };
    return this.#origins.text;
  }
}

function isToSelf({ p1, p2, sender, recipient }: Told): boolean {
  return recipient !== undefined && (p2 ?? sender ?? p1) === recipient;
}

/** English sentences and what they are in French; `{name}` stands for a value, the same in both. */
export type Phrases = Readonly<Record<string, string>>;

/** Values that are words of the relay itself, not of a client: they are looked up as well. */
const NESTED = new Set(['reason', 'explanation', 'unit', 'period', 'allowed']);
const DIGITS = /^\d+$/;
const WORD = /^\S+$/;
/** What a value has to look like; any other is any text. */
const FORMS: Readonly<Record<string, RegExp>> = {
  count: DIGITS,
  most: DIGITS,
  size: DIGITS,
  at: DIGITS,
  keyword: WORD,
  field: WORD,
};
/** A list of such values in one. */
const LIST = /, | and /;
/** Longer texts are stack traces and what other servers say. */
const LONGEST = 4000;
/** A reason may hold a reason, and that one more. */
const DEEPEST = 3;

interface Phrase {
  /** What stands around the values: one more than there are names. */
  literals: string[];
  names: string[];
  french: string;
}

/**
 * Finds for a sentence that was made in English the one in French. The journal keeps sentences, not their makers:
 * those of before an update can be told as well, and what writes them needs to know of no language.
 */
export class Phrasebook {
  readonly #whole = new Map<string, string>();
  readonly #patterns: Phrase[] = [];

  /** @param phrases where several fit a text, the first one counts */
  constructor(phrases: Phrases) {
    for (const [english, french] of Object.entries(phrases)) {
      const literals = english.split(/\{\w+\}/);
      if (literals.length === 1) this.#whole.set(english, withFrenchSpaces(french));
      else this.#patterns.push({ literals, names: namesIn(english), french: withFrenchSpaces(french) });
    }
  }

  /** @returns undefined for a sentence that is not in it */
  find(text: string, depth = 0): string | undefined {
    const known = this.#whole.get(text);
    if (known !== undefined || text.length > LONGEST || depth > DEEPEST) return known;
    for (const { literals, names, french } of this.#patterns) {
      const values = valuesIn(text, literals);
      if (values?.every((value, index) => FORMS[names[index] ?? '']?.test(value) ?? true))
        return this.#fill(french, names, values, depth);
    }
    return undefined;
  }

  #fill(french: string, names: string[], values: string[], depth: number): string {
    return french.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[names.indexOf(name)] ?? '';
      return NESTED.has(name) ? this.#nested(value, depth + 1) : value;
    });
  }

  #nested(text: string, depth: number): string {
    const whole = this.find(text, depth);
    if (whole !== undefined) return whole;
    const parts = text.split(LIST).map((part) => this.#whole.get(part));
    return parts.every((part) => part !== undefined) ? parts.join(', ') : text;
  }
}

/** Names of the placeholders, in their order. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

/** Spaces before `: ; ! ?` and inside quotation marks at which no line breaks. */
export function withFrenchSpaces(text: string): string {
  return text.replaceAll(/ (?=[:;!?»%])/g, '\u{a0}').replaceAll('« ', '«\u{a0}');
}

/** What stands between the literals; no value is empty. In linear time, whatever a client has sent. */
function valuesIn(text: string, literals: readonly string[]): string[] | undefined {
  const [first = '', ...rest] = literals;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first)) return undefined;
  const values: string[] = [];
  let at = first.length;
  for (const literal of rest) {
    const next = text.indexOf(literal, at + 1);
    if (next < 0) return undefined;
    values.push(text.slice(at, next));
    at = next + literal.length;
  }
  const end = text.length - last.length;
  if (end <= at || !text.endsWith(last)) return undefined;
  return [...values, text.slice(at, end)];
}

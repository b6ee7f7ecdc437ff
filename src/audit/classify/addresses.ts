import { domainOf } from '../facts/own-domains.ts';
import { senderMarks } from './traits.ts';

/** A large organisation has as many mailboxes; beyond it addresses are not remembered. */
const MOST_ADDRESSES = 131_072;

/** Addresses by number, each once: the same people write and are written to all the time. */
export class Addresses {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #forms: string[] = [];
  /** Few are different. */
  readonly #known = new Map<string, string>();

  /** @returns undefined when there are too many */
  numberOf(address: string): number | undefined {
    const known = this.#numbers.get(address);
    if (known !== undefined) return known;
    const number = this.#texts.length;
    if (number >= MOST_ADDRESSES) return undefined;
    this.#numbers.set(address, number);
    this.#texts.push(address);
    const form = formOf(address);
    const same = this.#known.get(form);
    if (same === undefined) this.#known.set(form, form);
    this.#forms.push(same ?? form);
    return number;
  }

  text(number: number): string {
    return this.#texts[number]!;
  }

  /** All that judging looks at in an address by itself: its domain, and what traits see in it. */
  form(address: string): string {
    const number = this.numberOf(address);
    return number === undefined ? formOf(address) : this.#forms[number]!;
  }
}

function formOf(address: string): string {
  return address === '' ? '' : `${senderMarks(address)}@${domainOf(address)}`;
}

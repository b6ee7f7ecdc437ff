import { breath } from '../breath.ts';
import type { Fact, FactField } from '../facts/fact.ts';
import { Addresses } from './addresses.ts';
import type { Organisation } from './decision.ts';
import { type Manner, Manners, OWN_ADDRESSES, OWN_NUMBERS, OWN_TEXTS } from './manner.ts';

/** Messages between which a stop request is heard. */
const BLOCK = 4096;
/** Octets of texts that are remembered; what comes after is read again, each time. */
const MOST_OCTETS = 50_331_648;
const TEXTS = OWN_TEXTS.length;
const ADDRESSES = OWN_ADDRESSES.length;
const NUMBERS = OWN_NUMBERS.length;
const LATIN = /^[\0-\u{ff}]*$/u;

/** One message among those of its manner. */
export interface Message {
  readonly manner: Manner;
  readonly fact: Fact;
}

/** Facts, to be gone through several times. */
export interface FactScan {
  /** Always in the same order. */
  scan(): AsyncIterable<Fact>;
}

/**
 * Reads facts once, and remembers them in little space: a number for all that messages have in common, and their own
 * texts as octets. A bounded number of them; the rest is read again.
 */
export class Ledger {
  readonly #source: FactScan;
  readonly #addresses = new Addresses();
  readonly #manners: Manners;
  readonly #signal: AbortSignal | undefined;
  readonly #blocks: Block[] = [];
  #kept = 0;
  #isWhole = true;

  private constructor(source: FactScan, organisation: Organisation, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#manners = new Manners(organisation, this.#addresses);
    this.#signal = signal;
  }

  /** @param see is shown each message; @param signal is looked at now and then */
  static async read(
    source: FactScan,
    organisation: Organisation,
    see: (message: Message) => Promise<void> | undefined,
    signal?: AbortSignal,
  ): Promise<Ledger> {
    const ledger = new Ledger(source, organisation, signal);
    let block = new Block(ledger.#addresses);
    let octets = 0;
    let seen = 0;
    for await (const fact of source.scan()) {
      if (++seen % BLOCK === 0) await breath(signal);
      const manner = ledger.#manners.of(fact);
      const more = see({ manner, fact });
      if (more) await more;
      if (!ledger.#isWhole) continue;
      if (manner.number === undefined || octets > MOST_OCTETS || !block.add(fact, manner.number)) {
        ledger.#isWhole = false;
        continue;
      }
      ledger.#kept++;
      if (block.size < BLOCK) continue;
      octets += ledger.#keep(block);
      block = new Block(ledger.#addresses);
    }
    ledger.#keep(block);
    return ledger;
  }

  /** All messages, some at a time. */
  async *blocks(): AsyncGenerator<Iterable<Message>> {
    for (const block of this.#blocks) {
      await breath(this.#signal);
      yield block.messages(this.#manners);
    }
    if (this.#isWhole) return;
    let place = 0;
    let some: Message[] = [];
    for await (const fact of this.#source.scan()) {
      if (++place <= this.#kept) continue;
      some.push({ manner: this.#manners.of(fact), fact });
      if (some.length < BLOCK) continue;
      await breath(this.#signal);
      yield some;
      some = [];
    }
    yield some;
  }

  #keep(block: Block): number {
    this.#blocks.push(block);
    return block.close();
  }
}

/** What some messages have of their own. */
class Block {
  size = 0;
  readonly #known: Addresses;
  readonly #manners = new Uint16Array(BLOCK);
  readonly #numbers = new Float64Array(BLOCK * NUMBERS);
  readonly #addresses = new Uint32Array(BLOCK * ADDRESSES);
  readonly #lengths = new Uint16Array(BLOCK * TEXTS);
  #open: string[] = [];
  #texts: Buffer = Buffer.alloc(0);
  #isLatin = true;

  constructor(known: Addresses) {
    this.#known = known;
  }

  /** @returns false: it can't be remembered like this */
  add({ told }: Fact, manner: number): boolean {
    const place = this.size;
    for (let index = 0; index < ADDRESSES; index++) {
      const address = told[OWN_ADDRESSES[index]!];
      if (address === undefined) continue;
      const number = this.#known.numberOf(address);
      if (number === undefined) return false;
      this.#addresses[place * ADDRESSES + index] = number;
    }
    let all = '';
    for (let index = 0; index < TEXTS; index++) {
      const text = told[OWN_TEXTS[index]!];
      if (text === undefined) continue;
      if (text.length > 0xffff) return false;
      all += text;
      this.#lengths[place * TEXTS + index] = text.length;
    }
    for (let index = 0; index < NUMBERS; index++)
      this.#numbers[place * NUMBERS + index] = told[OWN_NUMBERS[index]!] ?? 0;
    this.#manners[place] = manner;
    this.#open.push(all);
    this.size++;
    return true;
  }

  /** @returns octets that it takes from now on */
  close(): number {
    const text = this.#open.join('');
    this.#open = [];
    this.#isLatin = LATIN.test(text);
    this.#texts = Buffer.from(text, this.#isLatin ? 'latin1' : 'utf16le');
    return this.#texts.length;
  }

  *messages(manners: Manners): Generator<Message> {
    let at = 0;
    for (let place = 0; place < this.size; place++) {
      const from = at;
      for (let index = place * TEXTS; index < (place + 1) * TEXTS; index++) at += this.#lengths[index]!;
      yield new KeptMessage(manners.at(this.#manners[place]!), this, place, from);
    }
  }

  /** @param at where the texts of the message begin */
  fact(manner: Fact, place: number, at: number): Fact {
    const told: Record<string, unknown> = { ...manner.told };
    for (let index = 0; index < TEXTS; index++) {
      const name: FactField = OWN_TEXTS[index]!;
      // which of them there are is the same for the manner
      if (told[name] === undefined) continue;
      const end = at + this.#lengths[place * TEXTS + index]!;
      told[name] = this.#isLatin
        ? this.#texts.toString('latin1', at, end)
        : this.#texts.toString('utf16le', 2 * at, 2 * end);
      at = end;
    }
    for (let index = 0; index < ADDRESSES; index++) {
      const name: FactField = OWN_ADDRESSES[index]!;
      if (told[name] !== undefined)
        told[name] = this.#known.text(this.#addresses[place * ADDRESSES + index]!);
    }
    for (let index = 0; index < NUMBERS; index++) {
      const name: FactField = OWN_NUMBERS[index]!;
      if (told[name] !== undefined) told[name] = this.#numbers[place * NUMBERS + index]!;
    }
    return { told, origins: manner.origins, kinds: manner.kinds };
  }
}

class KeptMessage implements Message {
  readonly manner: Manner;
  readonly #block: Block;
  readonly #place: number;
  readonly #at: number;
  #fact: Fact | undefined;

  constructor(manner: Manner, block: Block, place: number, at: number) {
    this.manner = manner;
    this.#block = block;
    this.#place = place;
    this.#at = at;
  }

  /** Made when it is asked for: of most messages their manner says enough. */
  get fact(): Fact {
    return (this.#fact ??= this.#block.fact(this.manner.fact, this.#place, this.#at));
  }
}

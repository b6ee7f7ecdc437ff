import { seeded } from '../support/seeded.ts';
import type { Sample } from './dkim-messages.ts';

/**
 * Messages of every shape that canonicalisation has to do with: octets above 127, long and folded fields, fields that
 * are doubled, empty or oddly written, and bodies that end in blanks and empty lines or are not there at all.
 * The same seed gives the same messages.
 */
export function generatedSamples(count: number, seed: number): Sample[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, i) => new Generator(random).sample(`generated ${seed}/${i}`));
}

const DOMAINS = ['corp.test', 'mail.corp.test', 'xn--bcher-kva.test', 'a.b.c.corp.test', 'localhost'];
const WORDS = [
  'scan',
  'of',
  'the',
  'first',
  'floor',
  'Rechnung',
  'b=',
  'h=from',
  ';',
  ':',
  '=20',
  '"',
  '<>',
  '--',
  '.',
];
const HIGH = ['Gr\u00fc\u00dfe', '\u4f60\u597d', '\ud83d\ude00', '\u202eabc', 'e\u0301'];
const EXTRA = [
  'X-Any',
  'x-mixed-CASE',
  'References',
  'List-Id',
  'Received',
  'Comments',
  'Keywords',
  'Reply-To',
  'CC',
];

class Generator {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  sample(name: string): Sample {
    return { name, head: Buffer.from(this.#head()), body: this.#body() };
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #one<T>(list: readonly T[]): T {
    return list[this.#below(list.length)]!;
  }

  #often(chance: number): boolean {
    return this.#random() < chance;
  }

  #many<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.#below(most + 1) }, make);
  }

  /** Blanks as writers put them: one, several, tabs, folds. */
  #space(): string {
    return this.#one([' ', ' ', ' ', '  ', '\t', ' \t ', '\r\n ', '\r\n\t', ' \r\n  ']);
  }

  #word(): string {
    if (this.#often(0.1)) return this.#one(HIGH);
    if (this.#often(0.05)) return 'x'.repeat(this.#below(800));
    return this.#one(WORDS);
  }

  #text(most: number): string {
    let text = this.#one(WORDS);
    for (const word of this.#many(most, () => this.#word())) {
      // no line of a field is longer than SMTP allows
      const line = text.length - text.lastIndexOf('\n');
      text += (line + word.length > 900 ? '\r\n ' : this.#space()) + word;
    }
    return text + this.#one(['', '', '', ' ', '\t', '  ']);
  }

  #address(): string {
    const address = `${this.#one(['a', 'scan', 'first.last+tag', '"quoted local"'])}@${this.#one(DOMAINS)}`;
    if (this.#often(0.4)) return address;
    return `${this.#one(['Scanner', '"A, B"', '=?utf-8?q?J=C3=B6rg?=', 'J\u00f6rg', '"Folded\r\n name"'])} <${address}>`;
  }

  #field(name: string): string {
    return `${name}:${this.#one([' ', ' ', ' ', '', '\t', '  ', '\r\n '])}${this.#text(12)}\r\n`;
  }

  #head(): string {
    const fields = [
      `From: ${this.#address()}\r\n`,
      `To: ${Array.from({ length: 1 + this.#below(this.#often(0.1) ? 120 : 4) }, () => this.#address()).join(',\r\n\t')}\r\n`,
      this.#field('Subject'),
      'Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n',
      `Message-ID: <${this.#below(1e9)}@corp.test>\r\n`,
      ...this.#many(this.#often(0.1) ? 60 : 6, () => this.#field(this.#one(EXTRA))),
      ...(this.#often(0.5) ? ['MIME-Version: 1.0\r\n', 'Content-Type: text/plain; charset=utf-8\r\n'] : []),
      ...(this.#often(0.1) ? [this.#field('Subject')] : []),
      ...(this.#often(0.1) ? ['Reply-To: \r\n'] : []),
    ];
    // the order is anybody's
    for (let i = fields.length - 1; i > 0; i--) {
      const other = this.#below(i + 1);
      [fields[i], fields[other]] = [fields[other]!, fields[i]!];
    }
    return `${fields.join('')}\r\n`;
  }

  #line(): Buffer {
    const kind = this.#below(10);
    if (kind === 0) return Buffer.alloc(0);
    if (kind === 1) return Buffer.from(this.#one([' ', '\t', '  \t ', '.', '..', '.x ', '-- ']));
    if (kind === 2) return Buffer.from(this.#one(HIGH));
    if (kind === 3) {
      return Buffer.from(Array.from({ length: this.#below(60) }, () => 0x80 + this.#below(0x80)));
    }
    if (kind === 4) return Buffer.from('long '.repeat(this.#below(190)));
    const words = this.#many(12, () => this.#one(WORDS) + this.#one([' ', ' ', '  ', '\t', '']));
    return Buffer.from(words.join(''));
  }

  #body(): Buffer {
    if (this.#often(0.05)) return Buffer.alloc(0);
    const lines = this.#many(this.#often(0.05) ? 400 : 12, () => this.#line());
    const empty = this.#often(0.4) ? this.#many(4, () => Buffer.from(this.#one(['', '', ' ', '\t ']))) : [];
    const last = this.#often(0.1) ? [] : ['\r\n'];
    return Buffer.concat([
      ...[...lines, ...empty].flatMap((line) => [line, Buffer.from('\r\n')]).slice(0, -1),
      ...last.map((end) => Buffer.from(end)),
    ]);
  }
}

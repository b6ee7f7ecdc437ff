import type { SenderLine } from '../inventory/line.ts';
import type { Texts } from './texts.ts';

const DAY = 86_400_000;

/** Numbers and moments as the reader's language writes them. Times are UTC, as the evidence is. */
export class Words {
  readonly texts: Texts;
  readonly #whole: Intl.NumberFormat;
  readonly #share: Intl.NumberFormat;
  readonly #date: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;

  constructor(texts: Texts) {
    this.texts = texts;
    this.#whole = new Intl.NumberFormat(texts.locale, { maximumFractionDigits: 0 });
    this.#share = new Intl.NumberFormat(texts.locale, { style: 'percent', maximumFractionDigits: 0 });
    this.#date = new Intl.DateTimeFormat(texts.locale, { dateStyle: 'long', timeZone: 'UTC' });
    this.#day = new Intl.DateTimeFormat(texts.locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  }

  count = (value: number): string => this.#whole.format(value);

  /** Messages a day: few of them with a decimal. */
  rate = (value: number): string =>
    value === 0 || value >= 10
      ? this.#whole.format(value)
      : value.toLocaleString(this.texts.locale, { maximumFractionDigits: value < 1 ? 2 : 1 });

  /** What a sender is; with a question mark where the evidence leaves it open. */
  kind = ({ class: kind, candidates }: Pick<SenderLine, 'class' | 'candidates'>): string =>
    `${this.texts.classes[kind]}${candidates.length > 1 ? this.texts.perhaps : ''}`;

  percent = (value: number): string => this.#share.format(value);

  date = (at: number): string => this.#date.format(at);

  /** @param day days since 1970 */
  day = (day: number): string => this.#day.format(day * DAY);
}

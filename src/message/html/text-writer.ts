import { BLOCKS } from './allowed.ts';
import { linkTarget } from './link.ts';
import type { Attributes, HtmlSink } from './reader.ts';

const MOST_TEXT = 512 * 1024;

/** Writes the HTML of a mail as text: for terminals, for readers of screens, for what looks for words. */
export class TextWriter implements HtmlSink {
  readonly #output: string[] = [];
  #size = 0;
  /** Line ends that the next text is owed. */
  #breaks = 0;
  #space = false;
  #preformatted = 0;
  /** Links that are open, the innermost last. */
  readonly #links: ({ target: string; text: string } | undefined)[] = [];

  get isFull(): boolean {
    return this.#size > MOST_TEXT;
  }

  get result(): string {
    return this.#output.join('').trim();
  }

  open(name: string, attributes: Attributes): void {
    if (name === 'br') this.#break(this.#breaks === 0 ? 1 : Math.min(this.#breaks + 1, 2));
    else if (name === 'hr') {
      this.#break(1);
      this.#put('----------');
      this.#break(1);
    } else if (name === 'img') {
      const alt = (attributes.get('alt') ?? '').trim();
      if (alt !== '') this.#words(`[${alt.slice(0, 200)}]`);
    } else if (name === 'a') {
      const target = linkTarget(attributes.get('href') ?? '')?.target;
      this.#links.push(target === undefined ? undefined : { target, text: '' });
    } else if (name === 'area') {
      const target = linkTarget(attributes.get('href') ?? '')?.target;
      if (target !== undefined) this.#words(` <${target}>`);
    } else if (name === 'td' || name === 'th') {
      this.#space = true;
    } else if (BLOCKS.has(name)) {
      this.#break(isParagraph(name) ? 2 : 1);
      if (name === 'li') this.#put('- ');
      if (name === 'pre') this.#preformatted++;
    }
  }

  close(name: string): void {
    if (name === 'a') {
      const link = this.#links.pop();
      if (link && link.text.trim() !== link.target) this.#words(` <${link.target}>`);
    } else if (name === 'pre') this.#preformatted--;
    if (BLOCKS.has(name) && name !== 'td' && name !== 'th') this.#break(isParagraph(name) ? 2 : 1);
  }

  text(text: string): void {
    for (const link of this.#links) if (link && link.text.length < 2000) link.text += text.slice(0, 2000);
    if (this.#preformatted > 0) this.#put(text);
    else this.#words(text);
  }

  sheet(): void {}

  #words(text: string): void {
    const words = text.replaceAll(/[ \t\r\n\f]+/g, ' ');
    if (words.startsWith(' ')) this.#space = true;
    // a space that may not break is none of those
    const inner = words.replaceAll(/^ | $/g, '');
    if (inner === '') return;
    this.#put(inner);
    this.#space = words.endsWith(' ');
  }

  #put(text: string): void {
    const before =
      this.#output.length === 0 ? '' : this.#breaks > 0 ? '\n'.repeat(this.#breaks) : this.#space ? ' ' : '';
    this.#output.push(before, text);
    this.#size += before.length + text.length;
    this.#breaks = 0;
    this.#space = false;
  }

  #break(count: number): void {
    this.#breaks = Math.max(this.#breaks, count);
    this.#space = false;
  }
}

function isParagraph(name: string): boolean {
  return /^(?:p|h[1-6]|blockquote|pre|table|ul|ol|dl)$/.test(name);
}

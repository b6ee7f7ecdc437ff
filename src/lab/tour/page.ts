/** How the tour sets its text: 80 columns, nothing wider, colours only where the terminal wants them. */

/** Where the tour is shown. */
export interface Screen {
  /** One line, without its end. */
  line(text: string): void;
  /** Colours, or the text as it is. */
  style(style: 'bold' | 'dim' | 'green' | 'red' | 'cyan' | 'yellow', text: string): string;
  /** Text from outside without what could move a cursor. */
  clean(text: string): string;
  /** Waits for whoever presents; `detail`: between two messages of one step. */
  pause(prompt: string, where: 'step' | 'detail'): Promise<void>;
}

const COLUMNS = 78;
/** Under a label. */
const INDENT = '  ';

/** Columns that a text takes; all its characters are narrow ones. */
function columns(text: string): number {
  return Array.from(text).length;
}

/** Lines of at most `width` columns. Breaks at spaces only; a word that is longer is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/[ \t\n]+/).flatMap((one) => cut(one, width))) {
    if (line === '') line = word;
    else if (columns(line) + 1 + columns(word) <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return line === '' ? lines : [...lines, line];
}

function cut(word: string, width: number): string[] {
  const characters = Array.from(word);
  if (characters.length <= width) return [word];
  const pieces: string[] = [];
  for (let at = 0; at < characters.length; at += width)
    pieces.push(characters.slice(at, at + width).join(''));
  return pieces;
}

export class Page {
  readonly #screen: Screen;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  title(text: string): void {
    for (const line of wrap(text, COLUMNS)) this.#screen.line(this.#screen.style('bold', line));
    this.#screen.line('');
  }

  /** A rule across the page with the step's number and title in it. */
  heading(number: string, title: string): void {
    const text = `━━ ${number} ━━ ${title} `;
    this.#screen.line('');
    this.#screen.line(this.#screen.style('bold', text.padEnd(COLUMNS, '━')));
    this.#screen.line('');
  }

  paragraph(text: string): void {
    for (const line of wrap(text, COLUMNS)) this.#screen.line(line);
    this.#screen.line('');
  }

  /** A paragraph under a label. */
  remark(label: string, texts: readonly string[], style: 'cyan' | 'yellow'): void {
    this.#screen.line(this.#screen.style(style, label));
    for (const text of texts) {
      const bullet = texts.length > 1 ? '• ' : '';
      this.#hanging(INDENT + bullet, text, (line) => line);
    }
    this.#screen.line('');
  }

  /** Numbered, for what is done in this order. */
  numbered(texts: readonly string[]): void {
    for (const [index, text] of texts.entries())
      this.#hanging(`${INDENT}${index + 1}. `, text, (line) => line);
    this.#screen.line('');
  }

  /** Name and value, the values below one another. */
  facts(pairs: readonly (readonly [name: string, value: string])[]): void {
    const width = Math.max(...pairs.map(([name]) => columns(name)));
    for (const [name, value] of pairs) {
      const label = `${INDENT}${name}${' '.repeat(width - columns(name))}  `;
      this.#hanging(label, this.#screen.clean(value), (line) => line, 'dim');
    }
    this.#screen.line('');
  }

  /** A line of a dialogue, of a header, of a command: as it is. */
  quote(mark: string, text: string, style: Parameters<Screen['style']>[0] | 'plain' = 'plain'): void {
    this.#hanging(`${INDENT}${INDENT}${mark} `, this.#screen.clean(text), (line) =>
      style === 'plain' ? line : this.#screen.style(style, line),
    );
  }

  /** A header field, its further lines a little to the right. */
  field(name: string, value: string): void {
    const margin = INDENT + INDENT;
    const [first = '', ...rest] = wrap(`${name} ${this.#screen.clean(value)}`, COLUMNS - margin.length - 2);
    this.#screen.line(margin + this.#screen.style('dim', first));
    for (const line of rest) this.#screen.line(`${margin}  ${this.#screen.style('dim', line)}`);
  }

  /** Who acts, and from where. */
  actor(name: string, whence: string): void {
    const first = `${INDENT}${name} `;
    const lines = wrap(this.#screen.clean(whence), COLUMNS - columns(first));
    for (const [index, line] of lines.entries()) {
      const margin = index === 0 ? this.#screen.style('bold', first) : ' '.repeat(columns(first));
      this.#screen.line(margin + this.#screen.style('dim', line));
    }
  }

  /** Columns under a head, the last one as wide as the page allows. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    const clean = rows.map((row) => row.map((cell) => this.#screen.clean(cell)));
    const widths = head.map((name, column) =>
      Math.max(columns(name), ...clean.map((row) => columns(row[column] ?? ''))),
    );
    const set = (cells: readonly string[]): string =>
      cells
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - columns(cell)))
        .join('  ')
        .trimEnd();
    this.#screen.line(INDENT + this.#screen.style('dim', set(head)));
    for (const row of clean) this.#screen.line(INDENT + set(row));
    this.#screen.line('');
  }

  line(text = ''): void {
    this.#screen.line(text);
  }

  #hanging(first: string, text: string, style: (line: string) => string, labelStyle?: 'dim'): void {
    const indent = ' '.repeat(columns(first));
    const lines = wrap(text, COLUMNS - columns(first));
    const label = labelStyle ? this.#screen.style(labelStyle, first) : first;
    for (const [index, line] of (lines.length > 0 ? lines : ['']).entries())
      this.#screen.line((index === 0 ? label : indent) + style(line));
  }
}

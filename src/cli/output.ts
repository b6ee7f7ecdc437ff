import { styleText } from 'node:util';
import Table from 'cli-table3';

type Style = Parameters<typeof styleText>[0];

/** Writes answers: set for people, or JSON for programs. Colour only on a terminal that wants it (NO_COLOR). */
export class Output {
  readonly json: boolean;
  readonly #out: NodeJS.WriteStream;

  constructor(json: boolean, out: NodeJS.WriteStream = process.stdout) {
    this.json = json;
    this.#out = out;
  }

  /** The answer itself with `--json`; otherwise what `human` writes. */
  answer(value: unknown, human: () => void): void {
    if (this.json) this.#write(JSON.stringify(value ?? {}, undefined, 2));
    else human();
  }

  /** One value a line, for what never ends. */
  record(value: unknown, human: () => string): void {
    this.#write(this.json ? JSON.stringify(value) : human());
  }

  line(text = ''): void {
    this.#write(text);
  }

  done(text: string): void {
    this.#write(`${this.style('green', '✓')} ${text}`);
  }

  note(text: string): void {
    this.#write(`${this.style('yellow', '!')} ${text}`);
  }

  heading(text: string): void {
    this.#write(this.style('bold', text));
  }

  /** Columns under a head; `empty` is said when there are no rows. */
  table(head: string[], rows: string[][], empty: string): void {
    if (rows.length === 0) {
      this.#write(empty);
      return;
    }
    const table = new Table({
      head: head.map((text) => this.style('dim', text)),
      chars: NO_BORDER,
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    });
    table.push(...rows.map((row) => row.map(printable)));
    this.#write(trimLines(table.toString()));
  }

  /** Name and value, a pair a line; absent and empty values are left out. */
  fields(pairs: [name: string, value: string | undefined][]): void {
    const shown = pairs.filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '');
    const width = Math.max(0, ...shown.map(([name]) => name.length));
    for (const [name, value] of shown) {
      const lines = value.split('\n').map(printable);
      this.#write(`${this.style('dim', name.padEnd(width))}  ${lines.join(`\n${' '.repeat(width + 2)}`)}`);
    }
  }

  octets(bytes: Buffer): void {
    this.#out.write(bytes);
  }

  style(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#out });
  }

  #write(text: string): void {
    this.#out.write(`${text}\n`);
  }
}

const NO_BORDER = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

function trimLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/**
 * Text from outside (a subject, a reply of another server) without what moves a cursor, sets colours, or turns the
 * direction of a line: a mail must not be able to draw on an administrator's terminal.
 */
export function printable(text: string): string {
  return text
    .replaceAll('\t', ' ')
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '\ufffd');
}

/** As `printable`, with line ends and tabs kept. */
export function printableText(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.split('\t').map(printable).join('\t'))
    .join('\n');
}

/** `2026-01-31 12:00:05`, in the time zone of the terminal. */
export function when(at: number | undefined): string {
  if (at === undefined) return '';
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `1 source`, `2 sources` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `12.3 kB` */
export function octets(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

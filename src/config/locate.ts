import { parse } from 'smol-toml';

/** @returns the line, from 1, on which the document sets the value at a path; for what it does not set, that of the nearest table around it */
export type Locate = (path: readonly PropertyKey[]) => number | undefined;

/** A value of the document. */
interface Place {
  line: number;
  readonly inner: Map<string, Place>;
  /** Of `[[name]]`, how many there were; the last is the one that counts. */
  elements: number;
}

// sticky, and never failing: what each of them passes over
const BLANKS = /[ \t]*/y;
const SCALAR = /[^,\]}\n#]*/y;
const BARE_KEY = /[^\s.=\]"'#,{}]*/y;
const CLOSING = /\]{0,2}/y;
const BETWEEN = /(?:\s|#[^\n]*)*/y;
const BETWEEN_MEMBERS = /(?:[\s,]|#[^\n]*)*/y;

/** Deeper than any parser goes. */
const MOST_DEPTH = 1000;

/**
 * Where the values of a TOML document stand: parsers keep no positions. The document is known to be valid; what is not
 * gives wrong lines, and no more. Reads it once, in one pass, and asks nothing of it afterwards.
 */
export function locator(text: string): Locate {
  const document = new Reader(text).read();
  return (path) => {
    let place: Place | undefined = document;
    let line: number | undefined;
    for (const part of path) {
      place = place.inner.get(String(part));
      if (!place) break;
      ({ line } = place);
    }
    return line;
  };
}

class Reader {
  readonly #text: string;
  readonly #document: Place = { line: 1, inner: new Map(), elements: 0 };
  #at = 0;
  /** The line of `#at` when it was last asked for, and where that line ends. */
  #line = 1;
  #lineEnd: number;

  constructor(text: string) {
    this.#text = text;
    this.#lineEnd = text.indexOf('\n');
  }

  read(): Place {
    let table = this.#document;
    for (;;) {
      this.#pass(BETWEEN);
      if (this.#at >= this.#text.length) return this.#document;
      const start = this.#at;
      if (this.#text[start] === '[') table = this.#header();
      else this.#assignment(table, 0);
      if (this.#at === start) this.#at++; // only in a document that is not valid
    }
  }

  /** `[name.name]`, or `[[name.name]]`, which is one element more of a list. */
  #header(): Place {
    const line = this.#currentLine();
    const ofList = this.#text.startsWith('[[', this.#at);
    this.#at += ofList ? 2 : 1;
    let place = this.#named(this.#document, this.#names(), line);
    if (ofList) place = this.#inner(place, String(place.elements++), line);
    place.line = line;
    this.#pass(CLOSING);
    return place;
  }

  /** `name.name = value` */
  #assignment(table: Place, depth: number): void {
    const line = this.#currentLine();
    const place = this.#named(table, this.#names(), line);
    if (this.#text[this.#at] !== '=') return;
    this.#at++;
    this.#value(place, depth + 1);
  }

  #value(place: Place, depth: number): void {
    this.#pass(BLANKS);
    if (depth > MOST_DEPTH) this.#at = this.#text.length;
    const first = this.#text[this.#at];
    if (first === '[') this.#list(place, depth);
    else if (first === '{') this.#inlineTable(place, depth);
    else if (first === '"' || first === "'") this.#string(first);
    else this.#pass(SCALAR);
  }

  #list(list: Place, depth: number): void {
    this.#members(']', () => {
      this.#value(this.#inner(list, String(list.elements++), this.#currentLine()), depth + 1);
    });
  }

  #inlineTable(table: Place, depth: number): void {
    this.#members('}', () => this.#assignment(table, depth));
  }

  #members(closing: string, read: () => void): void {
    this.#at++;
    for (;;) {
      this.#pass(BETWEEN_MEMBERS);
      if (this.#at >= this.#text.length) return;
      const start = this.#at;
      if (this.#text[start] === closing) {
        this.#at++;
        return;
      }
      read();
      if (this.#at === start) this.#at++; // only in a document that is not valid
    }
  }

  /** A string of one line, or of several; with escapes in double quotes. */
  #string(quote: string): string {
    const start = this.#at;
    const triple = quote.repeat(3);
    const closing = this.#text.startsWith(triple, start) ? triple : quote;
    this.#at += closing.length;
    while (this.#at < this.#text.length && !this.#text.startsWith(closing, this.#at)) {
      this.#at += quote === '"' && this.#text[this.#at] === '\\' ? 2 : 1;
    }
    this.#at += closing.length;
    // two quotes more may stand before the three that close it
    if (closing === triple) for (let i = 0; i < 2 && this.#text[this.#at] === quote; i++) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  /** A key with its dots. */
  #names(): string[] {
    const names: string[] = [];
    do {
      this.#pass(BLANKS);
      const first = this.#text[this.#at];
      if (first === '"' || first === "'") names.push(unquoted(this.#string(first)));
      else {
        const start = this.#at;
        this.#pass(BARE_KEY);
        names.push(this.#text.slice(start, this.#at));
      }
      this.#pass(BLANKS);
    } while (this.#text[this.#at] === '.' && ++this.#at);
    return names;
  }

  #named(table: Place, names: readonly string[], line: number): Place {
    let place = table;
    for (const name of names) {
      // what a list of tables holds is said of its last one
      if (place.elements > 0) place = this.#inner(place, String(place.elements - 1), line);
      place = this.#inner(place, name, line);
    }
    return place;
  }

  #inner(place: Place, name: string, line: number): Place {
    let inner = place.inner.get(name);
    if (!inner) place.inner.set(name, (inner = { line, inner: new Map(), elements: 0 }));
    return inner;
  }

  #currentLine(): number {
    while (this.#lineEnd !== -1 && this.#lineEnd < this.#at) {
      this.#line++;
      this.#lineEnd = this.#text.indexOf('\n', this.#lineEnd + 1);
    }
    return this.#line;
  }

  #pass(expression: RegExp): void {
    expression.lastIndex = this.#at;
    expression.test(this.#text);
    this.#at = Math.max(this.#at, expression.lastIndex);
  }
}

function unquoted(name: string): string {
  if (!name.includes('\\')) return name.slice(1, -1);
  try {
    return Object.keys(parse(`${name} = 1`))[0] ?? name;
  } catch {
    return name;
  }
}

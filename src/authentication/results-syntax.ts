/** The grammar of RFC 8601 §2.2, read strictly: what it does not allow is no field of results. */

export interface ReadResult {
  /** Lower case, without its version. */
  method: string;
  result: string;
  reason?: string;
  /** `smtp.mailfrom` and so on, lower case, in order. */
  properties: { name: string; value: string }[];
}

export interface ReadResults {
  /** The authserv-id, unquoted. */
  id: string;
  version?: number;
  /** Empty: `none`. */
  results: ReadResult[];
}

const LONGEST = 65_536;
const MOST_RESULTS = 100;
const MOST_DEPTH = 20;

type Lexeme = { kind: 'word' | 'quoted'; text: string } | { kind: ';' | '=' | '.' | '/' | '@' };

/**
 * Reads the value of an Authentication-Results field, or what follows `i=1;` in one of ARC. Undefined when it is
 * not exactly what the grammar allows.
 * @param text unfolded or not.
 */
export function readResults(text: string): ReadResults | undefined {
  if (text.length > LONGEST) return undefined;
  const lexemes = lex(text);
  if (!lexemes) return undefined;
  const reader = new Reader(lexemes);
  const id = reader.name();
  if (id === undefined || id === '') return undefined;
  const read: ReadResults = { id, results: [] };
  const version = reader.word();
  if (version !== undefined) {
    if (!/^[0-9]{1,9}$/.test(version)) return undefined;
    read.version = Number(version);
  }
  while (reader.take(';')) {
    if (reader.done && read.results.length > 0) return read; // many write a last semicolon
    if (read.results.length >= MOST_RESULTS) return undefined;
    const method = reader.word()?.toLowerCase();
    if (method === undefined) return undefined;
    if (method === 'none' && reader.done && read.results.length === 0) return read;
    const result = readResult(method, reader);
    if (!result) return undefined;
    read.results.push(result);
  }
  return reader.done && read.results.length > 0 ? read : undefined;
}

function readResult(method: string, reader: Reader): ReadResult | undefined {
  if (!KEYWORD.test(method)) return undefined;
  if (reader.take('/') && !/^[0-9]+$/.test(reader.word() ?? '')) return undefined;
  const result = reader.take('=') ? reader.word()?.toLowerCase() : undefined;
  if (result === undefined || !KEYWORD.test(result)) return undefined;
  const read: ReadResult = { method, result, properties: [] };
  while (!reader.done && !reader.at(';')) {
    const name = reader.word()?.toLowerCase();
    if (name === undefined) return undefined;
    // a word may hold dots: `header.from`
    const dotted = reader.take('.') ? `${name}.${reader.word()?.toLowerCase() ?? ''}` : name;
    const value = reader.take('=') ? reader.value() : undefined;
    if (value === undefined) return undefined;
    if (dotted === 'reason') read.reason = value;
    else if (!/^[a-z][a-z0-9-]*\.[a-z][a-z0-9_-]*$/.test(dotted)) return undefined;
    else read.properties.push({ name: dotted, value });
  }
  return read;
}

const KEYWORD = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

class Reader {
  readonly #lexemes: Lexeme[];
  #place = 0;

  constructor(lexemes: Lexeme[]) {
    this.#lexemes = lexemes;
  }

  get done(): boolean {
    return this.#place >= this.#lexemes.length;
  }

  at(kind: Lexeme['kind']): boolean {
    return this.#lexemes[this.#place]?.kind === kind;
  }

  take(kind: Lexeme['kind']): boolean {
    if (!this.at(kind)) return false;
    this.#place++;
    return true;
  }

  /** An unquoted word. */
  word(): string | undefined {
    const lexeme = this.#lexemes[this.#place];
    if (lexeme?.kind !== 'word') return undefined;
    this.#place++;
    return lexeme.text;
  }

  /** A token or a quoted string, and nothing else: whose results these are must not depend on the reader. */
  name(): string | undefined {
    const lexeme = this.#lexemes[this.#place];
    if (lexeme?.kind !== 'quoted' && (lexeme?.kind !== 'word' || lexeme.text.includes('?'))) return undefined;
    this.#place++;
    return lexeme.text;
  }

  /**
   * A token, a quoted string, or an address. Real addresses and base64 stand here without the quotes that some of
   * their characters need: those are read up to the next space.
   */
  value(): string | undefined {
    const first = this.#lexemes[this.#place];
    let text: string;
    if (first?.kind === 'word' || first?.kind === 'quoted') {
      text = first.text;
      this.#place++;
    } else if (first?.kind === '@' || first?.kind === '=' || first?.kind === '/') {
      text = '';
    } else return undefined;
    while (this.at('@') || this.at('=') || this.at('/')) {
      text += this.#lexemes[this.#place]!.kind;
      this.#place++;
      text += this.word() ?? '';
    }
    return text;
  }
}

// what RFC 2045 calls a token, the question mark that addresses may hold besides, and octets above 127, which internationalised mail has (RFC 8616 §5)
const WORD = /[A-Za-z0-9!#$%&'*+.^_`{|}~:?\x80-\u{10ffff}-]/u;

/** Undefined: something that the grammar does not know. White space and comments separate, and mean nothing. */
function lex(text: string): Lexeme[] | undefined {
  const lexemes: Lexeme[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at]!;
    if (character === ' ' || character === '\t' || character === '\r' || character === '\n') {
      at++;
    } else if (character === '(') {
      const end = commentEnd(text, at);
      if (end === undefined) return undefined;
      at = end;
    } else if (character === '"') {
      let content = '';
      for (at++; at < text.length && text[at] !== '"'; at++) {
        if (text[at] === '\\') at++;
        content += text[at] ?? '';
      }
      if (text[at] !== '"') return undefined;
      at++;
      lexemes.push({ kind: 'quoted', text: content });
    } else if (character === ';' || character === '=' || character === '/' || character === '@') {
      lexemes.push({ kind: character });
      at++;
    } else if (WORD.test(character)) {
      const start = at;
      while (at < text.length && WORD.test(text[at]!)) at++;
      lexemes.push({ kind: 'word', text: text.slice(start, at) });
    } else {
      return undefined;
    }
  }
  return lexemes;
}

function commentEnd(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '(' && ++depth > MOST_DEPTH) return undefined;
    else if (text[at] === ')' && --depth === 0) return at + 1;
  }
  return undefined;
}

import { setImmediate as turn } from 'node:timers/promises';
import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';
import { BARRIERS, ELEMENTS, FOREIGN, IMPLIED_ENDS, LEFT_OUT, TABLE_PARTS, VOID } from './allowed.ts';
import type { HtmlFindings } from './findings.ts';

/** Characters of HTML that are looked at; newsletters have a tenth of it. */
const MOST_HTML = 1024 * 1024;
const MOST_DEPTH = 100;
const MOST_ATTRIBUTES = 50;
/** Characters after which others get their turn. */
const SHARE = 64 * 1024;
const EMBEDDING = new Set('applet audio canvas embed frame iframe object portal video'.split(' '));
const REMOTE_STYLE = /url\s*\(|@import|image-set\s*\(/i;

export type Attributes = ReadonlyMap<string, string>;

/** Takes the elements and texts of which a mail may consist, well nested, in their order. */
export interface HtmlSink {
  open(name: string, attributes: Attributes): void;
  close(name: string): void;
  text(text: string): void;
  /** The content of a style element. */
  sheet(text: string): void;
  /** It takes no more. */
  readonly isFull: boolean;
}

/**
 * Reads the HTML of a mail in one pass and in time that grows with its length, whatever is in it, and hands on what is
 * on the list of `allowed.ts`. No tree is made: what follows it can be sure of names and of nesting, and of nothing in
 * attributes and texts.
 */
export async function readHtml(html: string, sink: HtmlSink, findings: HtmlFindings): Promise<void> {
  if (html.length > MOST_HTML) findings.cut = true;
  const reader = new HtmlReader(html.slice(0, MOST_HTML), sink, findings);
  while (reader.read()) await turn();
}

class HtmlReader implements TokenizerCallbacks {
  readonly #html: string;
  readonly #sink: HtmlSink;
  readonly #findings: HtmlFindings;
  readonly #tokenizer: Tokenizer;
  readonly #stack: string[] = [];
  #begun = false;
  #pausedAt = 0;
  /** The element that is left out, and how many of its name are open. */
  #leftOut: { name: string; open: number } | undefined;
  #sheet: string[] | undefined;
  #name = '';
  #attributes = new Map<string, string>();
  #attribute = '';
  #value: string[] = [];

  constructor(html: string, sink: HtmlSink, findings: HtmlFindings) {
    this.#html = html;
    this.#sink = sink;
    this.#findings = findings;
    this.#tokenizer = new Tokenizer({ decodeEntities: true }, this);
  }

  /** Reads a share of it; answers whether there is more. */
  read(): boolean {
    if (this.#begun) this.#tokenizer.resume();
    else {
      this.#begun = true;
      this.#tokenizer.write(this.#html);
    }
    if (!this.#tokenizer.running && !this.#sink.isFull) return true;
    if (this.#sink.isFull) this.#findings.cut = true;
    else this.#tokenizer.end();
    while (this.#stack.length > 0) this.#pop();
    return false;
  }

  onopentagname(start: number, end: number): void {
    this.#name = this.#html.slice(start, end).toLowerCase();
    this.#attributes = new Map();
    this.#rest(end);
  }

  onattribname(start: number, end: number): void {
    this.#attribute = this.#html.slice(start, end).toLowerCase();
    this.#value = [];
  }

  onattribdata(start: number, end: number): void {
    this.#value.push(this.#html.slice(start, end));
  }

  onattribentity(codePoint: number): void {
    this.#value.push(String.fromCodePoint(codePoint));
  }

  onattribend(): void {
    // the first of a name counts (HTML §13.2.5.33)
    if (this.#attributes.size >= MOST_ATTRIBUTES || this.#attributes.has(this.#attribute)) return;
    this.#attributes.set(this.#attribute, this.#value.join(''));
  }

  onopentagend(end: number): void {
    this.#start(false);
    this.#rest(end);
  }

  onselfclosingtag(end: number): void {
    this.#start(true);
    this.#rest(end);
  }

  onclosetag(start: number, end: number): void {
    const name = this.#html.slice(start, end).toLowerCase();
    if (this.#leftOut) this.#endLeftOut(name);
    else if (name === 'body') this.#end('div');
    else if (name === 'br') this.#element('br', new Map());
    else if (ELEMENTS.has(name) && !VOID.has(name)) this.#end(name);
    this.#rest(end);
  }

  ontext(start: number, end: number): void {
    this.#text(this.#html.slice(start, end));
    this.#rest(end);
  }

  ontextentity(codePoint: number): void {
    this.#text(String.fromCodePoint(codePoint));
  }

  /** In HTML such a section ends with its first `>` (§13.2.5.42), and what follows is there to be read. */
  oncdata(start: number, end: number): void {
    const first = this.#html.indexOf('>', start);
    if (first >= 0 && first < end) this.#text(this.#html.slice(first + 1, end));
  }

  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}

  /** Lets others have their turn after a share, and ends when nothing more is taken. */
  #rest(at: number): void {
    if (at - this.#pausedAt < SHARE && !this.#sink.isFull) return;
    this.#pausedAt = at;
    this.#tokenizer.pause();
  }

  #text(text: string): void {
    if (this.#sheet) this.#sheet.push(text);
    else if (!this.#leftOut) this.#sink.text(text);
  }

  #start(closesItself: boolean): void {
    const name = this.#name;
    const attributes = this.#attributes;
    if (this.#leftOut) {
      if (name === this.#leftOut.name) this.#leftOut.open++;
      return;
    }
    this.#count(name, attributes);
    if (LEFT_OUT.has(name)) {
      if (closesItself && FOREIGN.has(name)) return;
      this.#leftOut = { name, open: 1 };
      if (name === 'style') this.#sheet = [];
      return;
    }
    // colours of the whole are what its texts were made for
    if (name === 'body') this.#element('div', bodyAttributes(attributes));
    else if (ELEMENTS.has(name)) this.#element(name, attributes);
  }

  #endLeftOut(name: string): void {
    if (name !== this.#leftOut?.name || --this.#leftOut.open > 0) return;
    if (this.#sheet) this.#sink.sheet(this.#sheet.join(''));
    this.#sheet = undefined;
    this.#leftOut = undefined;
  }

  #element(name: string, attributes: Attributes): void {
    const implied = IMPLIED_ENDS.get(name);
    if (implied) this.#endImplied(implied);
    if (VOID.has(name)) {
      this.#sink.open(name, attributes);
      return;
    }
    // where a link leads is told however deep it lies; one ends another, so that there is one more at most
    if (this.#stack.length >= MOST_DEPTH && name !== 'a') {
      this.#findings.tooDeep = true;
      return;
    }
    this.#stack.push(name);
    this.#sink.open(name, attributes);
  }

  #endImplied({ ends, within }: { ends: ReadonlySet<string>; within: ReadonlySet<string> }): void {
    for (let at = this.#stack.length - 1; at >= 0; at--) {
      const name = this.#stack[at]!;
      if (ends.has(name)) {
        while (this.#stack.length > at) this.#pop();
      } else if (within.has(name)) return;
    }
  }

  #end(name: string): void {
    for (let at = this.#stack.length - 1; at >= 0; at--) {
      const open = this.#stack[at]!;
      if (open === name) {
        while (this.#stack.length > at) this.#pop();
        return;
      }
      if (open === 'table' || (BARRIERS.has(open) && !TABLE_PARTS.has(name))) return;
    }
  }

  #pop(): void {
    this.#sink.close(this.#stack.pop()!);
  }

  #count(name: string, attributes: Attributes): void {
    const findings = this.#findings;
    for (const attribute of attributes.keys()) if (attribute.startsWith('on')) findings.scripts++;
    if (name === 'script') findings.scripts++;
    else if (EMBEDDING.has(name)) findings.embedded++;
    else if (name === 'form') findings.forms++;
    else if (name === 'input' && attributes.get('type')?.trim().toLowerCase() === 'password')
      findings.passwordFields++;
    else if (name === 'meta' && attributes.get('http-equiv')?.trim().toLowerCase() === 'refresh')
      findings.redirects++;
    else if (name === 'link' && attributes.has('href')) findings.remoteStyles++;
    if (attributes.has('background')) findings.remoteStyles++;
    if (REMOTE_STYLE.test(attributes.get('style') ?? '')) findings.remoteStyles++;
  }
}

function bodyAttributes(attributes: Attributes): Attributes {
  const style = [
    attributes.has('bgcolor') ? `background-color:${attributes.get('bgcolor')}` : '',
    attributes.has('text') ? `color:${attributes.get('text')}` : '',
    attributes.get('style') ?? '',
  ];
  return new Map([...attributes, ['style', style.filter(Boolean).join(';')]]);
}

/**
 * Brings a body into lines of at most 998 octets (RFC 5322 §2.1.1) without NUL, bare CR and bare LF, and without
 * changing what any reader decodes from it: text gets quoted-printable, other octets base64 where they are
 * binary (RFC 3030 §3), base64 and quoted-printable get shorter lines. Works on a stream with bounded memory.
 * What can't be repaired without doubt (signed parts, attached messages, unclear structure) fails.
 */
import type { RefusalCode } from '../refusals.ts';
import type { Traits } from './content.ts';
import { HeadEditor, HeaderIndex } from './headers.ts';
import { LineRewriter, type LineMode } from './line-rewriter.ts';
import { bodyForm, type BodyForm } from './mime-type.ts';
import { BodyScanner, mergeTraits, type BodyTraits } from './scan.ts';

export const LONGEST_LINE = 998;
const MOST_PART_HEAD = 65_536;
const MOST_DEPTH = 20;
const CRLF = Buffer.from('\r\n');
const EMPTY = Buffer.alloc(0);

/** What is known of a body before it is repaired. */
export interface BodyFacts {
  /** It came as octets, not as lines: what it decodes to is kept to the last octet. */
  binary: boolean;
  /** Some octet is above 127. */
  eightBit: boolean;
}

type Encoding = '7bit' | '8bit' | 'quoted-printable' | 'base64';

/** How the lines of a body or part are treated, and what its encoding is called afterwards if that changes. */
export function treatment(
  { type, encoding }: BodyForm,
  { binary, eightBit }: BodyFacts,
): { mode: LineMode; encoding?: Encoding } {
  // RFC 2045 §6.4: no encoding on composite types; and what is inside must stay as its author signed it
  if (type.startsWith('multipart/') || type.startsWith('message/')) {
    // §6.2: nothing that has passed here is binary any more
    return encoding === 'binary' ? { mode: 'keep', encoding: eightBit ? '8bit' : '7bit' } : { mode: 'keep' };
  }
  if (encoding === 'base64') return { mode: 'rewrap-base64' };
  if (encoding === 'quoted-printable') return { mode: 'rewrap-quoted' };
  if (!['7bit', '8bit', 'binary'].includes(encoding)) return { mode: 'keep' };
  if (type.startsWith('text/')) return { mode: 'quote-text', encoding: 'quoted-printable' };
  return binary
    ? { mode: 'encode-base64', encoding: 'base64' }
    : { mode: 'quote-octets', encoding: 'quoted-printable' };
}

/** Replaces or adds the field that names the encoding. */
export function declareEncoding(index: HeaderIndex, editor: HeadEditor, encoding: Encoding): void {
  const declared = `Content-Transfer-Encoding: ${encoding}\r\n`;
  const field = index.first('content-transfer-encoding');
  if (field) editor.replace(field, declared);
  else editor.addBottom(declared);
}

interface Level {
  delimiter: Buffer;
  /** Type of a part that names none: RFC 2046 §5.1.5. */
  defaultType: string;
}

export class BodyRepair {
  readonly #facts: BodyFacts;
  /** The code of every failure. */
  readonly #code: RefusalCode;
  readonly #headTraits: Traits;
  readonly #scanner = new BodyScanner();
  readonly #lines = new LineRewriter();
  #levels: Level[] = [];
  #partHead: Buffer[] | undefined;
  #partHeadSize = 0;
  #pending: Buffer = EMPTY;
  /** A piece of the line in progress has already been passed on: it is too long to be a delimiter. */
  #midLine = false;
  /** Set when the body can't be repaired; what was written so far is to be thrown away. */
  failure: RefusalCode | undefined;

  /**
   * @param form what the head says of the body; undefined when that is not clear. `'line-end'`: the body is
   * right but for its missing last line end.
   * @param headTraits of the head that will stand before the body
   */
  constructor(
    form: BodyForm | 'line-end' | undefined,
    headTraits: Traits,
    facts: BodyFacts = { binary: false, eightBit: true },
  ) {
    this.#facts = facts;
    this.#code = facts.binary ? 'M610' : 'M604';
    this.#headTraits = headTraits;
    if (form !== 'line-end') this.#enter(form);
  }

  /** Repaired octets, possibly none yet. */
  feed(chunk: Buffer): Buffer {
    if (this.failure !== undefined) return EMPTY;
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let end = rest.indexOf(CRLF);
    let from = 0;
    while (end !== -1) {
      this.#line(rest.subarray(from, end), true);
      from = end + 2;
      end = rest.indexOf(CRLF, from);
    }
    rest = rest.subarray(from);
    // a line this long is no delimiter any more; its last octet may be the CR of a line end
    if (rest.length > LONGEST_LINE + 2) {
      this.#line(rest.subarray(0, -1), false);
      rest = rest.subarray(-1);
    }
    this.#pending = Buffer.from(rest);
    return this.#take();
  }

  /** The last octets; a missing line end is added, in such a way that binary content does not get one. */
  finish(): Buffer {
    if (this.failure !== undefined) return EMPTY;
    if (this.#pending.length > 0 || this.#midLine) this.#line(this.#pending, !this.#facts.binary, true);
    this.#pending = EMPTY;
    for (const line of this.#partHead ?? []) this.#lines.raw(line);
    this.#lines.finish();
    const octets = this.#take();
    // what was kept (signed parts, preambles, heads) may hold what no line can
    const { bareLineEnds, nul } = this.#scanner.traits;
    if (bareLineEnds || nul) this.failure ??= 'M610';
    return this.failure === undefined ? octets : EMPTY;
  }

  /** Of the repaired body, after `finish`. */
  get bodyTraits(): BodyTraits {
    return this.#scanner.traits;
  }

  /** Of the whole message, after `finish`. */
  get traits(): Traits {
    return mergeTraits(this.#headTraits, this.#scanner.traits);
  }

  #take(): Buffer {
    if (this.#lines.tooLong) this.failure = this.#code;
    const octets = this.#lines.take();
    if (this.failure !== undefined) return EMPTY;
    this.#scanner.feed(octets);
    return octets;
  }

  /** @param last nothing follows, whether the line has ended or not */
  #line(line: Buffer, ended: boolean, last = false): void {
    const begins = !this.#midLine;
    const whole = (ended || last) && begins;
    this.#midLine = !ended;
    if (begins && this.#delimiter(line)) return;
    if (this.#partHead === undefined) {
      this.#lines.write(line, ended);
      return;
    }
    this.#partHeadSize += line.length + 2;
    // a head of a part is not folded here: its parameters (file names) are read by position by too many
    if (!whole || line.length > LONGEST_LINE || this.#partHeadSize > MOST_PART_HEAD) {
      this.failure = this.#code;
      return;
    }
    this.#partHead.push(line, CRLF);
    if (line.length === 0) this.#startPart(Buffer.concat(this.#partHead));
  }

  /** RFC 2046 §5.1.1: a delimiter line, of this level or of one above it, ends the part. */
  #delimiter(line: Buffer): boolean {
    if (line[0] !== 45 || line[1] !== 45 || this.#levels.length === 0) return false;
    let doubt = false;
    for (let level = this.#levels.length - 1; level >= 0; level--) {
      const { delimiter } = this.#levels[level]!;
      if (!line.subarray(0, delimiter.length).equals(delimiter)) continue;
      const rest = line.toString('latin1', delimiter.length).trimEnd();
      if ((rest !== '' && rest !== '--') || line.length > LONGEST_LINE) {
        doubt = true;
        continue;
      }
      // a part that had no empty line is passed on as it is
      for (const octets of this.#partHead ?? []) this.#lines.raw(octets);
      this.#lines.lastBreak();
      this.#lines.raw(line);
      this.#lines.raw(CRLF);
      this.#lines.mode = 'keep';
      this.#levels.length = rest === '--' ? level : level + 1;
      this.#partHead = rest === '--' ? undefined : [];
      this.#partHeadSize = 0;
      return true;
    }
    // some programs take whatever begins like a delimiter for one
    if (doubt) this.failure = this.#code;
    return doubt;
  }

  #startPart(head: Buffer): void {
    this.#partHead = undefined;
    const index = new HeaderIndex(head, { headerBytes: MOST_PART_HEAD, headerFields: 1000 });
    const level = this.#levels.at(-1);
    const form = index.fault ? undefined : bodyForm(index, level?.defaultType);
    const editor = new HeadEditor(index);
    const encoding = this.#enter(form);
    if (encoding !== undefined) declareEncoding(index, editor, encoding);
    this.#lines.raw(editor.build());
  }

  /** Prepares for a body of this form; answers the name of its encoding if that changes. */
  #enter(form: BodyForm | undefined): Encoding | undefined {
    this.#lines.mode = 'keep';
    if (!form) return undefined;
    const { type, boundary } = form;
    const { mode, encoding } = treatment(form, this.#facts);
    this.#lines.mode = mode;
    // RFC 1847: not one octet of what is signed or encrypted may change
    const sealed = type === 'multipart/signed' || type === 'multipart/encrypted';
    if (boundary !== undefined && !sealed && this.#levels.length < MOST_DEPTH) {
      this.#levels.push({
        delimiter: Buffer.from(`--${boundary}`, 'latin1'),
        defaultType: type === 'multipart/digest' ? 'message/rfc822' : 'text/plain',
      });
    }
    return encoding;
  }
}

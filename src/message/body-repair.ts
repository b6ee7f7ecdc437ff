/**
 * Brings the lines of a body under 998 octets (RFC 5322 §2.1.1) without changing what any reader decodes from
 * it: text gets quoted-printable, base64 and quoted-printable get shorter lines. Works on a stream with bounded
 * memory. What can't be repaired without doubt (signed parts, attached messages, unclear structure) fails.
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
const ENCODED = 'Content-Transfer-Encoding: quoted-printable\r\n';

/** How the lines of a leaf are treated, and what its encoding is called afterwards. */
export function leafMode({ type, encoding }: BodyForm): { mode: LineMode; reencoded: boolean } {
  // RFC 2045 §6.4: no encoding on composite types; and what is inside must stay as its author signed it
  if (type.startsWith('multipart/') || type.startsWith('message/')) return { mode: 'keep', reencoded: false };
  if (encoding === 'base64') return { mode: 'rewrap-base64', reencoded: false };
  if (encoding === 'quoted-printable') return { mode: 'rewrap-quoted', reencoded: false };
  if (!['7bit', '8bit', 'binary'].includes(encoding)) return { mode: 'keep', reencoded: false };
  return { mode: type.startsWith('text/') ? 'quote-text' : 'quote-octets', reencoded: true };
}

/** Replaces or adds the field that names the encoding. */
export function declareQuotedPrintable(index: HeaderIndex, editor: HeadEditor): void {
  const field = index.first('content-transfer-encoding');
  if (field) editor.replace(field, ENCODED);
  else editor.addBottom(ENCODED);
}

interface Level {
  delimiter: Buffer;
  /** Type of a part that names none: RFC 2046 §5.1.5. */
  defaultType: string;
}

export class BodyRepair {
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
  constructor(form: BodyForm | 'line-end' | undefined, headTraits: Traits) {
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

  /** The last octets; a missing line end is added. */
  finish(): Buffer {
    if (this.failure !== undefined) return EMPTY;
    if (this.#pending.length > 0 || this.#midLine) this.#line(this.#pending, true);
    this.#pending = EMPTY;
    for (const line of this.#partHead ?? []) this.#lines.raw(line);
    this.#lines.lastBreak();
    return this.#take();
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
    if (this.#lines.tooLong) this.failure = 'M604';
    const octets = this.#lines.take();
    if (this.failure !== undefined) return EMPTY;
    this.#scanner.feed(octets);
    return octets;
  }

  #line(line: Buffer, ended: boolean): void {
    const whole = ended && !this.#midLine;
    this.#midLine = !ended;
    if (whole && this.#delimiter(line)) return;
    if (this.#partHead === undefined) {
      this.#lines.write(line, ended);
      return;
    }
    this.#partHeadSize += line.length + 2;
    // a head of a part is not folded here: its parameters (file names) are read by position by too many
    if (!whole || line.length > LONGEST_LINE || this.#partHeadSize > MOST_PART_HEAD) {
      this.failure = 'M604';
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
      if (rest !== '' && rest !== '--') {
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
    if (doubt) this.failure = 'M604';
    return doubt;
  }

  #startPart(head: Buffer): void {
    this.#partHead = undefined;
    const index = new HeaderIndex(head, { headerBytes: MOST_PART_HEAD, headerFields: 1000 });
    const level = this.#levels.at(-1);
    const form = index.fault ? undefined : bodyForm(index, level?.defaultType);
    const editor = new HeadEditor(index);
    if (this.#enter(form)) declareQuotedPrintable(index, editor);
    this.#lines.raw(editor.build());
  }

  /** Prepares for a body of this form; true when its encoding becomes quoted-printable. */
  #enter(form: BodyForm | undefined): boolean {
    this.#lines.mode = 'keep';
    if (!form) return false;
    const { type, boundary } = form;
    // RFC 1847: not one octet of what is signed or encrypted may change
    const sealed = type === 'multipart/signed' || type === 'multipart/encrypted';
    if (boundary !== undefined && !sealed) {
      if (this.#levels.length === MOST_DEPTH) return false;
      this.#levels.push({
        delimiter: Buffer.from(`--${boundary}`, 'latin1'),
        defaultType: type === 'multipart/digest' ? 'message/rfc822' : 'text/plain',
      });
      return false;
    }
    const { mode, reencoded } = leafMode(form);
    this.#lines.mode = mode;
    return reencoded;
  }
}

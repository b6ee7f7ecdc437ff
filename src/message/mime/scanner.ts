import { decodeWords } from '../encoded-word.ts';
import { type MimeField, fieldValue, firstValue, isEmptyLine, readFields } from './fields.ts';
import { MIME_LIMITS, type MimeLimits } from './limits.ts';
import { isOtherFile, type Parameterized, readParameterized } from './parameters.ts';
import type { MimeNoticeCode, MimePart, MimeTree } from './part.ts';

const LF = 10;
const CR = 13;
const DASH = 45;
const SPACE = 32;
const TAB = 9;
const LINE_MARK = Buffer.from('\n--');
/** RFC 2046 §5.1.1: a boundary has at most 70 characters; white space may follow it on its line. */
const MOST_DELIMITER = 1000;
/** Octets after the last part that are not worth a word: empty lines. */
const MOST_EPILOGUE = 8;
const MOST_NOTICES = 200;
const UNENCODED = new Set(['', '7bit', '8bit', 'binary']);
const ENCODINGS = new Set([...UNENCODED, 'base64', 'quoted-printable']);
/** RFC 6838 §4.2: nothing else comes into lists that people read. */
const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/;
const ONCE = ['content-type', 'content-transfer-encoding', 'content-disposition'];

/** A part that may hold others: until a delimiter of its own, or of one further out, all that comes is in it. */
interface Level {
  part: MimePart;
  /** `--boundary`; undefined for an attached message, which ends with what it lies in. */
  delimiter: string | undefined;
  /** Where its last delimiter ended; undefined while it has not come. */
  endedAt: number | undefined;
}

/**
 * Finds the parts of a message (RFC 2046 §5.1) while it goes by: piece by piece, in one pass, holding header sections
 * only. Works on what arrives as well as on what is kept, and never throws on what it is given.
 */
export class MimeScanner {
  readonly #limits: MimeLimits;
  readonly #root: MimePart;
  readonly #levels: Level[] = [];
  readonly #notices = new Map<string, { code: MimeNoticeCode; part: string }>();
  /** The part whose head or content is being read; undefined between parts. */
  #current: MimePart | undefined;
  #inHead = true;
  #head: Buffer[] = [];
  #headSize = 0;
  #allHeads = 0;
  #parts = 1;
  /** A line whose end has not come: of a head, or one in a body that begins as a delimiter does. */
  #line: Buffer[] | undefined = [];
  #lineSize = 0;
  #lineStart = 0;
  /** Octets of the line end before the line: they belong to a delimiter, not to the part. */
  #breakSize = 0;
  /** How much of `LF--` the octets before have matched. */
  #matched = 0;
  #last = 0;
  /** Octets seen. */
  #length = 0;
  #stopped = false;

  constructor(limits: Partial<MimeLimits> = {}) {
    this.#limits = { ...MIME_LIMITS, ...limits };
    this.#root = newPart('1', 0);
    this.#current = this.#root;
  }

  feed(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.#stopped; ) {
      at = this.#line ? this.#readLine(chunk, at) : this.#skip(chunk, at);
    }
    this.#length += chunk.length;
    if (chunk.length > 0) this.#last = chunk.at(-1)!;
  }

  /** The message is complete. */
  finish(): MimeTree {
    if (!this.#stopped && this.#line && this.#lineSize > 0)
      this.#lineDone(Buffer.concat(this.#line), this.#length);
    // an attached message whose head ends here begins one more head
    while (!this.#stopped && this.#inHead) this.#headDone(this.#length);
    if (!this.#stopped) for (const level of this.#levels) this.#left(level, this.#length);
    close(this.#root, this.#length);
    return { root: this.#root, length: this.#length, notices: [...this.#notices.values()] };
  }

  #readLine(chunk: Buffer, at: number): number {
    const found = chunk.indexOf(LF, at);
    const end = found < 0 ? chunk.length : found + 1;
    const most = this.#inHead ? this.#limits.headBytes : MOST_DELIMITER;
    // what is too long is no delimiter, and of a head no more than its bound is kept
    if (this.#lineSize + end - at <= most) this.#line?.push(chunk.subarray(at, end));
    else if (!this.#inHead) {
      this.#line = undefined;
      this.#matched = 0;
      return at;
    } else this.#tooLargeHead();
    this.#lineSize += end - at;
    if (found >= 0) this.#lineDone(Buffer.concat(this.#line ?? []), this.#length + end);
    return end;
  }

  #lineDone(line: Buffer, end: number): void {
    const breakSize = line.at(-2) === CR ? 2 : 1;
    if (line[0] === DASH && line[1] === DASH && this.#takeDelimiter(line, end)) {
      this.#breakSize = breakSize;
      return;
    }
    if (!this.#inHead) {
      this.#line = undefined;
      this.#matched = 1;
    } else if (isEmptyLine(line) && this.#lineSize === line.length) {
      this.#headDone(end);
    } else {
      this.#addToHead(line);
      this.#beginLine(end);
    }
    this.#breakSize = breakSize;
  }

  #beginLine(start: number): void {
    this.#line = [];
    this.#lineSize = 0;
    this.#lineStart = start;
  }

  #addToHead(line: Buffer): void {
    this.#headSize += line.length;
    this.#allHeads += line.length;
    if (this.#headSize > this.#limits.headBytes) this.#tooLargeHead();
    else this.#head.push(line);
    if (this.#allHeads <= this.#limits.allHeadBytes) return;
    // what is left of this head must not pass for content
    if (this.#current) this.#describe(this.#current, this.#lineStart + line.length);
    this.#stop('too-large-head');
  }

  #tooLargeHead(): void {
    if (this.#current) this.#notice('too-large-head', this.#current);
  }

  /** Passes over content until a line begins with two hyphens. */
  #skip(chunk: Buffer, from: number): number {
    let at = from;
    while (this.#matched > 0 && at < chunk.length) {
      const octet = chunk[at]!;
      if (octet === DASH) {
        at++;
        if (++this.#matched === 3) return this.#beginCandidate(this.#length + at - 2, at);
      } else if (octet === LF) {
        this.#matched = 1;
        this.#breakSize = (at > 0 ? chunk[at - 1] : this.#last) === CR ? 2 : 1;
        at++;
      } else this.#matched = 0;
    }
    if (at >= chunk.length) return at;
    const found = chunk.indexOf(LINE_MARK, at);
    const lineEnd = found >= 0 ? found : chunk.at(-1) === LF ? chunk.length - 1 : chunk.length - 2;
    this.#breakSize = (lineEnd > 0 ? chunk[lineEnd - 1] : this.#last) === CR ? 2 : 1;
    if (found >= 0) return this.#beginCandidate(this.#length + found + 1, found + 3);
    if (chunk.at(-1) === LF) this.#matched = 1;
    else if (chunk.length - at >= 2 && chunk.at(-2) === LF && chunk.at(-1) === DASH) this.#matched = 2;
    return chunk.length;
  }

  #beginCandidate(start: number, next: number): number {
    this.#beginLine(start);
    this.#line?.push(LINE_MARK.subarray(1));
    this.#lineSize = 2;
    this.#matched = 0;
    return next;
  }

  /** RFC 2046 §5.1.2: a delimiter of a part further out ends all that is in it. */
  #takeDelimiter(line: Buffer, end: number): boolean {
    if (line.length > MOST_DELIMITER || this.#levels.length === 0) return false;
    const text = line.toString('latin1', 0, withoutPadding(line));
    let near: MimePart | undefined;
    for (let index = this.#levels.length - 1; index >= 0; index--) {
      const level = this.#levels[index]!;
      const { delimiter } = level;
      if (delimiter === undefined || level.endedAt !== undefined || !text.startsWith(delimiter)) continue;
      const isLast = text === `${delimiter}--`;
      if (!isLast && text !== delimiter) {
        near ??= level.part;
        continue;
      }
      this.#delimiterOf(index, isLast, end);
      return true;
    }
    // RFC 2046 §5.1.1 lets readers be content with how a line begins, and some are
    if (near) this.#notice('unclear-delimiter', near);
    return false;
  }

  #delimiterOf(index: number, isLast: boolean, end: number): void {
    const level = this.#levels[index]!;
    const before = Math.max(this.#lineStart - this.#breakSize, 0);
    if (this.#inHead && this.#current) this.#headCut(this.#current, this.#lineStart);
    for (const inner of this.#levels.slice(index + 1)) this.#left(inner, before);
    const [last] = level.part.children.slice(-1);
    if (last) close(last, before);
    this.#levels.length = index + 1;
    this.#inHead = false;
    this.#current = undefined;
    if (isLast) {
      level.endedAt = end;
      this.#line = undefined;
      this.#matched = 1;
      return;
    }
    this.#beginPart(level.part, end);
  }

  /** Nothing more can come into this part. */
  #left({ part, delimiter, endedAt }: Level, end: number): void {
    if (delimiter === undefined) return;
    if (endedAt === undefined) this.#notice('missing-end', part);
    else if (end - endedAt > MOST_EPILOGUE) this.#notice('text-after-end', part);
  }

  #beginPart(parent: MimePart, start: number): void {
    if (++this.#parts > this.#limits.parts) {
      this.#stop('too-many-parts');
      return;
    }
    const part = newPart(`${parent.number}.${parent.children.length + 1}`, start);
    parent.children.push(part);
    this.#current = part;
    this.#inHead = true;
    this.#head = [];
    this.#headSize = 0;
    this.#beginLine(start);
  }

  /** A delimiter came where the empty line was to come. */
  #headCut(part: MimePart, end: number): void {
    this.#describe(part, end);
    part.body.end = end;
  }

  #headDone(end: number): void {
    const part = this.#current ?? this.#root;
    this.#inHead = false;
    this.#line = undefined;
    this.#matched = 1;
    this.#describe(part, end);
    if (part.type.startsWith('multipart/')) this.#enterMultipart(part);
    else if (part.type === 'message/rfc822' || part.type === 'message/global') this.#enterMessage(part, end);
    else if (part.type === 'message/external-body') this.#notice('external-body', part);
  }

  #enterMultipart(part: MimePart): void {
    const boundary = Buffer.from(part.parameters.get('boundary') ?? '');
    const length = withoutPadding(boundary);
    // `--` alone is how signatures and rulers begin
    if (length === 0) this.#notice('no-boundary', part);
    else if (this.#levels.length >= this.#limits.depth) this.#notice('too-deep', part);
    else {
      // RFC 2045 §6.4 forbids it, and some readers decode it all the same
      if (!UNENCODED.has(part.encoding)) this.#notice('encoded-multipart', part);
      const delimiter = `--${boundary.toString('latin1', 0, length)}`;
      if (this.#levels.some((level) => isTakenFor(level.delimiter, delimiter)))
        this.#notice('reused-boundary', part);
      this.#levels.push({ part, delimiter, endedAt: undefined });
      this.#current = undefined;
    }
  }

  #enterMessage(part: MimePart, end: number): void {
    if (!UNENCODED.has(part.encoding)) this.#notice('encoded-message', part);
    else if (this.#levels.length >= this.#limits.depth) this.#notice('too-deep', part);
    else {
      this.#levels.push({ part, delimiter: undefined, endedAt: undefined });
      this.#beginPart(part, end);
    }
  }

  /** Fills in what the head says. */
  #describe(part: MimePart, end: number): void {
    const { fields, broken, more } = readFields(Buffer.concat(this.#head), this.#limits.fields);
    this.#head = [];
    part.fields = fields;
    part.head.end = end;
    part.body.start = end;
    if (broken) this.#notice('broken-head', part);
    if (more) this.#notice('too-many-fields', part);
    if (ONCE.some((key) => fields.filter((field) => field.key === key).length > 1)) {
      this.#notice('repeated-field', part);
    }
    const type = readParameterized(firstValue(fields, 'content-type'));
    const disposition = readParameterized(firstValue(fields, 'content-disposition'));
    part.type = MEDIA_TYPE.test(type.value) ? type.value : this.#defaultType(part, type);
    part.parameters = type.parameters;
    part.disposition = disposition.value;
    // RFC 2047 §5 (3) allows no encoded words there, and many programs write them
    const [name, other = ''] = [disposition.parameters.get('filename'), type.parameters.get('name')].map(
      (given) => given && decodeWords(given),
    );
    part.fileName = name ?? other;
    if (type.repeated || disposition.repeated || isOtherFile(name ?? '', other))
      this.#notice('repeated-parameter', part);
    part.encoding = encodingOf(fields);
    if (!ENCODINGS.has(part.encoding)) this.#notice('unknown-encoding', part);
    part.contentId = firstValue(fields, 'content-id').replaceAll(/^\s*<|>\s*$/g, '');
  }

  /** RFC 2045 §5.2, and §5.1.5 of RFC 2046 for digests. */
  #defaultType(part: MimePart, { value }: Parameterized): string {
    if (value !== '') return 'application/octet-stream';
    const parent = this.#levels.at(-1)?.part;
    return parent?.type === 'multipart/digest' && parent.children.includes(part)
      ? 'message/rfc822'
      : 'text/plain';
  }

  #stop(code: MimeNoticeCode): void {
    this.#notice(code, this.#root);
    this.#stopped = true;
    this.#line = undefined;
  }

  #notice(code: MimeNoticeCode, { number }: MimePart): void {
    if (this.#notices.size < MOST_NOTICES) this.#notices.set(`${code} ${number}`, { code, part: number });
  }
}

/** The tree of a message that is in memory. */
export function readMime(message: Buffer, limits: Partial<MimeLimits> = {}): MimeTree {
  const scanner = new MimeScanner(limits);
  scanner.feed(message);
  return scanner.finish();
}

function newPart(number: string, start: number): MimePart {
  return {
    number,
    fields: [],
    type: 'text/plain',
    parameters: new Map(),
    disposition: '',
    encoding: '7bit',
    fileName: '',
    contentId: '',
    head: { start, end: start },
    body: { start, end: -1 },
    children: [],
  };
}

/** Length without the white space that may follow a delimiter (RFC 2046 §5.1.1). */
function withoutPadding(line: Buffer): number {
  let end = line.length;
  while (end > 0 && isPadding(line[end - 1]!)) end--;
  return end;
}

const isPadding = (octet: number): boolean =>
  octet === SPACE || octet === TAB || octet === CR || octet === LF;

/** Whether a line can be the delimiter of both: they are the same, or one is how the other says its end. */
function isTakenFor(outer: string | undefined, inner: string): boolean {
  return outer === inner || outer === `${inner}--` || inner === `${outer}--`;
}

/** Sets the end of a part and of the last ones in it, as far as none has been found. */
function close(part: MimePart, end: number): void {
  for (let one: MimePart | undefined = part; one; one = one.children.at(-1)) {
    if (one.body.end < 0) one.body.end = Math.max(end, one.body.start);
  }
}

function encodingOf(fields: readonly MimeField[]): string {
  const field = fields.find(({ key }) => key === 'content-transfer-encoding');
  if (!field) return '7bit';
  return fieldValue(field)
    .replaceAll(/\([^()]*\)/g, '')
    .trim()
    .toLowerCase();
}

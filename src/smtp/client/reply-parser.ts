/** A reply of the next server, as text that can be stored and shown: control characters are escaped. */
export interface RemoteReply {
  code: number;
  /** RFC 3463 status of this very reply; absent when it has none or its class contradicts the code. */
  enhanced?: string;
  lines: string[];
}

/** The server broke the protocol; nothing after it can be trusted. */
export class ReplyError extends Error {}

/** RFC 5321 §4.5.3.1.5 says 512; real servers put URLs into refusals. */
const LINE_LIMIT = 2048;
const LINES_LIMIT = 128;

/** C0, DEL, C1, line and paragraph separators, and what turns the direction of writing around. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text from elsewhere on one line that can not pretend to be another line, field or command. */
export function escapeText(text: string, limit = 1024): string {
  const bounded = text.length > limit ? `${text.slice(0, limit)}...` : text;
  return bounded.replace(UNSAFE, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** `550 5.1.1 no such user / ask postmaster`, at most about 1000 characters. */
export function oneLine(reply: RemoteReply): string {
  const text = reply.lines.length === 1 ? (reply.lines[0] as string) : reply.lines.join(' / ');
  return `${reply.code} ${text.length > 1000 ? `${text.slice(0, 1000)}...` : text}`;
}

/**
 * Reads replies (RFC 5321 §4.2) from pieces of any size. Strict where leniency would let replies get out of
 * step with commands: three digits, all lines of a reply with one code, bounded. A bare LF ends a line too.
 */
export class ReplyParser {
  #rest: Buffer | undefined;
  #code = 0;
  #enhanced: string | undefined;
  #lines: string[] = [];

  /** Part of a reply has been read and its end has not. */
  get partial(): boolean {
    return this.#rest !== undefined || this.#lines.length > 0;
  }

  /** Calls `take` for every reply that `chunk` completes. @throws ReplyError */
  push(chunk: Buffer, take: (reply: RemoteReply) => void): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(10, start);
      if (end < 0) break;
      if (this.#rest === undefined) {
        this.#line(chunk, start, end, take);
      } else {
        const line = Buffer.concat([this.#rest, chunk.subarray(start, end)]);
        this.#rest = undefined;
        this.#line(line, 0, line.length, take);
      }
      start = end + 1;
    }
    if (start === chunk.length) return;
    const rest = chunk.subarray(start);
    this.#rest = this.#rest === undefined ? Buffer.from(rest) : Buffer.concat([this.#rest, rest]);
    if (this.#rest.length > LINE_LIMIT) throw new ReplyError('reply line too long');
  }

  #line(bytes: Buffer, start: number, lineEnd: number, take: (reply: RemoteReply) => void): void {
    const end = lineEnd > start && bytes[lineEnd - 1] === 13 ? lineEnd - 1 : lineEnd;
    if (end - start > LINE_LIMIT) throw new ReplyError('reply line too long');
    const code = replyCode(bytes, start, end);
    if (code === 0) {
      throw new ReplyError(`not a reply: ${escapeText(bytes.toString('utf8', start, end), 100)}`);
    }
    const separator = end > start + 3 ? bytes[start + 3] : 32;
    if (separator !== 32 && separator !== 45) throw new ReplyError('no space after the reply code');
    if (this.#lines.length > 0 && code !== this.#code) {
      throw new ReplyError(`a reply of two codes, ${this.#code} and ${code}`);
    }
    if (this.#lines.length === LINES_LIMIT) throw new ReplyError('reply of too many lines');
    const text = escapeText(bytes.toString('utf8', Math.min(start + 4, end), end), LINE_LIMIT);
    this.#code = code;
    this.#enhanced ??= enhancedStatus(text, code);
    this.#lines.push(text);
    if (separator === 45) return;
    const reply: RemoteReply = { code, enhanced: this.#enhanced, lines: this.#lines };
    // the status belongs to this reply alone: the next one starts from nothing
    this.#enhanced = undefined;
    this.#lines = [];
    take(reply);
  }
}

function replyCode(bytes: Buffer, start: number, end: number): number {
  if (end - start < 3) return 0;
  const a = (bytes[start] as number) - 48;
  const b = (bytes[start + 1] as number) - 48;
  const c = (bytes[start + 2] as number) - 48;
  if (a < 2 || a > 5 || b < 0 || b > 9 || c < 0 || c > 9) return 0;
  return a * 100 + b * 10 + c;
}

const ENHANCED = /^[245]\.\d{1,3}\.\d{1,3}(?= |$)/;

/** RFC 2034 §4: the status leads the text, and its class is the first digit of the code. */
function enhancedStatus(text: string, code: number): string | undefined {
  if (text.charCodeAt(1) !== 46) return undefined;
  const found = ENHANCED.exec(text)?.[0];
  return found !== undefined && found.charCodeAt(0) - 48 === Math.floor(code / 100) ? found : undefined;
}

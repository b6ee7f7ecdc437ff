/**
 * What was said in a session, for the case that something is refused. Hardly anything is done while it is said:
 * references to what the session has in its hands anyway are put aside, and made readable only when they are asked
 * for. Of a message that was accepted nothing stays, so that a session that goes well keeps a dozen short lines
 * however long it lasts; one that does not keeps its beginning and its end.
 */
import { escapeUnsafe } from '../../platform/unsafe-characters.ts';
import type { Reply } from '../reply.ts';
import type { Transcript, TranscriptLine } from './handler.ts';

/** Lines of the beginning, which tell who it is and how it came in. */
const FIRST = 24;
const MOST = 120;
/** How many go at once when there are too many. */
const EVICTED = 40;
/** Characters of one line, and of all arguments of clients together. */
const LONGEST_LINE = 300;
const MOST_ARGUMENTS = 16_384;

/** Commands whose argument is an address, a name or a number. Any other may be a secret in the wrong place. */
const SHOWN = new Set(['EHLO', 'HELO', 'MAIL', 'RCPT', 'BDAT']);

const MECHANISM =
  /^(?:PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|NTLM|GSSAPI|EXTERNAL|ANONYMOUS|OAUTHBEARER|XOAUTH2|SCRAM-SHA-(?:1|256|512)(?:-PLUS)?)$/i;

/** A verb with its argument, a remark of the relay, or a reply. */
type Said = { kind: 'command'; verb: string } | { kind: 'note' } | Reply;

const NOTE: Said = { kind: 'note' };

export class TranscriptRecorder {
  readonly #times: number[] = [];
  readonly #said: Said[] = [];
  readonly #texts: string[] = [];
  /** Entries that count; what lies behind them is left over. */
  #count = 0;
  /** Characters in `#texts` that count, or more. */
  #octets = 0;
  /** Where the transaction in progress begins. */
  #mark = 0;
  #omitted = 0;
  #messages = 0;
  /** The transaction in progress had a refusal: its lines stay. */
  #tainted = false;
  #accepted = false;
  #wanted = false;
  /** One value a verb, not one a command. */
  readonly #verbs: Record<string, Said> = {};

  /** @param at monotonic milliseconds, as everywhere here */
  command(at: number, verb: string, argument: string): void {
    if (verb === 'MAIL') {
      this.#mark = this.#count;
      this.#tainted = false;
    }
    this.#push(at, (this.#verbs[verb] ??= { kind: 'command', verb }), argumentOf(verb, argument));
  }

  /** A line of an AUTH exchange; of what stands in it only a cancelling asterisk is told. */
  response(at: number, line: string): void {
    const cancelled = line === '*';
    this.#push(at, (this.#verbs['*'] ??= { kind: 'command', verb: '' }), cancelled ? '*' : '[hidden]');
  }

  reply(at: number, reply: Reply): void {
    if (this.#accepted) {
      this.#accepted = false;
      this.#messages++;
      if (!this.#tainted) {
        this.#count = this.#mark;
        return;
      }
      this.#mark = this.#count + 1;
    }
    if (reply.code >= 400) {
      this.#wanted = true;
      this.#tainted = true;
    }
    this.#push(at, reply, '');
  }

  /** Something that nobody said, such as the outcome of a handshake. */
  note(at: number, text: string): void {
    this.#push(at, NOTE, bounded(text));
  }

  /** The session has failed without a reply. */
  want(): void {
    this.#wanted = true;
  }

  /** The next reply says that the message was taken. */
  messageAccepted(): void {
    this.#accepted = true;
  }

  /** Undefined as long as nothing was refused. @param start monotonic time of the beginning */
  transcript(start: number): Transcript | undefined {
    if (!this.#wanted) return undefined;
    const lines: TranscriptLine[] = [];
    for (let index = 0; index < this.#count; index++) {
      const at = Math.round((this.#times[index] as number) - start);
      lines.push(...linesOf(this.#said[index] as Said, this.#texts[index] as string, at));
      if (index === FIRST - 1 && this.#omitted > 0) {
        lines.push({ at, by: 'relay', text: `[${this.#omitted} lines are left out here]` });
      }
    }
    return { lines, omitted: this.#omitted, messages: this.#messages };
  }

  #push(at: number, said: Said, text: string): void {
    const place = this.#count++;
    this.#times[place] = at;
    this.#said[place] = said;
    this.#texts[place] = text;
    this.#octets += text.length;
    if (this.#count > MOST) this.#evict();
    else if (this.#octets > MOST_ARGUMENTS) {
      this.#weigh();
      while (this.#octets > MOST_ARGUMENTS) this.#evict();
    }
  }

  #evict(): void {
    const gone = Math.min(EVICTED, this.#count - FIRST);
    for (const list of [this.#times, this.#said, this.#texts]) {
      list.copyWithin(FIRST, FIRST + gone, this.#count);
    }
    this.#count -= gone;
    this.#omitted += gone;
    this.#mark = this.#mark <= FIRST ? this.#mark : Math.max(FIRST, this.#mark - gone);
    this.#weigh();
  }

  #weigh(): void {
    this.#octets = 0;
    for (let index = 0; index < this.#count; index++) this.#octets += (this.#texts[index] as string).length;
  }
}

function argumentOf(verb: string, argument: string): string {
  if (argument === '' || SHOWN.has(verb)) return bounded(argument);
  // a mechanism may be told, but a password in its place may not; and an initial response never
  const [mechanism = ''] = argument.split(' ', 1);
  if (verb !== 'AUTH' || !MECHANISM.test(mechanism)) return '[hidden]';
  return mechanism.length === argument.length ? mechanism : `${mechanism} [hidden]`;
}

/** A copy of a part, as a slice would keep the whole of it in memory. */
function bounded(text: string): string {
  if (text.length <= LONGEST_LINE) return text;
  return `${Buffer.from(text.slice(0, LONGEST_LINE).toWellFormed()).toString()}...`;
}

function linesOf(said: Said, text: string, at: number): TranscriptLine[] {
  if ('kind' in said) {
    if (said.kind === 'note') return [{ at, by: 'relay', text: escapeUnsafe(text) }];
    return [{ at, by: 'client', text: escapeUnsafe(`${said.verb} ${text}`.trim()) }];
  }
  // a challenge can help who guesses passwords (SCRAM's salt and count), and tells nothing else
  if (said.code === 334) return [{ at, by: 'server', text: '334 [challenge]' }];
  const status = said.enhanced === undefined ? '' : `${said.enhanced} `;
  const reply = [said.text].flat().join(' / ');
  const lines: TranscriptLine[] = [
    { at, by: 'server', text: escapeUnsafe(bounded(`${said.code} ${status}${reply}`)) },
  ];
  if (said.code === 354) lines.push({ at, by: 'client', text: '[the message, which is never kept]' });
  if (said.refusal !== undefined && said.explanation !== undefined) {
    lines.push({ at, by: 'relay', text: escapeUnsafe(bounded(firstLine(said.explanation))) });
  }
  return lines;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

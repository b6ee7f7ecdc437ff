/**
 * What a list of messages shows of a header section: subject and Message-ID, decoded, bounded and harmless. It is read
 * for every message, so that nothing becomes a string but the two values.
 */
import { decodeWords } from './encoded-word.ts';
import { decodeOctets } from './headers.ts';

export interface ShownFields {
  /** Decoded (RFC 2047), on one line. */
  subject?: string;
  /** With its angle brackets, as it stands. */
  messageId?: string;
}

/** Characters; what is longer ends with an ellipsis. */
export const LONGEST_SUBJECT = 200;
const LONGEST_ID = 250;
/** Octets of a field that are looked at: encoded words take several times what they say. */
const MOST_OCTETS = 4000;

const LF = 10;
const SPACE = 32;
const TAB = 9;

/** Controls, and what changes the direction of text or hides in it. */
const UNSAFE = /[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;
/** Printable ASCII alone, and no encoded word. */
const PLAIN = /^(?!.*=\?)[\x20-\x7e]*$/;

/** As `readShownFields`; without subjects where they are nobody's business. */
export function shownFieldsReader(subjects: boolean): (head: Buffer) => ShownFields {
  if (subjects) return readShownFields;
  return (head) => {
    const { messageId } = readShownFields(head);
    return messageId === undefined ? {} : { messageId };
  };
}

/** The first field of each name counts. @param head octets of the header section; faults in it do no harm */
export function readShownFields(head: Buffer): ShownFields {
  const fields: ShownFields = {};
  let left = 2;
  for (let at = 0; at < head.length && left > 0; ) {
    // RFC 5322 §3.6.5 and §3.6.4: `Subject:` and `Message-ID:`, in any case
    const letter = (head[at] as number) | SPACE;
    if (letter === 115 && fields.subject === undefined && isNamed(head, at, 'subject')) {
      fields.subject = readableSubject(valueAt(head, at + 8));
      left--;
    } else if (letter === 109 && fields.messageId === undefined && isNamed(head, at, 'message-id')) {
      fields.messageId = readableId(valueAt(head, at + 11));
      left--;
    }
    const end = head.indexOf(LF, at);
    if (end < 0) break;
    at = end + 1;
  }
  return fields;
}

/** Text of a header field as it may be shown: decoded, without what disguises, not longer than a line. */
function readableSubject(value: string): string {
  const text = PLAIN.test(value)
    ? value
    : decodeWords(value).replace(/\s+/g, ' ').replace(UNSAFE, '\ufffd').toWellFormed();
  if (text.length <= LONGEST_SUBJECT) return text;
  // a pair of surrogates is not cut apart
  return `${text.slice(0, LONGEST_SUBJECT - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function readableId(value: string): string {
  return (PLAIN.test(value) ? value : value.replace(/[^\x21-\x7e]/g, '\ufffd')).slice(0, LONGEST_ID);
}

function isNamed(head: Buffer, at: number, name: string): boolean {
  for (let index = 1; index < name.length; index++) {
    const octet = head[at + index] as number;
    if ((octet === 45 ? octet : octet | SPACE) !== name.charCodeAt(index)) return false;
  }
  return head[at + name.length] === 58;
}

/** Unfolded (RFC 5322 §2.2.3), without white space around it. */
function valueAt(head: Buffer, start: number): string {
  const most = Math.min(head.length, start + MOST_OCTETS);
  let end = start;
  let folded = false;
  for (;;) {
    end = head.indexOf(LF, end);
    if (end < 0 || end >= most) {
      end = most;
      break;
    }
    const next = head[end + 1];
    if (next !== SPACE && next !== TAB) break;
    folded = true;
    end++;
  }
  const octets = head.subarray(start, end);
  const ascii = octets.toString('latin1');
  const text = PLAIN.test(ascii.trim()) ? ascii : decodeOctets(octets);
  return (folded ? text.replace(/\r?\n/g, '') : text).trim();
}

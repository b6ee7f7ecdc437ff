import type { Reply } from '../reply.ts';

// RFC 5321 §4.5.3.1.5: 512 octets with code and CR LF. In characters, as texts are ASCII but for SMTPUTF8 addresses.
const LONGEST_TEXT = 480;

/**
 * A reply as it goes on the wire (RFC 5321 §4.2.1), the enhanced status on each of its lines (RFC 2034 §4).
 * A line break or control character in the text becomes a space: what is quoted in it can not forge a reply.
 */
export function writeReply({ code, enhanced, text }: Reply): string {
  if (typeof text === 'string') return line(code, ' ', enhanced, text);
  let written = '';
  for (let index = 0; index < text.length; index++) {
    written += line(code, index === text.length - 1 ? ' ' : '-', enhanced, text[index] ?? '');
  }
  return written;
}

function line(code: number, separator: string, enhanced: string | undefined, text: string): string {
  const clean = text.replaceAll(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').slice(0, LONGEST_TEXT);
  return enhanced === undefined
    ? `${code}${separator}${clean}\r\n`
    : `${code}${separator}${enhanced} ${clean}\r\n`;
}

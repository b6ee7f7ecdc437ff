import { isUtf8 } from 'node:buffer';
import { WordTable } from '../../platform/word-table.ts';

const SPACE = 32;
/** All that mail is sent with; other verbs are as good. */
const USUAL = new WordTable(
  'EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY HELP'.split(' '),
);

export interface Command {
  /** In upper case. */
  verb: string;
  /** What follows the verb, without the space between and the spaces at the end. */
  argument: string;
  /** The line held octets above 127, which were valid UTF-8. */
  utf8: boolean;
}

/**
 * Takes a command line apart (RFC 5321 §4.1.1), without its CR LF. Answers what is wrong with the octets as a
 * text for the journal: a control character (NUL, a bare CR and TAB among them), or invalid UTF-8.
 */
export function parseCommand(line: Buffer): Command | string {
  let utf8 = false;
  for (let at = 0; at < line.length; at++) {
    const octet = line[at] as number;
    if (octet < 32 || octet === 127) return 'the line holds a control character';
    if (octet > 127) utf8 = true;
  }
  if (utf8 && !isUtf8(line)) return 'the line is not valid UTF-8';
  // Spaces alone: whatever else Unicode calls white space belongs to the argument
  let end = line.length;
  while (end > 0 && line[end - 1] === SPACE) end--;
  let space = line.indexOf(SPACE);
  if (space < 0 || space > end) space = end;
  let start = space;
  while (start < end && line[start] === SPACE) start++;
  const encoding = utf8 ? 'utf8' : 'latin1';
  return {
    verb: USUAL.find(line, 0, space) ?? verbOf(line.toString(encoding, 0, space)),
    argument: line.toString(encoding, start, end),
    utf8,
  };
}

/** In upper case if it is ASCII; Unicode has letters such as U+017F whose upper case is an ASCII letter. */
function verbOf(text: string): string {
  return /^[!-~]*$/.test(text) ? text.toUpperCase() : text;
}

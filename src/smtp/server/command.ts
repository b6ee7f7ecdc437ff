import { isUtf8 } from 'node:buffer';

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
  const text = (utf8 ? line.toString('utf8') : line.toString('latin1')).trimEnd();
  const space = text.indexOf(' ');
  if (space < 0) return { verb: text.toUpperCase(), argument: '', utf8 };
  return { verb: text.slice(0, space).toUpperCase(), argument: text.slice(space + 1).trimStart(), utf8 };
}

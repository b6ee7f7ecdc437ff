import { encodeWords } from './encoded-word.ts';

const LONGEST_LINE = 998;
/** RFC 5322 §2.1.1: lines should not be longer than this. */
const GOOD_LINE = 78;

/** Text for people, which may be put into encoded words as a last resort. */
const TEXT = new Set(['subject', 'comments']);
/** Structured fields in which white space after a comma means nothing. */
const LISTS = new Set(['to', 'cc', 'bcc', 'from', 'reply-to', 'resent-to', 'resent-cc', 'resent-bcc']);

/**
 * A field whose lines were longer than 998 octets, folded where white space already is (RFC 5322 §2.2.3), so
 * that it unfolds to what it was; in address lists, also after a comma. Undefined when there is no such place.
 * @param name lower case
 * @param field the whole field as text in which a character is an octet, with its CRLF
 */
export function foldField(name: string, field: string): string | undefined {
  const valueStart = field.indexOf(':') + 1;
  const lines: string[] = [];
  for (const line of field.slice(0, -2).split('\r\n')) {
    let rest = line;
    while (rest.length > LONGEST_LINE) {
      const least = lines.length === 0 ? valueStart + 1 : 1;
      const place = spaceBefore(rest, least) ?? (LISTS.has(name) ? commaBefore(rest, least) : undefined);
      if (place === undefined) return TEXT.has(name) ? encodeText(field, valueStart) : undefined;
      lines.push(rest.slice(0, place));
      rest = rest.slice(place);
      // after a comma there is none yet
      if (rest[0] !== ' ' && rest[0] !== '\t') rest = ` ${rest}`;
    }
    lines.push(rest);
  }
  return `${lines.join('\r\n')}\r\n`;
}

const isSpace = (character: string | undefined): boolean => character === ' ' || character === '\t';

/** The last white space before column 78, or else the first after it, that has something on both sides. */
function spaceBefore(line: string, least: number): number | undefined {
  let best: number | undefined;
  let written = false;
  const lastInk = line.trimEnd().length;
  for (let at = least; at <= Math.min(LONGEST_LINE, lastInk - 1); at++) {
    if (!isSpace(line[at])) {
      written = true;
      continue;
    }
    if (!written || isSpace(line[at - 1])) continue;
    if (at > GOOD_LINE && best !== undefined) break;
    best = at;
    if (at > GOOD_LINE) break;
  }
  return best;
}

function commaBefore(line: string, least: number): number | undefined {
  let best: number | undefined;
  let quoted = false;
  let depth = 0;
  for (let at = 0; at < Math.min(LONGEST_LINE - 1, line.length - 1); at++) {
    const character = line[at];
    if (character === '\\') at++;
    else if (character === '"' && depth === 0) quoted = !quoted;
    else if (character === '(' && !quoted) depth++;
    else if (character === ')' && !quoted) depth--;
    else if (character === ',' && !quoted && depth === 0 && at >= least) {
      if (at >= GOOD_LINE && best !== undefined) break;
      best = at + 1;
    }
  }
  return best;
}

function encodeText(field: string, valueStart: number): string {
  const value = Buffer.from(field.slice(valueStart), 'latin1').toString('utf8').replaceAll('\r\n', '').trim();
  return `${field.slice(0, valueStart)} ${encodeWords(value)}\r\n`;
}

/**
 * Header sections of stored mail, read forgivingly: they come from archives, from copies out of a window, with fields that
 * somebody cut. Nothing here decides whether a message is accepted.
 */
import { fieldText } from '../transcoder.ts';

export interface MailField {
  /** Lower case. */
  name: string;
  /** Unfolded. */
  value: string;
}

const MOST_FIELDS = 3000;
const LONGEST_VALUE = 65_536;
const FIELD = /^([!-9;-~]{1,100})[ \t]*:(.*)$/s;

export class MailFields {
  readonly all: readonly MailField[];

  constructor(all: readonly MailField[]) {
    this.all = all;
  }

  first(name: string): string | undefined {
    return this.all.find((field) => field.name === name)?.value;
  }

  values(name: string): string[] {
    return this.all.filter((field) => field.name === name).map(({ value }) => value);
  }
}

/** @param head octets of a header section, with or without the empty line. Lines that are no fields are left out. */
export function readFields(head: Buffer): MailFields {
  const fields: MailField[] = [];
  for (const line of fieldText(head).split(/\r\n|\n|\r/)) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && last) {
      if (last.value.length < LONGEST_VALUE) last.value += ` ${line.trim()}`;
      continue;
    }
    const match = FIELD.exec(line);
    if (!match) continue;
    if (fields.length === MOST_FIELDS) break;
    fields.push({ name: match[1]!.toLowerCase(), value: match[2]!.trim().slice(0, LONGEST_VALUE) });
  }
  for (const field of fields) field.value = field.value.trim();
  return new MailFields(fields);
}

/** Where the header section ends: one past the empty line, or the length where there is none. */
export function headLength(message: Buffer): number {
  const crlf = message.indexOf('\r\n\r\n');
  const lf = message.indexOf('\n\n');
  if (crlf === -1 && lf === -1) return message.length;
  if (lf === -1 || (crlf !== -1 && crlf < lf)) return crlf + 4;
  return lf + 2;
}

/** `charset` of `text/plain; charset="x"`, lower-case names; undefined where it is not there. */
export function parameter(value: string, name: string): string | undefined {
  const plain = new RegExp(
    `;\\s*${name}\\*?=\\s*(?:"((?:[^"\\\\]|\\\\.){0,500})"|([^\\s;"]{1,500}))`,
    'i',
  ).exec(value.slice(0, 4000));
  const text = plain?.[1]?.replace(/\\(.)/g, '$1') ?? plain?.[2];
  const extended = text === undefined ? undefined : /^[\w-]{1,40}'[\w-]*'(.*)$/.exec(text)?.[1];
  if (extended === undefined) return text;
  try {
    return decodeURIComponent(extended);
  } catch {
    return extended;
  }
}

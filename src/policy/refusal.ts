import type { RefusalCode } from '../refusals.ts';
import type { RefusalFacts } from '../smtp/reply.ts';

/** Why a room says no: the stable code, and what exactly was wrong, for the journal only. */
export interface Refusal {
  code: RefusalCode;
  particulars: string;
  facts?: RefusalFacts;
}

/** A value from outside as it may stand in a log line: at most 120 characters, printable, in quotes. */
export function quoted(value: string): string {
  const short = value.length > 120 ? `${value.slice(0, 120)}...` : value;
  const escaped = short.replace(/[\p{C}\p{Zl}\p{Zp}"\\]/gu, (character) =>
    character === '"' || character === '\\'
      ? `\\${character}`
      : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
  return `"${escaped}"`;
}

import { hasUnsafe } from '../platform/unsafe-characters.ts';

const PLAIN = /^[A-Za-z0-9@%+=:,./_*[\]-]+$/;
const LONGEST_WORD = 320;

/**
 * A command line that can be pasted into a shell of POSIX: each word in single quotes where it needs them. Undefined
 * when a word could do harm, or begins like an option though it is none: such values were chosen by a client.
 * @param words `postern`, a command, options that begin with `--`, and their values
 */
export function commandLine(words: (string | { value: string })[]): string | undefined {
  const shown: string[] = [];
  for (const word of words) {
    if (typeof word === 'string') {
      shown.push(word);
      continue;
    }
    const { value } = word;
    // not even in quotes may these be pasted into a terminal
    if (value === '' || value.length > LONGEST_WORD || hasUnsafe(value) || value.startsWith('-'))
      return undefined;
    // a bracket or an asterisk alone is a pattern of file names to a shell
    shown.push(
      PLAIN.test(value) && !/[*[\]]/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`,
    );
  }
  return shown.join(' ');
}

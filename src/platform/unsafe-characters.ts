/**
 * Characters that have no place in a line of text from somewhere else: controls, halves of pairs, what changes the
 * direction of text, what is not seen, and ends of lines by other names. Names, log lines and commands are free of them.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/u;
const EACH = new RegExp(UNSAFE, 'gu');

export function hasUnsafe(text: string): boolean {
  return UNSAFE.test(text);
}

/** @param by stands in the place of each one */
export function replaceUnsafe(text: string, by: string): string {
  return text.replace(EACH, () => by);
}

/** Each one as `\u{202e}`, so that it can be seen what was there. */
export function escapeUnsafe(text: string): string {
  return text.replace(EACH, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

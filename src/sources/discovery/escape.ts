/** Controls, white space but the space itself, what changes the direction of text, and halves of surrogate pairs. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\\]/gu;

/** What a stranger calls itself, fit to be shown: unsafe characters as `\u{202e}`, cut after `most` characters. */
export function escaped(text: string, most: number): string {
  return text
    .slice(0, most)
    .replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
    .slice(0, most);
}

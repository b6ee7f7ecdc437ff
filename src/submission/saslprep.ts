/** A text that SASLprep does not allow; it can be no account name and no password. */
export class ProhibitedTextError extends Error {}

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/** RFC 3454 table C.1.2, mapped to SPACE by RFC 4013 §2.1. */
const OTHER_SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;
/** RFC 3454 table B.1, mapped to nothing. U+200B stands in C.1.2 too, and that mapping is made first. */
const IGNORED = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/g;
/**
 * RFC 4013 §2.3, tables C.2 to C.9 of RFC 3454: control characters, private use and unpaired surrogates (by
 * category), non-characters, and characters that change how text is shown or composed.
 */
const PROHIBITED =
  /[\p{Cc}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u0340\u0341\u06dd\u070f\u180e\u200e\u200f\u2028-\u202e\u2061-\u2063\u206a-\u206f\u2ff0-\u2ffb\ufff9-\ufffd\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/u;
/** RFC 3454 table D.1 as far as it matters: the scripts that are written from right to left. */
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u;
const LEFT_TO_RIGHT =
  /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Devanagari}]/u;

/**
 * Prepares an account name or a password for comparison (RFC 4013), so that two ways to type the same text
 * are one. Unassigned code points pass, as in a query string (RFC 3454 §7).
 *
 * @throws ProhibitedTextError when the text holds what RFC 4013 §2.3 or §2.4 forbids.
 */
export function saslPrep(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  const prepared = text.replace(OTHER_SPACES, ' ').replace(IGNORED, '').normalize('NFKC');
  if (PROHIBITED.test(prepared)) throw new ProhibitedTextError('a prohibited character');
  if (RIGHT_TO_LEFT.test(prepared)) {
    // RFC 3454 §6: no mixing, and the first and the last character are of the right-to-left kind
    const characters = Array.from(prepared);
    const ends = RIGHT_TO_LEFT.test(characters[0] ?? '') && RIGHT_TO_LEFT.test(characters.at(-1) ?? '');
    if (!ends || LEFT_TO_RIGHT.test(prepared)) {
      throw new ProhibitedTextError('right-to-left and left-to-right characters mixed');
    }
  }
  return prepared;
}

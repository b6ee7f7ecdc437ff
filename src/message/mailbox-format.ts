import { encodeWords } from './encoded-word.ts';

// words of atext (RFC 5322 §3.2.3) with single spaces between; anything else goes into quotes
const PHRASE = /^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(?: [a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/**
 * A mailbox (RFC 5322 §3.4) in ASCII: the name bare, in quotes or in encoded words, as it needs.
 * @param address as in Mailbox.address
 */
export function formatMailbox(displayName: string, address: string): string {
  const phrase = formatPhrase(displayName);
  return phrase === '' ? address : `${phrase} <${address}>`;
}

/** A display name as it may stand before an angle bracket. */
export function formatPhrase(displayName: string): string {
  if (displayName === '') return '';
  // what looks like an encoded word would be read as one, within quotes too
  if (/[^\t\x20-\x7e]/.test(displayName) || displayName.includes('=?')) return encodeWords(displayName);
  return PHRASE.test(displayName) ? displayName : `"${displayName.replace(/["\\]/g, '\\$&')}"`;
}

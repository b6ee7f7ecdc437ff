/** One tag of a list; the offsets say where in the text its value lies, surrounding white space included. */
export interface Tag {
  value: string;
  start: number;
  end: number;
}

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
/** VALCHAR and FWS of RFC 6376 §3.2, and octets above 127 for the U-labels that RFC 8616 §5 allows. */
const VALUE = /^[\x21-\x3a\x3c-\x7e\x80-\xff \t\r\n]*$/;
/** White space that is neither a blank nor a correct fold. */
const BAD_FOLD = /\r(?!\n[ \t])|(?<!\r)\n/;
const MOST_TAGS = 64;

/**
 * Reads `tag=value; tag=value` as RFC 6376 §3.2 defines it, strictly: no tag twice, no empty part but the last.
 * `text` holds one character an octet. Answers undefined when it is not such a list.
 */
export function parseTagList(text: string): Map<string, Tag> | undefined {
  if (BAD_FOLD.test(text)) return undefined;
  const tags = new Map<string, Tag>();
  let from = 0;
  while (from <= text.length) {
    const semicolon = text.indexOf(';', from);
    const to = semicolon < 0 ? text.length : semicolon;
    const part = text.slice(from, to);
    if (part.trim() === '') {
      // nothing may follow the last semicolon, and there must be something before it
      return semicolon < 0 && tags.size > 0 ? tags : undefined;
    }
    const equals = part.indexOf('=');
    if (equals < 0) return undefined;
    const name = part.slice(0, equals).trim();
    const value = part.slice(equals + 1);
    if (!NAME.test(name) || !VALUE.test(value) || tags.has(name) || tags.size >= MOST_TAGS) return undefined;
    tags.set(name, { value: value.trim(), start: from + equals + 1, end: to });
    if (semicolon < 0) return tags;
    from = semicolon + 1;
  }
  return tags.size > 0 ? tags : undefined;
}

/** The value without any white space, as in lists and base64 (RFC 6376 §2.10, §3.5). */
export function withoutSpace(value: string): string {
  return value.replace(/[ \t\r\n]+/g, '');
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Base64 that may hold folding white space; undefined when it is not base64. */
export function decodeBase64(value: string): Buffer | undefined {
  const text = withoutSpace(value);
  return BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
}

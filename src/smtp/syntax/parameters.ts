/** The parameters that follow the path in MAIL and RCPT (RFC 5321 §4.1.2, `esmtp-param`). */

/** Keywords in upper case. A keyword without `=` has the value undefined. */
export type Parameters = Map<string, string | undefined>;

// No known extension needs more; MAIL with everything offered has seven
const MAXIMUM = 16;

const PARAMETER = /^([A-Za-z0-9][A-Za-z0-9-]{0,63})(?:=([!-<>-~\u{a0}-\u{10ffff}]+))?$/u;

/**
 * Reads ` KEY=value KEY2 …`; empty text has none. Answers what is wrong as a text for the journal:
 * a malformed, repeated or excessive parameter. Repetition is refused because the RFCs do not say which one counts.
 */
export function parseParameters(text: string): Parameters | string {
  const parameters: Parameters = new Map();
  if (text === '') return parameters;
  if (text[0] !== ' ') return 'there is no space between address and parameters';
  for (const word of text.split(' ')) {
    if (word === '') continue;
    const found = PARAMETER.exec(word);
    if (!found) return 'a parameter is malformed';
    const keyword = (found[1] ?? '').toUpperCase();
    if (parameters.has(keyword)) return `the parameter ${keyword} is repeated`;
    if (parameters.size === MAXIMUM) return 'there are too many parameters';
    parameters.set(keyword, found[2]);
  }
  return parameters;
}

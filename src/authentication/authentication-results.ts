/**
 * The Authentication-Results field (RFC 8601): written so that nothing which came from the network can be more
 * than a value, and read strictly, so that fields which claim to be ours can be found whatever their spelling.
 */
import { domainToASCII } from 'node:url';

import type { HeaderField, HeaderIndex } from '../message/headers.ts';
import { readResults } from './results-syntax.ts';

export interface ResultProperty {
  /** RFC 8601 §2.3. */
  type: 'smtp' | 'header' | 'body' | 'policy';
  name: string;
  value: string;
}

/** What one method says. */
export interface MethodResult {
  /** `spf`, `dkim`, ... of the registry. */
  method: string;
  result: string;
  /** For people. */
  comment?: string;
  reason?: string;
  properties: readonly ResultProperty[];
}

const GOOD_LINE = 78;
/** Of a value, a reason or a comment; an address has 254 octets (RFC 5321 §4.5.3.1.3), a name 253. */
const LONGEST_VALUE = 320;
const MOST_RESULTS = 30;

/**
 * The whole field with its CRLFs.
 * @param id the authserv-id: the name under which this service judges (§2.5).
 */
export function formatResults(id: string, results: readonly MethodResult[]): string {
  return `Authentication-Results: ${formatResultsValue(id, results)}\r\n`;
}

/** The value alone, folded, for ARC-Authentication-Results (RFC 8617 §4.1.1) behind its `i=1;`. */
export function formatResultsValue(id: string, results: readonly MethodResult[]): string {
  const name = formatValue(id);
  if (results.length === 0) return `${name}; none`;
  return [name, ...results.slice(0, MOST_RESULTS).map(formatResult)].join(';\r\n\t');
}

function formatResult({ method, result, comment, reason, properties }: MethodResult): string {
  const words = [`${keyword(method)}=${keyword(result)}`];
  if (comment !== undefined && comment !== '') words.push(`(${commentText(comment)})`);
  if (reason !== undefined && reason !== '') words.push(`reason=${formatValue(reason)}`);
  for (const { type, name, value } of properties) {
    if (value !== '') words.push(`${type}.${keyword(name)}=${formatValue(value)}`);
  }
  let text = '';
  let line = 0;
  for (const word of words) {
    if (text !== '' && line + 1 + word.length > GOOD_LINE - 8) {
      text += '\r\n\t';
      line = 0;
    } else if (text !== '') {
      text += ' ';
      line++;
    }
    text += word;
    line += word.length;
  }
  return text;
}

/** Keyword of §2.2: names and results are ours, but what is none of them must not become syntax. */
const keyword = (text: string): string => text.replace(/[^A-Za-z0-9-]/g, '') || 'x';

// token of RFC 2045 §5.1
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`{|}~-]+$/;
// the form [local-part] "@" domain-name that pvalue has beside a value (§2.2)
const ADDRESS =
  /^(?:[A-Za-z0-9!#$%&*+/=?^_{|}~-]+(?:\.[A-Za-z0-9!#$%&*+/=?^_{|}~-]+)*)?@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

/**
 * A value as the grammar has it: bare where it is a plain word or address, otherwise a quoted string. Quotes of
 * either kind always end up inside of one: readers that cut at them were fooled before.
 */
export function formatValue(text: string): string {
  const printable = plain(text);
  if (ADDRESS.test(printable) || (TOKEN.test(printable) && !/['`]/.test(printable))) return printable;
  return `"${printable.replace(/["\\]/g, '\\$&')}"`;
}

/** In a comment, brackets and backslashes are escaped, and what could be read as a result is not one. */
const commentText = (text: string): string =>
  plain(text)
    .replace(/[()\\"]/g, '\\$&')
    .replaceAll(';', ',');

/** Printable ASCII of bounded length: line ends, controls and characters beyond ASCII become question marks. */
const plain = (text: string): string =>
  text
    .slice(0, LONGEST_VALUE)
    .replace(/[^\x20-\x7e]/g, '?')
    .trim();

/**
 * The fields that claim to be written by one of `ids`, or that nobody can read beyond doubt: a border must take
 * them out of what comes from outside (§5). Foreign fields that are well-formed stay.
 * @param index of a head without fault: what follows a fault is not in it.
 */
export function claimedResults(index: HeaderIndex, ids: readonly string[]): HeaderField[] {
  const ours = new Set(ids.map(comparable));
  return index.all('authentication-results').filter((field) => {
    const results = readResults(index.value(field));
    return results === undefined || ours.has(comparable(results.id));
  });
}

/** Names that a reader could take for the same: in any case, with a final dot, in U-labels, in wide letters. */
function comparable(id: string): string {
  const text = id
    .slice(0, 1024)
    .normalize('NFKC')
    .replace(/[\p{C}\p{Z}\s]/gu, '')
    .toLowerCase()
    .replace(/\.+$/, '');
  return domainToASCII(text) || text;
}

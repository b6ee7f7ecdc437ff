import type { HeadFields } from '../dkim/fields.ts';

/** A longer field is not read, octets. */
const LONGEST_FIELD = 16_384;

/**
 * The results of all Authentication-Results fields that bear an authserv-id, from the top down, as the value of one:
 * there is one ARC-Authentication-Results in a set, and it holds them all (RFC 8617 §4.1.1). Only for a message whose
 * fields of that name from outside have been removed (RFC 8601 §5): whoever wrote the id is believed.
 */
export function ownResults(fields: HeadFields, authservId: string): string {
  const id = authservId.toLowerCase();
  const payloads = fields
    .all('authentication-results')
    .filter((field) => field.end - field.start <= LONGEST_FIELD)
    .map((field) => {
      const text = Buffer.from(fields.text(field), 'latin1').toString('utf8');
      // authserv-id, perhaps a version, then the results; comments before the id are not what we write
      const found = /^\s*"?([^\s;()"]+)"?(?:[ \t\r\n]+[0-9]+)?[ \t\r\n]*;/.exec(text);
      return found?.[1]?.toLowerCase() === id ? text.slice(found[0].length).trim() : '';
    })
    .filter((payload) => payload !== '' && payload !== 'none')
    .map((payload) => payload.replace(/;$/, ''));
  // RFC 8601 §2.2: no result at all is said in a word
  return [authservId, ...(payloads.length > 0 ? payloads : ['none'])].join(';\r\n ');
}

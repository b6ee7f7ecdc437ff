/**
 * Who a message from the internet says that it is from (RFC 9989 §5.3.1). The author's domain is what policy is
 * looked up for and what the reader sees, so that one which two programs could read differently is none.
 */
import { isUtf8 } from 'node:buffer';

import { parseAddressList } from '../message/address-list.ts';
import type { Doubt } from '../message/address-list.ts';
import { decodeWords } from '../message/encoded-word.ts';
import { decodeOctets } from '../message/headers.ts';
import type { HeaderFault, HeaderIndex } from '../message/headers.ts';

export type Author =
  /** Exactly one domain, whether of one mailbox or of several. */
  | { kind: 'domain'; domain: string; address: string; displayName: string }
  /** There is no From field, or none with an address. */
  | { kind: 'none'; reason: 'missing' | 'empty'; mentioned: string[] }
  | {
      kind: 'doubtful';
      reason: Doubt | HeaderFault | 'several-fields' | 'several-domains' | 'group' | 'too-long';
      /** Every domain that some program might show as the author's. */
      mentioned: string[];
    };

/** Octets of a From field beyond which it is not read: no author needs them. */
const LONGEST_FROM = 16_384;
const MOST_MENTIONED = 50;

/** Reads the author out of a head. A fault of the header section is a doubt too: what follows it is not in the index. */
export function readDomainAuthor(index: HeaderIndex): Author {
  if (index.fault) {
    const mentioned = mentionedDomains(anyFrom(index.head));
    return { kind: 'doubtful', reason: index.fault.kind, mentioned };
  }
  const fields = index.all('from');
  const values = fields.map((field) => index.value(field).slice(0, LONGEST_FROM));
  const mentioned = (): string[] => mentionedDomains(values);
  const field = fields[0];
  if (!field) return { kind: 'none', reason: 'missing', mentioned: [] };
  if (fields.length > 1) return { kind: 'doubtful', reason: 'several-fields', mentioned: mentioned() };
  if (field.end - field.start > LONGEST_FROM) {
    return { kind: 'doubtful', reason: 'too-long', mentioned: mentioned() };
  }
  const { mailboxes, groups, doubts } = parseAddressList(values[0]!);
  const doubt = doubts[0];
  if (doubt !== undefined) return { kind: 'doubtful', reason: doubt, mentioned: mentioned() };
  // RFC 6854 allows it; no honest sender outside of address translation needs it
  if (groups > 0) return { kind: 'doubtful', reason: 'group', mentioned: mentioned() };
  const first = mailboxes[0];
  if (!first) return { kind: 'none', reason: 'empty', mentioned: mentioned() };
  if (mailboxes.some(({ domain }) => domain !== first.domain)) {
    return { kind: 'doubtful', reason: 'several-domains', mentioned: mentioned() };
  }
  const { domain, address, displayName } = first;
  // a name may be in any charset; a domain in one that we guessed is a guess
  if (domain.includes('xn--') && !isUtf8(index.raw(field))) {
    return { kind: 'doubtful', reason: 'domain', mentioned: mentioned() };
  }
  return { kind: 'domain', domain, address, displayName };
}

// with what a lenient reader takes for a name or a line end: the head has a fault
const ANY_FROM = /(?:^|[\r\n])\s{0,50}from[\x00-\x20]{0,50}:([^\r\n]*(?:[\r\n]{1,4}[ \t][^\r\n]*){0,50})/gi;

const anyFrom = (head: Buffer): string[] =>
  [...decodeOctets(head.subarray(0, 4 * LONGEST_FROM)).matchAll(ANY_FROM)].map(([, value = '']) => value);

// whatever follows an at sign and could be a name; the two others look like it
const MENTION = /[@\uff20\ufe6b][\s"]*([^\s\x00-\x1f\x7f<>()[\]",;:\\@\uff20\ufe6b]{1,253})/g;

/** Domains behind at signs, as written and as encoded words say, in lower case. */
function mentionedDomains(values: string[]): string[] {
  const found = new Set<string>();
  for (const value of values) {
    for (const text of [value, decodeWords(value), decodedBase64(value)]) {
      for (const [, domain = ''] of text.matchAll(MENTION)) {
        if (found.size < MOST_MENTIONED)
          found.add(domain.normalize('NFKC').toLowerCase().replace(/\.+$/, ''));
      }
    }
  }
  return [...found];
}

// a whole address as an encoded word within angle brackets is decoded by some programs only
const ENCODED = /=\?[^\s?]{1,40}\?b\?([A-Za-z0-9+/=]{1,2000})\?=/gi;

const decodedBase64 = (value: string): string =>
  [...value.matchAll(ENCODED)].map(([, text = '']) => Buffer.from(text, 'base64').toString('utf8')).join(' ');

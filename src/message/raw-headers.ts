import { isUtf8 } from 'node:buffer';
import { parseAddressList } from './address-list.ts';
import { encodeUnstructured } from './encoded-word.ts';
import type { HeaderField, HeaderIndex } from './headers.ts';
import { formatMailbox } from './mailbox-format.ts';

const ADDRESSES = new Set([
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'resent-from',
  'resent-sender',
  'resent-to',
  'resent-cc',
  'resent-bcc',
  'disposition-notification-to',
  'return-receipt-to',
]);

const PARAMETERS = new Set(['content-type', 'content-disposition']);

/** Fields for machines, in which an encoded word means nothing (RFC 2047 §5). */
const MACHINE =
  /^(?:date|message-id|in-reply-to|references|received|return-path|mime-version|content-transfer-encoding|content-id|resent-date|resent-message-id|dkim-signature|authentication-results|arc-.*|list-(?:unsubscribe|post|help|owner|archive).*)$/;

/** Whether the field may travel under SMTPUTF8 as it is (RFC 6532 §3: UTF-8 and nothing else). */
export function isInternationalized(index: HeaderIndex): boolean {
  return isUtf8(index.head);
}

export function hasRawOctets(raw: Buffer): boolean {
  return raw.some((octet) => octet > 127);
}

/**
 * A field with raw 8-bit text, written in ASCII: as encoded words (RFC 2047), in display names, or as
 * extended parameters (RFC 2231). Undefined when it can't be: an address or an identifier beyond ASCII needs
 * SMTPUTF8, and an address list in doubt is not ours to rewrite.
 */
export function encodeRawField(index: HeaderIndex, field: HeaderField): string | undefined {
  if (MACHINE.test(field.name)) return undefined;
  const name = index.head.toString('latin1', field.start, field.valueStart);
  const value = index.value(field);
  let encoded: string | undefined;
  if (ADDRESSES.has(field.name)) encoded = encodeAddresses(value);
  else if (PARAMETERS.has(field.name)) encoded = encodeParameters(value);
  else encoded = encodeUnstructured(value);
  return encoded === undefined || /[^\t\r\n\x20-\x7e]/.test(encoded) ? undefined : `${name} ${encoded}\r\n`;
}

function encodeAddresses(value: string): string | undefined {
  const { mailboxes, groups, doubts } = parseAddressList(value);
  if (groups > 0 || doubts.length > 0 || mailboxes.length === 0) return undefined;
  return mailboxes.map(({ displayName, address }) => formatMailbox(displayName, address)).join(',\r\n ');
}

const MOST_PARAMETERS = 4000;
const PARAMETER = /;\s*(name|filename)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/gi;

function encodeParameters(value: string): string | undefined {
  // an unclosed quote is looked for to the end, from each parameter anew
  if (value.length > MOST_PARAMETERS) return undefined;
  return value.replace(PARAMETER, (whole, name: string, quotedText?: string, token?: string) => {
    const text = quotedText?.replace(/\\(.)/g, '$1') ?? token ?? '';
    if (!/[^\x20-\x7e]/.test(text)) return whole;
    // RFC 2231 §4; encodeURIComponent leaves '()*! which are no attribute characters
    const octets = encodeURIComponent(text.toWellFormed()).replace(
      /['()*!]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
    return `;\r\n ${name}*=utf-8''${octets}`;
  });
}

import { isIPv4, isIPv6 } from 'node:net';

/** RFC 7208 §4.5: the version is followed by a space or by nothing. */
export function isSpfRecord(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text);
}

const DOMAIN_SPEC = /^[\x21-\x7e]{1,253}$/;
/** RFC 7208 §4.6.4: mechanisms and modifiers that make a receiver query DNS, at most ten in all. */
const QUERIES = new Set(['include', 'a', 'mx', 'ptr', 'exists', 'redirect']);

/**
 * Looks for what makes an SPF record useless: wrong terms, more than ten queries on its own level, `+all`.
 * Does not follow includes. Answers one sentence for a person, or undefined.
 */
export function inspectSpf(record: string): string | undefined {
  let queries = 0;
  let all = false;
  let redirect = false;
  for (const term of record.split(/ +/).slice(1)) {
    if (term === '') continue;
    if (all && !term.includes('=')) return `"${term}" stands behind "all", where nothing is read any more.`;
    const match = /^([-+?~]?)([a-z][a-z0-9_.-]*)(?:([:=/])(.*))?$/i.exec(term);
    if (!match) return `"${term}" is not an SPF term.`;
    const [, qualifier = '', rawName = '', separator = '', argument = ''] = match;
    const name = rawName.toLowerCase();
    if (separator === '=') {
      if (qualifier !== '') return `"${term}" is not an SPF term.`;
      if (name === 'redirect') {
        if (redirect) return 'The record has two redirects.';
        redirect = true;
        queries++;
      }
      continue; // RFC 7208 §6: unknown modifiers are ignored
    }
    if (QUERIES.has(name)) queries++;
    if (!isMechanism(name, separator, argument)) return `"${term}" is not an SPF term.`;
    if (name === 'all') {
      if (qualifier === '' || qualifier === '+') return 'The record lets everybody send (+all).';
      all = true;
    }
  }
  if (queries > 10) return `The record needs ${queries} DNS queries; receivers stop at ten.`;
  if (!all && !redirect) return 'The record ends without "all": it says nothing about other senders.';
  return undefined;
}

function isMechanism(name: string, separator: string, argument: string): boolean {
  switch (name) {
    case 'all':
      return separator === '';
    case 'include':
    case 'exists':
      return separator === ':' && DOMAIN_SPEC.test(argument);
    case 'a':
    case 'mx':
      if (separator === '/') return isDualPrefix(argument);
      return separator === '' || isHostWithPrefix(argument);
    case 'ptr':
      return separator === '' || (separator === ':' && DOMAIN_SPEC.test(argument));
    case 'ip4':
      return separator === ':' && isNetwork(argument, isIPv4, 32);
    case 'ip6':
      return separator === ':' && isNetwork(argument, isIPv6, 128);
    default:
      return false;
  }
}

function isHostWithPrefix(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash < 0) return DOMAIN_SPEC.test(text);
  return DOMAIN_SPEC.test(text.slice(0, slash)) && isDualPrefix(text.slice(slash + 1));
}

/** What follows the first slash of `a/24//64`, `a//64`. */
function isDualPrefix(text: string): boolean {
  const match = /^(?:(\d{1,2})(?:\/\/(\d{1,3}))?|\/(\d{1,3}))$/.exec(text);
  return match !== null && Number(match[1] ?? 0) <= 32 && Number(match[2] ?? match[3] ?? 0) <= 128;
}

function isNetwork(text: string, isAddress: (text: string) => boolean, longest: number): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  if (!isAddress(address) || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest);
}

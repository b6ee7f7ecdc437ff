/** Addresses as MAIL and RCPT carry them: the path of RFC 5321 §4.1.2, with RFC 6531 §3.3. */
import { parseAddressLiteral, parseDomain } from './domain.ts';

export interface Path {
  /** The meaning of the local part: quotes and backslashes taken away. */
  local: string;
  /** In lower case, U-labels as A-labels; `[…]` for an address literal; empty for `<>` and for `<postmaster>`. */
  domain: string;
  /** The canonical spelling, without angle brackets: quotes only where the local part needs them. */
  address: string;
  /** It came with a source route (`@a,@b:`), which is not part of the address. */
  routed: boolean;
  /** It held non-ASCII characters as received, for which RFC 6531 requires the SMTPUTF8 parameter. */
  utf8: boolean;
}

export type ParsedPath =
  | { path: Path /** What follows the closing bracket. */; rest: string }
  | { fault: string };

const LOCAL_OCTETS = 64; // RFC 5321 §4.5.3.1.1
const ADDRESS_OCTETS = 254; // §4.5.3.1.3 allows 256 for the path, its brackets counted

// C1 controls and the line separators of Unicode are never allowed: some reader breaks a line at them.
const BEYOND_ASCII = String.raw`\u{a0}-\u{2027}\u{202a}-\u{10ffff}`;
// White space beyond ASCII is read by some as the end of the address: only quotes can hold it.
const NO_SPACE = String.raw`\u{a1}-\u{167f}\u{1681}-\u{1fff}\u{200b}-\u{2027}\u{202a}-\u{202e}\u{2030}-\u{205e}\u{2060}-\u{2fff}\u{3001}-\u{fefe}\u{ff00}-\u{10ffff}`;
const ATOM = `[A-Za-z0-9!#$%&'*+/=?^_\`{|}~\\-${NO_SPACE}]+`;
const DOT_STRING = new RegExp(`${ATOM}(?:\\.${ATOM})*`, 'uy');
const ONLY_DOT_STRING = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`, 'u');
const QUOTED = new RegExp(String.raw`"((?:[ !#-[\]-~${BEYOND_ASCII}]|\\[ -~])*)"`, 'uy');
const ROUTE = /@[^\s<>@:,"]{1,255}(?:,@[^\s<>@:,"]{1,255})*:/y;
const DOMAIN = /[^\s<>@:,"[\]\\]+/y;
const LITERAL = /\[[^\s<>[\]]{1,60}\]/y;

function scan(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/**
 * Reads a path at the start of `text`, which is the argument of MAIL or RCPT after `FROM:` or `TO:`.
 * `<>` is a path with an empty address. A path without `@` is read with an empty domain: only the caller knows
 * whether it is `<Postmaster>` (RFC 5321 §4.5.1). `fault` is for the journal.
 */
export function parsePath(text: string): ParsedPath {
  if (text[0] !== '<') return { fault: 'the address is not in angle brackets' };
  if (text[1] === '>') {
    return {
      path: { local: '', domain: '', address: '', routed: false, utf8: false },
      rest: text.slice(2),
    };
  }
  // RFC 5321 §4.1.1.3 and appendix C: a source route must be understood, and is not used
  const route = scan(ROUTE, text, 1);
  const start = 1 + (route ? route[0].length : 0);
  const quoted = text[start] === '"';
  const localPart = scan(quoted ? QUOTED : DOT_STRING, text, start);
  if (!localPart) return { fault: 'the local part is malformed' };
  const local = quoted ? (localPart[1] ?? '').replaceAll(/\\(.)/g, '$1') : localPart[0];
  let at = start + localPart[0].length;

  let domain = '';
  let utf8 = hasNonAscii(local);
  if (text[at] === '@') {
    at++;
    const literal = text[at] === '[';
    const found = scan(literal ? LITERAL : DOMAIN, text, at)?.[0];
    const parsed = found && (literal ? parseAddressLiteral(found) : parseDomain(found));
    if (!found || !parsed) return { fault: 'the domain is malformed' };
    domain = parsed;
    utf8 ||= hasNonAscii(found);
    at += found.length;
  }
  if (text[at] !== '>') return { fault: 'the address is not closed by an angle bracket' };

  const address = formatAddress(local, domain);
  if (Buffer.byteLength(local) > LOCAL_OCTETS) return { fault: 'the local part is longer than 64 octets' };
  if (Buffer.byteLength(address) > ADDRESS_OCTETS) return { fault: 'the address is longer than 254 octets' };
  return { path: { local, domain, address, routed: route !== null, utf8 }, rest: text.slice(at + 1) };
}

/** `local@domain`, the local part quoted if it is no dot-string (RFC 5321 §4.1.2); only the local part without a domain. */
export function formatAddress(local: string, domain: string): string {
  const written = ONLY_DOT_STRING.test(local) ? local : `"${local.replaceAll(/["\\]/g, '\\$&')}"`;
  return domain === '' ? written : `${written}@${domain}`;
}

/** Whether SMTPUTF8 is needed to carry `text`. */
export function hasNonAscii(text: string): boolean {
  return /[^\0-\x7f]/.test(text);
}

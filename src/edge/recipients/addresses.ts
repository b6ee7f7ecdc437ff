import { domainOf } from '../../message/envelope.ts';
import type { Tenant } from '../tenant.ts';

export interface AddressRules {
  /** `+`, or empty: no address has a detail. */
  subaddress: string;
  caseSensitive: boolean;
}

/** RFC 5321 §4.5.3.1 allows 64 octets before the `@` and 255 behind it. */
const LONGEST = 320;
const QUOTED = /^"((?:[^"\\]|\\.)*)"$/s;
const DOT_ATOM = /^[^\s"(),:;<>@[\\\]\u0000-\u001f\u007f]+$/u;

/**
 * The form in which recipients are compared: no quotes where none are needed (RFC 5321 §4.1.2 has both mean the
 * same), lower case unless case counts. Undefined for what is too long to be anybody's.
 */
export function comparable(
  address: string,
  { caseSensitive }: Pick<AddressRules, 'caseSensitive'>,
): string | undefined {
  if (address.length > LONGEST) return undefined;
  const at = address.lastIndexOf('@');
  if (at < 1) return undefined;
  const written = address.slice(0, at).normalize('NFC');
  const content = QUOTED.exec(written)?.[1]?.replace(/\\(.)/gs, '$1');
  const local = content !== undefined && DOT_ATOM.test(content) ? content : written;
  return `${caseSensitive ? local : local.toLowerCase()}@${domainOf(address)}`;
}

/**
 * The addresses of which one has to exist, for a recipient to exist: itself, and itself without its detail
 * (RFC 5233). Both in the form in which recipients are compared.
 */
export function candidates(address: string, rules: AddressRules): string[] {
  const whole = comparable(address, rules);
  if (whole === undefined) return [];
  const at = whole.lastIndexOf('@');
  const local = whole.slice(0, at);
  const separator = rules.subaddress === '' ? -1 : local.indexOf(rules.subaddress);
  // an address that begins with the separator has no base
  if (separator < 1 || local.startsWith('"')) return [whole];
  return [whole, local.slice(0, separator) + whole.slice(at)];
}

/**
 * RFC 5321 §4.5.1: every domain has a postmaster, in any case of letters, whoever is listed. Only the accepted domains
 * themselves, so that no endless number of subdomains exists by it.
 */
export function isPostmaster({ domains }: Pick<Tenant, 'domains'>, address: string): boolean {
  const local = comparable(address, { caseSensitive: false })?.split('@', 1)[0];
  return local === 'postmaster' && domains.some(({ name }) => name === domainOf(address));
}

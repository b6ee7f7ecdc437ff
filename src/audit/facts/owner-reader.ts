import type { Tenant } from '../../edge/tenant.ts';
import { Memo, type OctetReader } from '../evidence/memo.ts';
import { hashOfOctets } from './keys.ts';
import { type Belonging, belongingOf } from './own-domains.ts';

const LONGEST = 320;
const AT = 64;
const EQUALS = 61;
/** Characters of an address as it is written plainly, in lower case by their octets; 0 for all others. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, octet) => {
  const character = String.fromCharCode(octet);
  return /[!-~]/.test(character) && !/["<>]/.test(character) ? character.toLowerCase().charCodeAt(0) : 0;
});

/**
 * Tells whose an address is from its octets; it becomes no text. What is remembered are domains: there are fewer of them
 * than of addresses.
 */
export class OwnerReader implements OctetReader<boolean> {
  /** Of the address that was read last; `unknown` for none. */
  belonging: Belonging = 'unknown';
  /** As `hashOf` its text in lower case. */
  hash = 0;
  readonly #domains: Memo<Belonging>;
  readonly #lower = Buffer.alloc(LONGEST);

  constructor(tenant: Tenant) {
    this.#domains = new Memo((octets) => belongingOf(tenant, octets.toString('latin1')), 15);
  }

  /** @returns whether it is an address in its usual form, or none at all */
  get(buffer: Buffer, start: number, end: number): boolean {
    const length = end - start;
    if (length > LONGEST || buffer[start] === EQUALS) return false;
    const lower = this.#lower;
    let domain = 0;
    for (let at = 0; at < length; at++) {
      const octet = PLAIN[buffer[start + at]!]!;
      if (octet === 0) return false;
      if (octet === AT) domain = at + 1;
      lower[at] = octet;
    }
    this.hash = hashOfOctets(lower, 0, length);
    this.belonging = length === 0 ? 'null' : this.#domains.get(lower, domain, length);
    return true;
  }
}

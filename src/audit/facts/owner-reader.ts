import type { Tenant } from '../../edge/tenant.ts';
import type { CsvRow } from '../evidence/csv-scanner.ts';
import { Memo } from '../evidence/memo.ts';
import type { OctetHash } from './hash.ts';
import { areFit, fourThrough, octetTable } from './octet-table.ts';
import { type Belonging, belongingOf } from './own-domains.ts';

const LONGEST = 320;
const AT = 64;
const DOT = 46;
const EQUALS = 61;
/** Characters of an address as it is written plainly. */
const PLAIN = octetTable(/[!#-;=?-~]/);

/** Tells whose an address is from its octets; it becomes no text. */
export class OwnerReader {
  /** Of the address that was read last. */
  belonging: Belonging = 'null';
  /** It in lower case, with room for three octets more. */
  readonly #octets = Buffer.alloc(LONGEST + 3);
  readonly #view = new DataView(this.#octets.buffer, this.#octets.byteOffset, this.#octets.length);
  #length = 0;
  readonly #tails: DomainTails;
  readonly #domains: Memo<Belonging>;

  constructor(tenant: Tenant) {
    this.#tails = new DomainTails(tenant.domains.map(({ name }) => name));
    this.#domains = new Memo((octets) => belongingOf(tenant, octets.toString('latin1')), 8);
  }

  /** @returns whether the field is an address in its usual form, or empty */
  read(row: CsvRow, field: number): boolean {
    if (field >= row.count) return this.#none();
    const { buffer } = row;
    const start = row.starts[field]!;
    const end = row.ends[field]!;
    const length = end - start;
    if (length === 0) return this.#none();
    if (length > LONGEST || buffer[start] === EQUALS) return false;
    const octets = this.#octets;
    let all = 0;
    let to = 0;
    let at = start;
    for (; at + 4 <= end; at += 4, to += 4) {
      const four = fourThrough(PLAIN, buffer, at);
      all |= four;
      this.#view.setInt32(to, four, true);
    }
    for (; at < end; at++, to++) all |= octets[to] = PLAIN[buffer[at]!]!;
    if (!areFit(all)) return false;
    this.#length = length;
    let domain = length;
    while (domain > 0 && octets[domain - 1] !== AT) domain--;
    this.belonging = this.#belonging(domain, length);
    return true;
  }

  /** As `hashOf` the text of the address in lower case. */
  hashInto(hash: OctetHash): void {
    hash.take(this.#view, 0, this.#length);
  }

  #none(): true {
    this.#length = 0;
    this.belonging = 'null';
    return true;
  }

  #belonging(start: number, end: number): Belonging {
    // nearly all domains of others are told by their last octets
    if (this.#octets[end - 1] !== DOT && !this.#tails.mayEnd(this.#view, start, end)) return 'foreign';
    return this.#domains.get(this.#octets, start, end);
  }
}

/** How some domains end. One that ends otherwise is neither one of them nor below one. */
class DomainTails {
  /** Octets of an end; fewer than four are not looked at. */
  readonly #length: number;
  /** 1 at the mark of each. */
  readonly #marks = new Uint8Array(4096);

  constructor(domains: readonly string[]) {
    this.#length = Math.min(8, ...domains.map((domain) => domain.length));
    if (this.#length < 4) return;
    for (const domain of domains) {
      const octets = Buffer.from(domain, 'latin1');
      const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
      this.#marks[this.#mark(view, octets.length)] = 1;
    }
  }

  mayEnd(octets: DataView, start: number, end: number): boolean {
    if (this.#length < 4) return true;
    return end - start >= this.#length && this.#marks[this.#mark(octets, end)] === 1;
  }

  #mark(octets: DataView, end: number): number {
    const first = octets.getInt32(end - this.#length, true);
    const last = octets.getInt32(end - 4, true);
    return Math.imul(Math.imul(first, 0x01000193) ^ last, 0x9e3779b1) >>> 20;
  }
}

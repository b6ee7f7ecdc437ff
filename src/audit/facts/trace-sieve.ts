import type { Tenant } from '../../edge/tenant.ts';
import type { CsvRecord } from '../evidence/csv-record.ts';
import type { CsvRow } from '../evidence/csv-scanner.ts';
import type { Layout } from '../evidence/fields.ts';
import type { TraceFilter } from '../evidence/row-filter.ts';
import { Gleaner } from './gleaning.ts';
import { OctetHash } from './hash.ts';
import { areFit, fourThrough, octetTable } from './octet-table.ts';
import { OwnerReader } from './owner-reader.ts';
import { relevanceAmong, type Relevance } from './relevance.ts';
import type { Sketch } from './sketch.ts';

const DAY = 86_400_000;
const FROM_MAILBOX = { kind: 'trace', direction: 'originating' } as const;
const FROM_OUTSIDE = { kind: 'trace' } as const;

const DASH = 45;
const DOT = 46;
const LESS = 60;
const GREATER = 62;
const DIGITS = octetTable(/[0-9a-f]/i);
const LONGEST_MESSAGE_ID = 1000;

/**
 * Counts rows of a message trace without making anything of them: whose sender and recipient are, and whether there is
 * an address, tells most rows from those that are kept. It works on octets alone, since nine of ten rows pass here.
 */
export class TraceSieve {
  readonly #gleaner: Gleaner;
  readonly #sender: OwnerReader;
  readonly #recipient: OwnerReader;
  readonly #name = new OctetHash();
  readonly #addressee = new OctetHash();
  readonly #both = new OctetHash();
  readonly #message = new OctetHash();
  readonly #digits = new DataView(new ArrayBuffer(32));
  /** Of the day that was counted last: rows of a day come together. */
  readonly #sketches: Partial<Record<Relevance, Sketch>> = {};
  #day = Number.NaN;
  #harvest = 0;

  constructor(tenant: Tenant, gleaner: Gleaner) {
    this.#gleaner = gleaner;
    this.#sender = new OwnerReader(tenant);
    this.#recipient = new OwnerReader(tenant);
  }

  /** For tables of such columns; undefined where one is missing without which no row can be told. */
  filterFor({
    sender_address,
    recipient_address,
    from_ip,
    trace_id,
    message_id,
  }: Layout['places']): TraceFilter | undefined {
    if (sender_address === undefined || recipient_address === undefined) return undefined;
    if (trace_id === undefined || message_id === undefined) return undefined;
    return {
      take: (row, record) => {
        if (!this.#sender.read(row, sender_address) || !this.#recipient.read(row, recipient_address))
          return undefined;
        const origin = from_ip === undefined ? 'outside' : originOf(row, from_ip);
        if (origin === 'unusual') return undefined;
        const { belonging } = this.#recipient;
        const relevance = relevanceAmong(
          origin === 'mailbox' ? FROM_MAILBOX : FROM_OUTSIDE,
          'unknown',
          this.#sender.belonging,
          belonging === 'null' ? 'unknown' : belonging,
        );
        if (relevance === 'keep' || !this.#readName(row, trace_id)) return undefined;
        if (relevance !== 'foreign' && !this.#readMessage(row, message_id)) return undefined;
        const at = record.moment('time');
        if (at === undefined) return undefined;
        this.#count(Math.floor(at / DAY), relevance, record);
        return at;
      },
    };
  }

  #count(day: number, relevance: Relevance, record: CsvRecord): void {
    this.#recipient.hashInto(this.#addressee);
    this.#both.takeBoth(this.#name, this.#addressee);
    this.#sketch(day, relevance).addHalves(this.#both.low, this.#both.high);
    if (relevance !== 'foreign') {
      this.#gleaner.send(this.#message.value);
    } else if (Gleaner.isSampled(this.#name.low)) {
      const address = record.network('from_ip');
      if (address) this.#gleaner.sample(this.#name.value, address, day);
    }
  }

  #sketch(day: number, relevance: Relevance): Sketch {
    if (day !== this.#day || this.#gleaner.harvests !== this.#harvest) {
      this.#day = day;
      this.#harvest = this.#gleaner.harvests;
      for (const known of Object.keys(this.#sketches)) delete this.#sketches[known as Relevance];
    }
    return (this.#sketches[relevance] ??= this.#gleaner.sketch(day, 'trace', relevance));
  }

  /** A GUID in its usual form, `adac754c-cc67-4619-da4c-08ddc4691e84`; hashed as its digits in lower case. */
  #readName(row: CsvRow, field: number): boolean {
    if (field >= row.count) return false;
    const { buffer } = row;
    const at = row.starts[field]!;
    if (row.ends[field]! - at !== 36) return false;
    if (buffer[at + 8] !== DASH || buffer[at + 13] !== DASH) return false;
    if (buffer[at + 18] !== DASH || buffer[at + 23] !== DASH) return false;
    const digits = this.#digits;
    let all = 0;
    for (let group = 0; group < 8; group++) {
      // a dash stands before the third, fourth, fifth and sixth
      const four = fourThrough(DIGITS, buffer, at + 4 * group + Math.min(4, Math.max(0, group - 1)));
      all |= four;
      digits.setInt32(4 * group, four, true);
    }
    if (!areFit(all)) return false;
    this.#name.take(digits, 0, 32);
    return true;
  }

  /** A Message-ID in its usual form, `<...>`, that was not cut for a screen. */
  #readMessage(row: CsvRow, field: number): boolean {
    if (field >= row.count || row.doubled[field] === 1) return false;
    const { buffer } = row;
    const start = row.starts[field]!;
    const end = row.ends[field]!;
    const length = end - start;
    if (length < 4 || length > LONGEST_MESSAGE_ID) return false;
    if (buffer[start] !== LESS || buffer[end - 1] !== GREATER || buffer[end - 2] === DOT) return false;
    return this.#message.take(row.view, start, end);
  }
}

/** A trace leaves the address of what was submitted inside of the service blank; its first octet tells. */
function originOf(row: CsvRow, field: number): 'mailbox' | 'outside' | 'unusual' {
  if (field >= row.count) return 'mailbox';
  const start = row.starts[field]!;
  if (start === row.ends[field]) return 'mailbox';
  const first = row.buffer[start]! | 32;
  const isDigit = first >= 48 && first <= 57;
  return isDigit || (first >= 97 && first <= 102) ? 'outside' : 'unusual';
}

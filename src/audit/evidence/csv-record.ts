import type { CsvRow } from './csv-scanner.ts';
import { type FieldName, type Layout, type Mapping, plainName } from './fields.ts';
import { Memo } from './memo.ts';
import { type DateOrder, isoMoment, readMoment } from './moments.ts';
import { readWhole } from './numbers.ts';
import { LONGEST_TEXT, type EvidenceRecord } from './record.ts';
import { UNUSED } from './tables/builders.ts';
import { fieldText } from './transcoder.ts';
import { mailAddress, messageGuid, networkAddress, unwrapped } from './values.ts';

/** Fields with few values, each of which is made once. */
const REPEATING: ReadonlySet<FieldName> = new Set([
  'status',
  'connector_id',
  'connector_name',
  'connector_type',
  'directionality',
  'event',
  'source',
  'tag',
  'delivery_action',
  'authentication',
  'tls',
  'forced_tls',
  'client_hostname',
  'recipient_status',
  'from_ip',
  'action',
]);

const QUOTE = 34;
const EQUALS = 61;
const SPACE = 32;
const DASH = 45;
const LONGEST_CELL = 262_144;
/** Hexadecimal digits in lower case by their octets; 0 for all others. */
const HEX = Uint8Array.from({ length: 256 }, (_, octet) =>
  /[0-9a-f]/i.test(String.fromCharCode(octet)) ? octet | SPACE : 0,
);

/** The current row of a table as a record. */
export class CsvRecord implements EvidenceRecord {
  row = 0;
  /** Set before the first moment is asked for. */
  order: DateOrder | undefined;
  readonly #places: Layout['places'];
  readonly #others: Layout['others'];
  readonly #constants: Mapping['columns'];
  #current: CsvRow | undefined;
  readonly #digits = Buffer.allocUnsafeSlow(32);
  readonly #addresses = new Memo((octets) => mailAddress(cell(octets)), 14);
  readonly #networks = new Memo((octets) => networkAddress(cell(octets)), 14);
  readonly #texts = new Memo(cell, 12);
  readonly #moments = new Memo((octets) => readMoment(cell(octets), this.order), 12);

  constructor(layout: Layout, constants: Mapping['columns']) {
    this.#places = layout.places;
    this.#others = layout.others.filter(({ name }) => !UNUSED.has(plainName(name)));
    this.#constants = constants;
  }

  use(row: CsvRow): void {
    this.#current = row;
    this.row++;
  }

  has(field: FieldName): boolean {
    return this.#places[field] !== undefined || this.#constant(field) !== undefined;
  }

  text(field: FieldName): string | undefined {
    const place = this.#places[field];
    if (place === undefined) return this.#constant(field);
    const row = this.#current!;
    if (REPEATING.has(field)) return this.#through(this.#texts, row, place);
    if (place >= row.count) return '';
    return row.doubled[place] === 1
      ? cell(row.octets(place))
      : cellBetween(row.buffer, row.starts[place]!, row.ends[place]!);
  }

  address(field: FieldName): string | undefined {
    const place = this.#places[field];
    if (place === undefined) return this.#constant(field)?.toLowerCase();
    return this.#through(this.#addresses, this.#current!, place);
  }

  network(field: FieldName): string | undefined {
    const place = this.#places[field];
    return place === undefined ? undefined : this.#through(this.#networks, this.#current!, place);
  }

  moment(field: FieldName): number | undefined {
    const place = this.#places[field];
    if (place === undefined) return undefined;
    const row = this.#current!;
    if (place >= row.count) return undefined;
    const iso = isoMoment(row.buffer, row.starts[place]!, row.ends[place]!);
    return iso ?? this.#through(this.#moments, row, place);
  }

  whole(field: FieldName): number | undefined {
    const place = this.#places[field];
    if (place === undefined || place >= this.#current!.count) return undefined;
    const { buffer, starts, ends } = this.#current!;
    const end = ends[place]!;
    let value = 0;
    let at = starts[place]!;
    if (end - at > 0 && end - at <= 15) {
      for (; at < end; at++) {
        const digit = buffer[at]! - 48;
        if (digit < 0 || digit > 9) break;
        value = value * 10 + digit;
      }
      if (at === end) return value;
    }
    return readWhole(cell(this.#current!.octets(place)));
  }

  guid(field: FieldName): string | undefined {
    const place = this.#places[field];
    if (place === undefined || place >= this.#current!.count) return undefined;
    const { buffer, starts, ends } = this.#current!;
    return this.#dashed(buffer, starts[place]!, ends[place]!)
      ? this.#digits.toString('latin1')
      : messageGuid(cell(this.#current!.octets(place)));
  }

  extra(): Record<string, string> | undefined {
    let extra: Record<string, string> | undefined;
    for (const { name, place } of this.#others) {
      const text = cell(this.#current!.octets(place));
      if (text !== '') (extra ??= {})[name] = text.slice(0, LONGEST_TEXT);
    }
    return extra;
  }

  /** `adac754c-cc67-4619-da4c-08ddc4691e84` at once; every row has one that no other has. */
  #dashed(octets: Buffer, start: number, end: number): boolean {
    if (end - start !== 36) return false;
    const digits = this.#digits;
    let to = 0;
    for (let at = start; at < end; at++) {
      const octet = octets[at]!;
      const digit = HEX[octet]!;
      if (digit !== 0) digits[to++] = digit;
      else if (octet !== DASH) return false;
    }
    return to === 32;
  }

  #through<T>(memo: Memo<T>, row: CsvRow, place: number): T {
    if (place >= row.count || row.doubled[place] === 1) {
      const octets = row.octets(place);
      return memo.get(octets, 0, octets.length);
    }
    return memo.get(row.buffer, row.starts[place]!, row.ends[place]!);
  }

  #constant(field: FieldName): string | undefined {
    const value = this.#constants[field];
    return value?.startsWith('=') ? value.slice(1) : undefined;
  }
}

/** A cell's text: without white space around it, and without what Excel puts around a number that is none. */
function cell(octets: Buffer): string {
  return cellBetween(octets, 0, octets.length);
}

function cellBetween(octets: Buffer, from: number, to: number): string {
  let start = from;
  let end = Math.min(to, from + LONGEST_CELL);
  while (start < end && octets[start]! <= SPACE) start++;
  while (end > start && octets[end - 1]! <= SPACE) end--;
  if (start === end) return '';
  let bits = 0;
  for (let at = start; at < end; at++) bits |= octets[at]!;
  if (octets[start] === EQUALS && octets[end - 1] === QUOTE)
    return unwrapped(fieldText(octets.subarray(start, end)));
  // white space beyond ASCII is trimmed with the rest
  return bits > 127 ? fieldText(octets.subarray(start, end)).trim() : octets.toString('latin1', start, end);
}

/**
 * A stretch of a table, read by itself: from the first line that begins at or behind `from` to the first that begins at
 * or behind `to`. A line end inside of quotes may be taken for the end of a row; then the stretch before ends
 * elsewhere than this one begins, which whoever puts them together notices.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { CsvHeader } from './csv-header.ts';
import { CsvRecord } from './csv-record.ts';
import { CsvScanner } from './csv-scanner.ts';
import type { TableKind } from './kinds.ts';
import type { DateOrder } from './moments.ts';
import type { Observation } from './observation.ts';
import { type FileReport, Findings } from './report.ts';
import type { RowFilter } from './row-filter.ts';
import type { Place } from './step.ts';
import { TableRows } from './table-rows.ts';
import { type Encoding, Transcoder } from './transcoder.ts';

/** What is to be known of a table before any of its rows can be read. */
export interface Table {
  header: CsvHeader;
  kind: TableKind;
  order: DateOrder | undefined;
}

export interface Block {
  path: string;
  /** Number of the file. */
  file: number;
  table: Table & { encoding: Encoding };
  /** Octets of the file. */
  from: number;
  to: number;
  /** A row begins at `from`. */
  exact: boolean;
  /** `to` is the end of the file. */
  last: boolean;
}

export interface BlockResult {
  /** Where its first row begins and its last one ends. */
  start: number;
  end: number;
  /** Where to go on when the file has grown: before a row without line end. Rows are counted from here. */
  resume: Place;
  /** With the numbers of rows as if the file began here. */
  observations: Observation[];
  report: FileReport;
  /** What the filter has taken. */
  gleaned?: unknown;
}

/** Reads blocks elsewhere, several at a time. */
export interface BlockReaders {
  /** How many may be under way. */
  readonly ahead: number;
  /** Octets of a block; an even number. */
  readonly blockBytes: number;
  /** Octets of the smallest file that is worth it. */
  readonly leastBytes: number;
  /** Undefined where it can't be read by itself: no row ends where one should, or its encoding changes. */
  read(block: Block): Promise<BlockResult | undefined>;
}

const LF = 10;
/** So many octets behind the end of a block its last row has to end. */
const SLACK = 65_536;

/** Reads one block after the other into one buffer. */
export class BlockReader {
  readonly #filter: RowFilter | undefined;
  #octets = Buffer.alloc(0);
  #known: { file: number; path: string; record: CsvRecord } | undefined;

  constructor(filter?: RowFilter) {
    this.#filter = filter;
  }

  /** As `BlockReaders.read`. @throws the system's error */
  read(block: Block): Omit<BlockResult, 'gleaned'> | undefined {
    const { header, kind, encoding } = block.table;
    const unit = encoding === 'utf-8' ? 1 : 2;
    // the line end right before `from` tells that a line begins there
    const origin = block.exact ? block.from : Math.max(0, block.from - unit);
    const octets = this.#load(block, origin);
    const start = block.exact ? 0 : lineAfter(octets, 0, unit);
    let end = block.last ? octets.length : lineAfter(octets, block.to - unit - origin, unit);
    if (start === -1 || end === -1) return undefined;
    const findings = new Findings(block.file, block.path);
    const record = this.#recordFor(block);
    const table = new TableRows(findings, header, kind, record, this.#filter);
    const transcoder = new Transcoder(Buffer.alloc(0));
    transcoder.resume();
    transcoder.encoding = encoding;
    const scanner = new CsvScanner(header.delimiter, table);
    scanner.expect(header.columns.length);
    scanner.feed(transcoder.feed(octets.subarray(start, Math.max(start, end))));
    while (!block.last && scanner.held.length > 0 && scanner.continuable && !transcoder.mixed) {
      const next = lineAfter(octets, end, unit);
      if (next === -1) return undefined;
      scanner.feed(transcoder.feed(octets.subarray(end, next)));
      end = next;
    }
    if (transcoder.mixed || !scanner.continuable) return undefined;
    const open = transcoder.originalLength(scanner.held) ?? 0;
    const resume = { offset: origin + Math.max(start, end) - open, row: record.row };
    if (block.last) {
      scanner.feed(transcoder.finish());
      table.last = true;
      scanner.finish();
    }
    return {
      start: origin + start,
      end: origin + Math.max(start, end),
      resume,
      observations: table.take(),
      report: findings.report,
    };
  }

  /** What it remembers of values is good for the whole file. */
  #recordFor({ file, path, table: { header, order } }: Block): CsvRecord {
    if (this.#known?.file !== file || this.#known.path !== path) {
      const record = new CsvRecord(header.layout, header.mapping?.columns ?? {});
      record.order = order;
      this.#known = { file, path, record };
    }
    this.#known.record.row = 0;
    return this.#known.record;
  }

  #load({ path, to, last }: Block, origin: number): Buffer {
    const file = openSync(path, 'r');
    try {
      const wanted = to - origin + (last ? 0 : SLACK);
      if (this.#octets.length < wanted) this.#octets = Buffer.allocUnsafeSlow(wanted);
      let length = 0;
      for (let read = 1; read > 0 && length < wanted; length += read)
        read = readSync(file, this.#octets, length, wanted - length, origin + length);
      return this.#octets.subarray(0, length);
    } finally {
      closeSync(file);
    }
  }
}

/** Where the line behind the first line end at or after `from` begins; -1 where there is none. @param unit octets of a character */
function lineAfter(octets: Buffer, from: number, unit: number): number {
  for (let at = octets.indexOf(LF, from); at !== -1; at = octets.indexOf(LF, at + 1)) {
    if (unit === 1) return at + 1;
    if (at % 2 === 0 && octets[at + 1] === 0) return at + 2;
  }
  return -1;
}

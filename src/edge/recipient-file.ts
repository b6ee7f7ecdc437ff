import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { RegistryError } from '../sources/registry.ts';
import { canonicalRecipient } from './fields.ts';

/** One address that a file names, or what is wrong in that line. */
export type ListedRecipient =
  | { line: number; address: string; error?: undefined }
  | { line: number; error: string; address?: undefined };

const CHUNK = 65_536;
const LONGEST_RECORD = 262_144;
/** A mailbox with more addresses than that is none. */
const MOST_IN_A_CELL = 1000;

/** Columns that hold addresses, as people name them and as `Get-Recipient | Export-Csv` does. */
const COLUMNS = [
  'address',
  'recipient',
  'email',
  'emailaddress',
  'emailaddresses',
  'mail',
  'primarysmtpaddress',
  'proxyaddresses',
  'windowsemailaddress',
];
const KNOWN = 'address, PrimarySmtpAddress, EmailAddresses, mail or proxyAddresses';

/**
 * The addresses of a CSV file: a list of them without a head, or with columns that are known. Takes what Exchange
 * exports: several addresses in a cell, `SMTP:` before them, those of other kinds (SIP, X500) left out.
 * @throws RegistryError `invalid` for a file that is no CSV or has no column with addresses
 */
export async function* recipientsOfCsv(file: string): AsyncGenerator<ListedRecipient> {
  const parser = Readable.from(chunks(file)).pipe(
    parse({
      bom: true,
      delimiter: delimiterOf(file),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_RECORD,
    }),
  );
  let columns: number[] | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      // Windows PowerShell begins its exports with the type of the objects
      if (record[0]?.startsWith('#TYPE ')) continue;
      if (!columns) {
        columns = columnsOf(record);
        if (columns.length > 0) continue;
        if (!record.some((cell) => cell.includes('@'))) {
          const head = record.slice(0, 10).join(', ').slice(0, 100);
          throw new RegistryError(
            'invalid',
            `the file has no column with addresses: name one ${KNOWN}, or leave out the head; it has ${head}`,
          );
        }
        columns = record.map((_, index) => index);
      }
      for (const index of columns) yield* addressesOf(record[index] ?? '', info.lines);
    }
  } catch (error) {
    if (error instanceof CsvError) throw new RegistryError('invalid', `the file is no CSV: ${error.message}`);
    throw error;
  }
}

/** The same for a list of addresses, or of objects with members of the names that are known. */
export function* recipientsOfJson(list: readonly unknown[]): Generator<ListedRecipient> {
  for (const [index, entry] of list.entries()) {
    const line = index + 1;
    const cells = cellsOf(entry);
    if (cells.length === 0) yield { line, error: `is no address, and has no member ${KNOWN}` };
    for (const cell of cells) yield* addressesOf(cell, line);
  }
}

function cellsOf(entry: unknown): string[] {
  if (typeof entry === 'string') return [entry];
  if (typeof entry !== 'object' || entry === null) return [];
  return Object.entries(entry)
    .filter(([name]) => COLUMNS.includes(plain(name)))
    .flatMap(([, value]) => (Array.isArray(value) ? value.slice(0, MOST_IN_A_CELL) : [value]))
    .filter((value) => typeof value === 'string');
}

function* addressesOf(cell: string, line: number): Generator<ListedRecipient> {
  const words = cell.split(/[\s;,]+/, MOST_IN_A_CELL).filter((word) => word !== '');
  // an address of another kind may hold spaces, so that its parts are no mistakes
  const foreign = words.some((word) => /^(?!smtp:)[a-z0-9]{1,10}:/i.test(word));
  for (const word of words) {
    if (/^(?!smtp:)[a-z0-9]{1,10}:/i.test(word)) continue;
    const text = word.replace(/^smtp:/i, '');
    const address = canonicalRecipient(text);
    if (address !== undefined) yield { line, address };
    else if (!foreign || text.includes('@'))
      yield { line, error: `${JSON.stringify(text.slice(0, 80))} is no address of a recipient` };
  }
}

function columnsOf(head: readonly string[]): number[] {
  return head.flatMap((name, index) => (COLUMNS.includes(plain(name)) ? [index] : []));
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '');
}

function* chunks(file: string): Generator<string> {
  for (let at = 0; at < file.length; at += CHUNK) yield file.slice(at, at + CHUNK);
}

/** Spreadsheets separate by what their country prefers. */
function delimiterOf(file: string): string {
  const [head = ''] = file.slice(0, 4096).split(/\r?\n/, 1);
  const count = (delimiter: string) => head.split(delimiter).length;
  return [';', '\t'].find((delimiter) => count(delimiter) > count(',')) ?? ',';
}

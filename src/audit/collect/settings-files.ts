import path from 'node:path';
import { parse } from 'csv-parse/sync';
import type { Disk } from '../../platform/disk.ts';
import { Budget, CONTAINER_LIMITS, inflated, tarMembers, zipMembers } from '../evidence/containers.ts';
import { Findings } from '../evidence/report.ts';
import { fileSource, headOf, type Source, wholeOf } from '../evidence/source.ts';
import { isRecord } from './evidence-folder.ts';

/** Objects of one file that may be settings. */
export interface Entries {
  /** Of the file in its folder; of a member `archive.zip!member.csv`. */
  name: string;
  entries: Record<string, unknown>[];
}

/** Larger files are evidence. */
const MOST_OCTETS = 16 * 2 ** 20;
/** What all settings in one archive may unpack to, with the beginnings of what turns out to be none. */
const ARCHIVE_OCTETS = 256 * 2 ** 20;
const HEAD_OCTETS = 256 * 1024;
const MOST_ROWS = 20_000;
const MOST_COLUMNS = 1000;
/** Columns of the settings that are looked for: whatever bears none of these needs not be read whole. */
const SIGNS = /DomainType|ConnectorType|RejectDirectSend|isVerified|SetSCL|AllowedSenderDomains|IPAllowList/;

/**
 * Everything in a folder that may be settings: JSON, CSV as Export-Csv writes it, and both in archives. By name, in order.
 * What can not be read is passed over here: reading the evidence tells of it.
 * @throws the system's error when the folder can not be read
 */
export async function* settingsFiles(disk: Disk, folder: string): AsyncGenerator<Entries> {
  for (const name of (await disk.list(folder)).filter((one) => !one.startsWith('.')).sort()) {
    const whole = path.join(folder, name);
    if (/\.(?:json|csv)$/i.test(name)) {
      const entries = entriesOf(name, await octetsOf(disk, whole));
      if (entries) yield { name, entries };
    } else if (/\.(?:zip|gz|tgz|tar)$/i.test(name)) {
      const budget = new Budget(ARCHIVE_OCTETS);
      try {
        for await (const member of membersOf(fileSource(whole, 0), name, budget)) {
          const entries = await entriesIn(member, budget);
          if (entries) yield { name: member.name.slice(folder.length + 1), entries };
        }
      } catch (error) {
        if (!(error instanceof Error)) throw error;
      }
    }
  }
}

/** Members of an archive, and of archives in it. */
async function* membersOf(source: Source, name: string, budget: Budget): AsyncGenerator<Source> {
  if (source.depth > 2) return;
  const findings = new Findings(0, name);
  const limits = CONTAINER_LIMITS;
  if (/\.t?gz$/i.test(name)) {
    const content = inflated(source, 'gzip', budget, limits, findings);
    const inner = name.replace(/\.tgz$/i, '.tar').replace(/\.gz$/i, '');
    if (/\.(?:zip|tar)$/i.test(inner)) yield* membersOf(content, inner, budget);
    else yield { ...content, name: content.name };
    return;
  }
  const members = /\.zip$/i.test(name)
    ? zipMembers(source, budget, limits, findings)
    : tarMembers(source, limits, findings);
  for await (const member of members) {
    if (/\.(?:zip|gz|tgz|tar)$/i.test(member.name)) yield* membersOf(member, member.name, budget);
    else yield member;
  }
}

async function entriesIn(member: Source, budget: Budget): Promise<Record<string, unknown>[] | undefined> {
  // the name of what a .gz holds is its own without the ending
  const name = member.name.replace(/\.gz!$/i, '');
  if (!/\.(?:json|csv)$/i.test(name)) return undefined;
  const head = await headOf(member, HEAD_OCTETS);
  budget.spend(head.length);
  if (!SIGNS.test(textOf(head))) return undefined;
  return entriesOf(name, await wholeOf(member, MOST_OCTETS).catch(() => undefined));
}

function entriesOf(name: string, octets: Buffer | undefined): Record<string, unknown>[] | undefined {
  if (octets === undefined) return undefined;
  const text = textOf(octets);
  if (/\.csv$/i.test(name)) return SIGNS.test(text.slice(0, HEAD_OCTETS)) ? rowsOf(text) : undefined;
  return objectsOf(text);
}

/** The objects of a JSON document: a list, a list in `value`, or one alone. */
function objectsOf(text: string): Record<string, unknown>[] | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  const list = isRecord(document) && Array.isArray(document['value']) ? document['value'] : document;
  return (Array.isArray(list) ? list : [list]).filter(isRecord);
}

/** Rows of Export-Csv, of a console that writes `;`, and of Excel. What is no number or text in PowerShell is its type's name. */
function rowsOf(text: string): Record<string, unknown>[] | undefined {
  // Windows PowerShell begins with the type of what follows
  const table = text.replace(/^\uFEFF?#TYPE [^\n]*\n/, '');
  const [header = ''] = table.split('\n', 1);
  const count = (sign: string): number => header.split(sign).length;
  const delimiter = [',', ';', '\t'].reduce((best, sign) => (count(sign) > count(best) ? sign : best));
  if (count(delimiter) > MOST_COLUMNS) return undefined;
  try {
    const rows: unknown[] = parse(table, {
      bom: true,
      columns: true,
      delimiter,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      to: MOST_ROWS + 1,
      max_record_size: 1_000_000,
    });
    return rows.filter(isRecord).map((row) => ({ ...row }));
  } catch {
    return undefined;
  }
}

/** Windows PowerShell writes UTF-16 with `>`, and a byte order mark with `-Encoding UTF8`. */
function textOf(octets: Buffer): string {
  const wide =
    (octets[0] === 0xff && octets[1] === 0xfe) || (octets.length > 3 && octets[1] === 0 && octets[3] === 0);
  return new TextDecoder(wide ? 'utf-16le' : 'utf-8').decode(octets);
}

async function octetsOf(disk: Disk, name: string): Promise<Buffer | undefined> {
  const file = await disk.open(name, 'read');
  try {
    const chunks: Buffer[] = [];
    for (let at = 0; at <= MOST_OCTETS; ) {
      const chunk = Buffer.alloc(1 << 18);
      const count = await file.read(chunk, at);
      if (count === 0) return Buffer.concat(chunks);
      // a table tells with its first line whether it is one of settings
      if (at === 0 && /\.csv$/i.test(name) && !SIGNS.test(textOf(chunk.subarray(0, count)))) return undefined;
      chunks.push(chunk.subarray(0, count));
      at += count;
    }
    return undefined;
  } finally {
    await file.close();
  }
}

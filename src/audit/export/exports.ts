import type { ExchangeRow } from '../../sources/exchange/row.ts';
import { csvHead, csvLines } from '../../sources/exchange/csv.ts';
import type { SenderLine } from '../inventory/line.ts';
import type { StoredAnswer } from '../run/book.ts';
import { csvOf } from './cells.ts';

const HEAD = [
  'id',
  'name',
  'class',
  'may also be',
  'confidence',
  'direct send',
  'messages',
  'proven',
  'candidates',
  'messages a day',
  'first (UTC)',
  'last (UTC)',
  'addresses',
  'HELO',
  'names',
  'TLS',
  'domains',
  'envelope senders',
  'authors',
  'recipients',
  'SPF',
  'DKIM',
  'DMARC',
  'messages of abuse',
  'campaigns',
  'way out',
  'why',
  'wave',
  'decision',
  'owner',
  'note',
  'evidence',
] as const;

/** The inventory as a table, one line a sender. */
export function sendersCsv({ answer }: StoredAnswer): string {
  return csvOf([HEAD, ...answer.senders.map(cellsOf)]);
}

function cellsOf(line: SenderLine): string[] {
  const { authentication, messages, note, recipients } = line;
  return [
    line.id,
    line.name,
    line.class,
    line.candidates.filter((one) => one !== line.class).join(' '),
    String(line.confidence),
    line.directSend,
    String(messages.total),
    String(messages.proven),
    String(messages.candidates),
    String(messages.perDay),
    time(line.first),
    time(line.last),
    line.addresses.join(' '),
    line.helos.join(' '),
    line.names.join(' '),
    counts(line.tls),
    counts(line.domains),
    line.senders.join(' '),
    line.authors.join(' '),
    `${recipients.count}${recipients.more ? '+' : ''}`,
    counts(authentication.spf),
    counts(authentication.dkim),
    counts(authentication.dmarc),
    String(line.abuse.messages),
    line.abuse.campaigns.join(' '),
    line.wayOut.kind,
    line.wayOut.why,
    line.wave === undefined ? '' : String(line.wave),
    note?.decision ?? '',
    note?.owner ?? '',
    note?.text ?? '',
    counts(line.evidence),
  ];
}

const time = (at: number | undefined): string => (at === undefined ? '' : new Date(at).toISOString());
const counts = (table: Record<string, number>): string =>
  Object.entries(table)
    .map(([name, count]) => `${name}: ${count}`)
    .join(', ');

/** Senders that go on through the relay; what was decided to break, or is moved already, is not among them. */
function relayRows({ answer }: StoredAnswer): ExchangeRow[] {
  return answer.senders.flatMap(({ wayOut, note }) =>
    wayOut.kind === 'relay-source' && note?.decision !== 'ignored' && note?.decision !== 'migrated'
      ? [wayOut.row]
      : [],
  );
}

/** Ready for `postern source import`. */
export function sourcesCsv(stored: StoredAnswer): string {
  return csvHead() + csvLines(relayRows(stored));
}

/** The connectors that senders need, as commands to read before anybody runs them. */
export function connectorScript({ answer, at }: StoredAnswer): string {
  const commands = answer.senders.flatMap(({ id, name, wayOut, note }) => {
    if (note?.decision === 'ignored' || note?.decision === 'migrated') return [];
    const script = 'powershell' in wayOut ? wayOut.powershell : undefined;
    if (script === undefined) return [];
    const where =
      wayOut.kind === 'custom-return-path'
        ? ['# Only where the service can not use a return path of its own.']
        : [];
    return [[`# ${id}: ${comment(name)}`, ...where, script].join('\r\n')];
  });
  return [
    `# Connectors for senders that the audit of ${new Date(at).toISOString().slice(0, 10)} found. Read each before you run it:`,
    '# a connector trusts whoever has its certificate or address.',
    ...(commands.length === 0 ? ['# No sender needs one.'] : commands),
    '',
  ].join('\r\n\r\n');
}

/** What strangers wrote must not end the comment. */
function comment(text: string): string {
  return text.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    ' ',
  );
}

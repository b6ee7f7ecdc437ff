import type { Observation } from '../observation.ts';
import type { Findings } from '../report.ts';
import { headOf, memorySource, type Source, TooLarge, wholeOf } from '../source.ts';
import type { Step } from '../step.ts';
import { detectEncoding, Transcoder } from '../transcoder.ts';
import { detect } from '../detect.ts';
import { CompoundFileError, readOutlookMessage } from './compound-file.ts';
import { headLength, readFields } from './fields.ts';
import { observationsOfMail } from './forensics.ts';
import { isNotification, observationsOfNotification } from './notification.ts';
import { attachmentsOf, type MailPart, partsOf } from './parts.ts';

/** A step with what was found inside of a message and is evidence of its own. */
export interface MailStep extends Step {
  inside: Source[];
}

/** Of a message that is too large to be held, so much is looked at. */
const HEAD = 1_048_576;

/** A stored message, or a header section alone. */
export async function* readMessage(
  source: Source,
  findings: Findings,
  most: number,
): AsyncGenerator<MailStep> {
  let octets: Buffer;
  try {
    octets = await wholeOf(source, most);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    findings.note('larger than is held in memory: only its beginning was read');
    octets = await headOf(source, HEAD);
  }
  if (detectEncoding(octets).encoding !== 'utf-8') {
    const transcoder = new Transcoder(octets);
    findings.report.encoding = transcoder.encoding;
    octets = transcoder.feed(octets);
  }
  const inside: Source[] = [];
  const observations = takeMessage(octets, source, findings, inside);
  yield { observations, read: octets.length, place: undefined, inside };
}

/** Outlook's .msg. */
export async function* readOutlook(
  source: Source,
  findings: Findings,
  most: number,
): AsyncGenerator<MailStep> {
  const octets = await wholeOf(source, most);
  const { report } = findings;
  let observations: Observation[] = [];
  try {
    const { head, attachments } = readOutlookMessage(octets);
    report.rows = 1;
    observations = observationsOfMail(readFields(head), attachments, report.file, 1);
    settle(findings, observations, 1);
  } catch (error) {
    if (!(error instanceof CompoundFileError) && !(error instanceof RangeError)) throw error;
    report.outcome = 'other';
    findings.note(error instanceof CompoundFileError ? error.message : 'a damaged compound file');
  }
  yield { observations, read: octets.length, place: undefined, inside: [] };
}

const SEPARATOR = Buffer.from('\nFrom ');

/** An mbox: messages behind lines that begin with `From ` (RFC 4155). */
export async function* readMbox(source: Source, findings: Findings, most: number): AsyncGenerator<MailStep> {
  let held: Buffer = Buffer.alloc(0);
  let read = 0;
  let skipping = false;
  for await (const chunk of source.open()) {
    read += chunk.length;
    // a message that is too large is skipped to the next separator, which a chunk's end may cut
    held = Buffer.concat([skipping ? held.subarray(-SEPARATOR.length) : held, chunk]);
    const observations: Observation[] = [];
    const inside: Source[] = [];
    for (let end = held.indexOf(SEPARATOR); end !== -1; end = held.indexOf(SEPARATOR)) {
      if (!skipping)
        observations.push(...takeMboxMessage(held.subarray(0, end + 1), source, findings, inside));
      skipping = false;
      held = held.subarray(end + 1);
    }
    if (!skipping && held.length > most) {
      observations.push(...takeMboxMessage(held.subarray(0, HEAD), source, findings, inside));
      findings.note('a message larger than is held in memory: only its beginning was read');
      skipping = true;
    }
    held = Buffer.from(held);
    yield { observations, read, place: undefined, inside };
  }
  const inside: Source[] = [];
  const observations = skipping || held.length === 0 ? [] : takeMboxMessage(held, source, findings, inside);
  yield { observations, read, place: undefined, inside };
}

function takeMboxMessage(
  octets: Buffer,
  source: Source,
  findings: Findings,
  inside: Source[],
): Observation[] {
  const line = octets.indexOf(10);
  return takeMessage(octets.subarray(line + 1), source, findings, inside);
}

/** A message as evidence: of itself, of what it returns, or of the report that it carries. */
function takeMessage(octets: Buffer, source: Source, findings: Findings, inside: Source[]): Observation[] {
  const { report } = findings;
  const row = ++report.rows;
  const fields = readFields(octets.subarray(0, Math.min(headLength(octets), HEAD)));
  const parts = partsOf(octets);
  const reports = aggregateReports(parts, source, row);
  if (reports.length > 0) {
    report.kind ??= 'mail';
    report.used++;
    inside.push(...reports);
    return [];
  }
  const observations = isNotification(fields, parts)
    ? observationsOfNotification(fields, parts, report.file, row)
    : observationsOfMail(fields, attachmentsOf(parts), report.file, row);
  settle(findings, observations, row);
  return observations;
}

function settle(findings: Findings, observations: Observation[], row: number): void {
  const { report } = findings;
  if (observations.length === 0) {
    findings.refuse(row, 'nothing in it tells of a message');
    return;
  }
  report.used++;
  report.observations += observations.length;
  for (const { kind, at } of observations) {
    findings.kind(kind);
    findings.seen(at);
  }
}

/** DMARC reports among the parts, whatever the part says that it is. */
function aggregateReports(parts: readonly MailPart[], source: Source, row: number): Source[] {
  return parts.flatMap((part, place) => {
    const content = detect(part.content.subarray(0, 65_536));
    const named = /!\d{9,}!\d{9,}|\.xml(?:\.gz|\.zip)?$|\.gz$/i.test(part.name ?? '');
    const alone = parts.length === 1 && (content === 'gzip' || content === 'zip');
    const packed = (content === 'gzip' || content === 'zip') && (named || alone);
    if (content !== 'dmarc' && !packed) return [];
    const name = part.name === undefined ? String(place + 1) : part.name.replace(/\p{C}/gu, '�');
    return [memorySource(`${source.name}!${row}!${name}`, source.depth + 1, Buffer.from(part.content))];
  });
}

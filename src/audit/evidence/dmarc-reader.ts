/**
 * DMARC aggregate reports (RFC 9990, RFC 7489 Appendix C, and what is sent under these names): streamed, local names
 * only, errors passed over, since one report in five has some.
 */
import { SaxesParser } from 'saxes';
import type { Observation } from './observation.ts';
import { readMoment } from './moments.ts';
import { LONGEST_TEXT } from './record.ts';
import type { Findings } from './report.ts';
import { headOf, type Source } from './source.ts';
import type { Step } from './step.ts';
import { detectEncoding } from './transcoder.ts';
import { networkAddress } from './values.ts';

const MOST_DEPTH = 32;
const LONGEST_VALUE = 4096;
const MOST_RECORDS = 2_000_000;
const MOST_IDENTITIES = 100;

export async function* readDmarc(source: Source, findings: Findings): AsyncGenerator<Step> {
  findings.kind('dmarc');
  const head = await headOf(source, 4096);
  const label = encodingOf(head);
  findings.report.encoding = label;
  const decoder = new TextDecoder(label);
  const report = new ReportReader(findings);
  let read = 0;
  let first = true;
  for await (const chunk of source.open()) {
    read += chunk.length;
    let text = decoder.decode(chunk, { stream: true });
    // blank lines stand before the declaration in some reports
    if (first) text = text.trimStart();
    first = first && text === '';
    report.write(text);
    yield { observations: report.take(), read, place: undefined };
    if (report.full) break;
  }
  report.write(decoder.decode());
  report.close();
  yield { observations: report.take(), read, place: undefined };
}

/** The mark, then the declaration, else UTF-8. */
function encodingOf(head: Buffer): string {
  const { encoding, mark } = detectEncoding(head);
  if (mark || encoding !== 'utf-8') return encoding;
  const label = /^\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(
    head.toString('latin1'),
  )?.[1];
  if (label === undefined || /^utf-?16/i.test(label)) return 'utf-8';
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return 'utf-8';
  }
}

/** The values of one record, by the path of their elements. */
interface RecordValues {
  single: Map<string, string>;
  dkim: Map<string, string>[];
  spf: Map<string, string>[];
}

class ReportReader {
  full = false;
  readonly #findings: Findings;
  readonly #parser = new SaxesParser({ position: false });
  /** Local names of the open elements. */
  #path: string[] = [];
  #text = '';
  #record: RecordValues | undefined;
  #identity: Map<string, string> | undefined;
  readonly #metadata = new Map<string, string>();
  #batch: Observation[] = [];
  #damaged = 0;
  /** The beginning of an entity or a tag, at the end of a chunk. */
  #held = '';
  #closed = false;

  constructor(findings: Findings) {
    this.#findings = findings;
    this.#parser.on('error', () => {
      this.#damaged++;
    });
    this.#parser.on('opentag', ({ name }) => this.#opened(name));
    this.#parser.on('text', (text) => this.#heard(text));
    this.#parser.on('cdata', (text) => this.#heard(text));
    this.#parser.on('closetag', ({ name }) => this.#closedTag(name));
  }

  write(text: string): void {
    if (this.full || text === '') return;
    const joined = this.#held + text;
    const cut = joined.search(/(?:&#?\w{0,10}|<)$/);
    this.#held = cut === -1 ? '' : joined.slice(cut);
    this.#parser.write(this.#mended(cut === -1 ? joined : joined.slice(0, cut)));
  }

  /** `&` and `<` that begin nothing stand for themselves: the parser would take all up to the next `;` for a name. */
  #mended(text: string): string {
    return text.replace(/&(?!#?\w{1,10};)|<(?![A-Za-z_/!?])/g, (character) => {
      this.#damaged++;
      return character === '&' ? '&amp;' : '&lt;';
    });
  }

  close(): void {
    if (!this.full) this.#parser.write(this.#mended(this.#held)).close();
    const { report } = this.#findings;
    if (!this.#closed && !this.full) {
      this.#findings.note('the report is cut');
      report.outcome = 'partly';
    }
    if (this.#damaged > 0) this.#findings.note('the XML has errors, which were passed over');
    if (report.rows === 0) this.#findings.note('the report has no records');
  }

  take(): Observation[] {
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }

  #opened(name: string): void {
    const local = name.slice(name.indexOf(':') + 1).toLowerCase();
    this.#path.push(local);
    this.#text = '';
    if (this.#path.length > MOST_DEPTH) {
      this.full = true;
      this.#findings.note('elements too deep in one another: the rest is not read');
      return;
    }
    if (local === 'record') this.#record = { single: new Map(), dkim: [], spf: [] };
    const parent = this.#path.at(-2);
    if (this.#record && parent === 'auth_results' && (local === 'dkim' || local === 'spf')) {
      this.#identity = new Map();
      const list = this.#record[local];
      if (list.length < MOST_IDENTITIES) list.push(this.#identity);
    }
  }

  #heard(text: string): void {
    if (this.#text.length < LONGEST_VALUE) this.#text += text.slice(0, LONGEST_VALUE);
  }

  #closedTag(name: string): void {
    const local = name.slice(name.indexOf(':') + 1).toLowerCase();
    // an element that was never closed is closed with its parent
    const at = this.#path.lastIndexOf(local);
    const parent = this.#path[at - 1] ?? '';
    const text = this.#text.trim();
    this.#text = '';
    if (local === 'record') this.#finishRecord();
    else if (this.#identity && (parent === 'dkim' || parent === 'spf')) this.#identity.set(local, text);
    else if (this.#record) {
      if (parent === 'auth_results') this.#identity = undefined;
      else if (!this.#record.single.has(`${parent}/${local}`))
        this.#record.single.set(`${parent}/${local}`, text);
    } else if (!this.#metadata.has(`${parent}/${local}`) && this.#metadata.size < 100) {
      this.#metadata.set(`${parent}/${local}`, text);
    }
    if (local === 'feedback') {
      this.#closed = true;
      this.#metadata.clear();
    }
    if (at !== -1) this.#path.length = at;
  }

  #finishRecord(): void {
    const record = this.#record;
    this.#record = undefined;
    this.#identity = undefined;
    if (!record) return;
    const { report } = this.#findings;
    report.rows++;
    if (report.rows > MOST_RECORDS) {
      this.full = true;
      this.#findings.refuse(report.rows, `more than ${MOST_RECORDS} records`);
      return;
    }
    const observation = this.#observation(record, report.rows);
    if (typeof observation === 'string') {
      this.#findings.refuse(report.rows, observation);
      return;
    }
    report.used++;
    report.observations++;
    this.#findings.seen(observation.at, observation.until);
    this.#batch.push(observation);
  }

  /** The observation, or why there is none. */
  #observation({ single, dkim, spf }: RecordValues, row: number): Observation | string {
    const address = networkAddress(single.get('row/source_ip') ?? '');
    if (address === undefined) return 'no source address';
    const count = Math.trunc(Number(single.get('row/count') ?? '1'));
    if (!Number.isSafeInteger(count) || count < 0 || count > 1e12) return 'the count is no number';
    const { file } = this.#findings.report;
    const observation: Observation = { kind: 'dmarc', file, row, address, count };
    observation.at = readMoment(this.#metadata.get('date_range/begin') ?? '', undefined);
    observation.until = readMoment(this.#metadata.get('date_range/end') ?? '', undefined);
    observation.p2 = atDomain(single.get('identifiers/header_from'));
    observation.p1 = envelopeFrom(single.get('identifiers/envelope_from'), spf);
    observation.envelopeTo = domain(single.get('identifiers/envelope_to')) || undefined;
    const spfResult = single.get('policy_evaluated/spf');
    const dkimResult = single.get('policy_evaluated/dkim');
    observation.spf = result(spf[0]?.get('result') ?? spfResult);
    const passed = dkim.find((signature) => result(signature.get('result')) === 'pass');
    observation.dkim = result(
      passed?.get('result') ?? dkim[0]?.get('result') ?? (dkimResult === 'pass' ? 'pass' : 'none'),
    );
    observation.dkimDomain = domain(passed?.get('domain')) || undefined;
    // what is missing has failed; aligned results are what DMARC asks for
    const aligned = [spfResult, dkimResult].some((value) => result(value) === 'pass');
    if (spfResult !== undefined || dkimResult !== undefined) observation.dmarc = aligned ? 'pass' : 'fail';
    observation.status = single.get('policy_evaluated/disposition')?.toLowerCase().slice(0, 40) || undefined;
    const extra = [
      ['reporter', this.#metadata.get('report_metadata/org_name')],
      ['reporter address', this.#metadata.get('report_metadata/email')],
      ['report', this.#metadata.get('report_metadata/report_id')],
      ['policy domain', this.#metadata.get('policy_published/domain')],
      ['policy', this.#metadata.get('policy_published/p')],
      ['override', single.get('reason/type')],
      ['override comment', single.get('reason/comment')],
    ].flatMap(([name, value]) => (name && value ? [[name, value.slice(0, LONGEST_TEXT)]] : []));
    observation.extra = Object.fromEntries(extra);
    return observation;
  }
}

/** Several domains in one value are written by NetEase: the first stands for the row. */
function domain(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const first = text.split(/[,;\s]/).find((part) => part !== '') ?? '';
  const lower = first.toLowerCase().replace(/^.*@/, '').replace(/\.$/, '').slice(0, 255);
  return lower === 'not.evaluated' || lower === 'null' ? '' : lower;
}

function atDomain(text: string | undefined): string | undefined {
  const name = domain(text);
  return name ? `@${name}` : undefined;
}

/** An empty element is the null sender; where it is absent, SPF was evaluated for the envelope's domain. */
function envelopeFrom(text: string | undefined, spf: Map<string, string>[]): string | undefined {
  if (text !== undefined) {
    const name = domain(text);
    return name === undefined ? undefined : name === '' ? '' : `@${name}`;
  }
  return atDomain(spf.find((identity) => identity.get('scope')?.toLowerCase() === 'mfrom')?.get('domain'));
}

/** RFC 8601 names of results, and what reporters write in their place. */
const RESULTS: Record<string, string> = {
  hardfail: 'fail',
  error: 'temperror',
  unknown: 'permerror',
  '': 'none',
};

function result(text: string | undefined): string | undefined {
  const lower = text?.toLowerCase().slice(0, 20);
  return lower === undefined ? undefined : (RESULTS[lower] ?? lower);
}

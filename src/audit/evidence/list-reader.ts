import { isObject, type JsonObject, JsonRecord, ObjectShapes } from './json-record.ts';
import { JsonScanner } from './json-scanner.ts';
import { ASKED } from './kinds.ts';
import type { Mapping } from './fields.ts';
import type { Observation } from './observation.ts';
import { fromPosternEvent, isPosternEvent } from './postern-log.ts';
import type { Built } from './record.ts';
import type { Findings } from './report.ts';
import { headOf, type Source } from './source.ts';
import type { Place, Step } from './step.ts';
import { BUILDERS } from './tables/builders.ts';
import { Transcoder } from './transcoder.ts';

const HEAD = 65_536;

/** Reads JSON: lists, answers of Graph, one object a line. Each object may be of another kind. */
export async function* readList(
  source: Source,
  findings: Findings,
  mappings: readonly Mapping[],
  place: Place | undefined,
): AsyncGenerator<Step> {
  const { report } = findings;
  const transcoder = new Transcoder(await headOf(source, HEAD));
  report.encoding = transcoder.mark ? `${transcoder.encoding}, with mark` : transcoder.encoding;
  const objects = new ListObjects(findings, mappings, place?.row ?? 0);
  const scanner = new JsonScanner(objects);
  let read = place?.offset ?? 0;
  if (place) transcoder.resume();
  for await (const chunk of source.open(read)) {
    read += chunk.length;
    scanner.feed(transcoder.feed(chunk));
    const back = scanner.continuable ? transcoder.originalLength(scanner.held) : undefined;
    const next =
      back === undefined || !source.seekable ? undefined : { offset: read - back, row: objects.row };
    yield { observations: objects.take(), read, place: next };
  }
  scanner.feed(transcoder.finish());
  if (!scanner.finish()) findings.note('the file ends inside of a record');
  yield { observations: objects.take(), read, place: undefined };
}

class ListObjects {
  row: number;
  readonly #findings: Findings;
  readonly #shapes: ObjectShapes;
  #batch: Observation[] = [];

  constructor(findings: Findings, mappings: readonly Mapping[], row: number) {
    this.#findings = findings;
    this.#shapes = new ObjectShapes(mappings);
    this.row = row;
  }

  take(): Observation[] {
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }

  tooLong(): void {
    this.#next();
    this.#findings.refuse(this.row, 'a record longer than 4 MB');
  }

  broken(): void {
    this.#next();
    this.#findings.refuse(this.row, 'no JSON: the record is cut or damaged');
  }

  object(octets: Buffer): void {
    this.#next();
    let value: unknown;
    try {
      value = JSON.parse(octets.toString('utf8'));
    } catch {
      this.#findings.refuse(this.row, 'no JSON: the record is cut or damaged');
      return;
    }
    if (!isObject(value)) return;
    const built = this.#build(value);
    if (!Array.isArray(built)) {
      if ('aside' in built) this.#findings.aside(built.aside);
      else this.#findings.refuse(this.row, built.refused);
      return;
    }
    const { report } = this.#findings;
    report.used++;
    report.observations += built.length;
    for (const observation of built) {
      this.#findings.kind(observation.kind);
      this.#findings.seen(observation.at, observation.until);
      this.#batch.push(observation);
    }
  }

  #next(): void {
    this.row++;
    this.#findings.report.rows++;
  }

  #build(value: JsonObject): Built<Observation> {
    const { file } = this.#findings.report;
    if (isPosternEvent(value)) {
      this.#findings.kind('postern-log');
      return fromPosternEvent(value, file, this.row);
    }
    // the streaming API wraps the row of a table, and mixes tables
    const { category, properties } = value;
    if (typeof category === 'string' && isObject(properties)) {
      if (!category.endsWith('EmailEvents')) return { aside: category.slice(0, 80) };
      return this.#build(properties);
    }
    const { kind, keys, layout } = this.#shapes.of(value);
    if (kind === undefined) {
      const { report } = this.#findings;
      // two fields that are known make it likely that the others have only other names
      if (report.question === undefined && report.used === 0 && Object.keys(layout.places).length >= 2) {
        const missing = ASKED.filter((field) => layout.places[field] === undefined);
        report.question = { columns: keys.slice(0, 200), missing, required: true };
        report.outcome = 'question';
      }
      return { refused: 'fields of no known kind of record' };
    }
    this.#findings.kind(kind);
    if (this.#shapes.used) this.#findings.report.mapping = this.#shapes.used;
    return BUILDERS[kind](new JsonRecord(this.row, value, keys, layout), file);
  }
}

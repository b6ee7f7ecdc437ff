import {
  type FieldName,
  type Layout,
  layoutOf,
  type Mapping,
  mappingFor,
  plainName,
  tableOf,
} from './fields.ts';
import { kindOf, type TableKind } from './kinds.ts';
import { readMoment } from './moments.ts';
import { readWhole } from './numbers.ts';
import { type EvidenceRecord, LONGEST_TEXT } from './record.ts';
import { UNUSED } from './tables/builders.ts';
import { mailAddress, messageGuid, networkAddress } from './values.ts';

export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Objects come in few shapes: the fields of each are found once. */
export class ObjectShapes {
  readonly #shapes = new Map<string, { kind: TableKind | undefined; keys: string[]; layout: Layout }>();
  readonly #mappings: readonly Mapping[];
  /** The mapping that was of use, with the fields that it is for. */
  used: Mapping | undefined;

  constructor(mappings: readonly Mapping[]) {
    this.#mappings = mappings;
  }

  of(object: JsonObject): { kind: TableKind | undefined; keys: string[]; layout: Layout } {
    const keys = Object.keys(object);
    const name = keys.join('\n');
    const known = this.#shapes.get(name);
    if (known) return known;
    const mapping = mappingFor(keys, this.#mappings);
    const layout = layoutOf(keys, mapping?.columns);
    if (mapping) this.used = { table: tableOf(keys), columns: mapping.columns };
    layout.others = layout.others.filter((other) => !UNUSED.has(plainName(other.name)));
    const shape = { kind: kindOf((field) => layout.places[field] !== undefined), keys, layout };
    // a writer that leaves out what is empty makes many shapes, an attacker any number
    if (this.#shapes.size < 1000 && name.length < 10_000) this.#shapes.set(name, shape);
    return shape;
  }
}

/** An object as a record. */
export class JsonRecord implements EvidenceRecord {
  readonly row: number;
  readonly #object: JsonObject;
  readonly #keys: string[];
  readonly #layout: Layout;

  constructor(row: number, object: JsonObject, keys: string[], layout: Layout) {
    this.row = row;
    this.#object = object;
    this.#keys = keys;
    this.#layout = layout;
  }

  has(field: FieldName): boolean {
    return this.#layout.places[field] !== undefined;
  }

  text(field: FieldName): string | undefined {
    const place = this.#layout.places[field];
    return place === undefined ? undefined : textOf(this.#object[this.#keys[place]!]);
  }

  address(field: FieldName): string | undefined {
    const text = this.text(field);
    return text === undefined ? undefined : mailAddress(text);
  }

  network(field: FieldName): string | undefined {
    return networkAddress(this.text(field) ?? '');
  }

  moment(field: FieldName): number | undefined {
    return readMoment(this.text(field) ?? '', undefined);
  }

  whole(field: FieldName): number | undefined {
    return readWhole(this.text(field) ?? '');
  }

  guid(field: FieldName): string | undefined {
    return messageGuid(this.text(field) ?? '');
  }

  extra(): Record<string, string> | undefined {
    let extra: Record<string, string> | undefined;
    for (const { name, place } of this.#layout.others) {
      const text = textOf(this.#object[this.#keys[place]!]);
      if (text !== '' && text !== '[]') (extra ??= {})[name] = text.slice(0, LONGEST_TEXT);
    }
    return extra;
  }
}

/** Windows PowerShell writes a date as an object with its value, and a list of addresses as a list. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(';');
  if (isObject(value) && typeof value['value'] === 'string') return value['value'];
  if (isObject(value) && typeof value['DateTime'] === 'string') return value['DateTime'];
  return JSON.stringify(value).slice(0, LONGEST_TEXT);
}

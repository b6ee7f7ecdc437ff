import { isIPv4, isIPv6 } from 'node:net';
import { LabError, type RecordType } from '../lab.ts';

/** Values by name and type, as they are kept in a file. */
export type ZoneRecords = Record<string, Partial<Record<RecordType, string[]>>>;

const RECORD_TYPES: readonly RecordType[] = ['A', 'AAAA', 'MX', 'TXT', 'PTR'];
const MOST_NAMES = 5000;
const MOST_VALUES = 50;
/** Octets of one TXT record. */
const LONGEST_TEXT = 4000;
const NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/** The records that the lab's name server knows. What it does not know does not exist. */
export class Zone {
  readonly #records = new Map<string, Map<RecordType, readonly string[]>>();
  /** Records that are made when they are asked for, such as those of keys that may change. */
  readonly #made: (name: string, type: RecordType) => string[];

  constructor(records: ZoneRecords = {}, made: (name: string, type: RecordType) => string[] = () => []) {
    this.#made = made;
    this.#fill(records);
  }

  /** @throws LabError for what is no name or no value of the type */
  set(name: string, type: RecordType, ...values: string[]): void {
    const bare = canonical(name);
    if (!NAME.test(bare)) throw new LabError('invalid', `${JSON.stringify(name)} is no name of DNS`, 'name');
    if (!RECORD_TYPES.includes(type))
      throw new LabError('invalid', `the lab has records of ${RECORD_TYPES.join(', ')} only`, 'type');
    if (values.length > MOST_VALUES)
      throw new LabError('invalid', `more than ${MOST_VALUES} values`, 'values');
    for (const value of values) checkValue(type, value);
    const known = this.#records.get(bare) ?? new Map<RecordType, readonly string[]>();
    if (values.length > 0) known.set(type, values);
    else known.delete(type);
    if (known.size === 0) this.#records.delete(bare);
    else if (this.#records.size >= MOST_NAMES && !this.#records.has(bare))
      throw new LabError('invalid', `the lab's DNS has ${MOST_NAMES} names already`);
    else this.#records.set(bare, known);
  }

  get(name: string, type: RecordType): readonly string[] {
    const bare = canonical(name);
    return [...(this.#records.get(bare)?.get(type) ?? []), ...this.#made(bare, type)];
  }

  /** Whether the name, or one below it, has records of any type (RFC 8020). */
  exists(name: string): boolean {
    const bare = canonical(name);
    if (this.#records.has(bare) || RECORD_TYPES.some((type) => this.#made(bare, type).length > 0))
      return true;
    for (const known of this.#records.keys()) if (known.endsWith(`.${bare}`)) return true;
    return false;
  }

  names(): string[] {
    return [...this.#records.keys()].sort();
  }

  records(): ZoneRecords {
    return Object.fromEntries(
      this.names().map((name) => [
        name,
        Object.fromEntries([...(this.#records.get(name) ?? [])].map(([type, values]) => [type, [...values]])),
      ]),
    );
  }

  /** These records and no others. */
  replace(records: ZoneRecords): void {
    this.#records.clear();
    this.#fill(records);
  }

  #fill(records: ZoneRecords): void {
    for (const [name, types] of Object.entries(records)) {
      for (const [type, values] of Object.entries(types)) this.set(name, type as RecordType, ...values);
    }
  }
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function checkValue(type: RecordType, value: string): void {
  const valid = {
    A: () => isIPv4(value),
    AAAA: () => isIPv6(value) && !value.includes('%'),
    MX: () => {
      const [, priority, exchange = ''] = /^(\d{1,5}) (\S+)$/.exec(value) ?? [];
      return Number(priority) <= 65_535 && (exchange === '.' || NAME.test(canonical(exchange)));
    },
    TXT: () => value.length <= LONGEST_TEXT && /^[\x20-\x7e]*$/.test(value),
    PTR: () => NAME.test(canonical(value)),
  }[type];
  if (!valid()) {
    throw new LabError(
      'invalid',
      `${JSON.stringify(value.slice(0, 80))} is no value of ${type}${type === 'MX' ? '; write "10 mail.contoso.test"' : ''}`,
      'values',
    );
  }
}

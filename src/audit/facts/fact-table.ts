import { CompiledQuery, type Kysely, sql } from 'kysely';
import type { AuditStore, AuditTables } from '../../store/audit-store.ts';
import type { Fact } from './fact.ts';
import { mergeFacts } from './fact.ts';
import { isSameMessage, type Keys, keysOf, momentsOf } from './keys.ts';

/** A fact with the keys that it is found by. */
interface Keyed {
  fact: Fact;
  keys: Keys;
}

interface Entry {
  /** Undefined: not stored yet. */
  id?: number;
  fact: Fact;
  keys: Keys;
  shadow: boolean;
  changed: boolean;
  gone: boolean;
}

const KEY_COLUMNS = {
  network: 'network',
  message: 'message',
  whole: 'whole',
  moment: 'moment',
  row: 'row_key',
};
type KeyName = keyof typeof KEY_COLUMNS;
const KEY_NAMES = Object.keys(KEY_COLUMNS) as KeyName[];

/** A message to thousands is joined with what its recipient-less evidence tells for so many of them. */
const MOST_FOUND = 20_000;
const DAY = 86_400_000;
const NONE: readonly Entry[] = [];

/** Joins new facts with the stored ones: loads all that may be the same by their keys, merges in memory, writes back. */
export class FactTable {
  readonly #db: Kysely<AuditTables>;

  /** There are messages without an identifier of the service; undefined: not asked yet. */
  #isNameless: boolean | undefined;

  constructor(db: AuditStore) {
    this.#db = db;
  }

  async join(facts: readonly Fact[]): Promise<void> {
    const keyed = facts.map((fact) => ({ fact, keys: keysOf(fact.told) }));
    const book = await this.#load(keyed);
    for (const one of keyed) place(book, one);
    await this.#write(book.entries);
  }

  async #load(facts: readonly Keyed[]): Promise<Book> {
    const wanted = new Map<KeyName, Set<number>>(KEY_NAMES.map((name) => [name, new Set()]));
    // whoever has an identifier of the service is found by it alone, as long as all others have one too
    this.#isNameless ??= await this.#hasNameless();
    this.#isNameless ||= facts.some(({ keys }) => keys.network === undefined && keys.row === undefined);
    const allNamed = !this.#isNameless;
    for (const { fact, keys } of facts) {
      const isNamed = allNamed && keys.network !== undefined;
      for (const name of KEY_NAMES) {
        if (isNamed && (name === 'message' || name === 'moment')) continue;
        if (keys[name] !== undefined) wanted.get(name)!.add(keys[name]);
      }
      if (!isNamed) for (const moment of momentsOf(fact.told)) wanted.get('moment')!.add(moment);
    }
    const book = new Book();
    const seen = new Set<number>();
    for (const [name, keys] of wanted) {
      if (keys.size === 0) continue;
      const column = sql.ref(KEY_COLUMNS[name]);
      const found = await sql<{ id: number; shadow: number; body: string }>`
        select id, shadow, body from facts
        where ${column} in (select value from json_each(${JSON.stringify([...keys])})) limit ${MOST_FOUND}
      `.execute(this.#db);
      for (const { id, shadow, body } of found.rows) {
        if (seen.has(id)) continue;
        seen.add(id);
        const fact = JSON.parse(body) as Fact;
        book.add({ id, fact, keys: keysOf(fact.told), shadow: shadow === 1, changed: false, gone: false });
      }
    }
    return book;
  }

  async #hasNameless(): Promise<boolean> {
    const found = await sql`select 1 from facts where network is null and row_key is null limit 1`.execute(
      this.#db,
    );
    return found.rows.length > 0;
  }

  async #write(entries: readonly Entry[]): Promise<void> {
    const gone = entries.filter((entry) => entry.gone && entry.id !== undefined).map(({ id }) => id);
    const rows = entries.filter(({ changed, gone }) => changed && !gone);
    if (gone.length > 0)
      await sql`delete from facts where id in (select value from json_each(${JSON.stringify(gone)}))`.execute(
        this.#db,
      );
    for (let at = 0; at < rows.length; ) {
      const count = rows.length - at < ROWS ? 1 : ROWS;
      const values = rows.slice(at, at + count).flatMap(valuesOf);
      await this.#db.executeQuery(CompiledQuery.raw(count === 1 ? INSERT_ONE : INSERT_MANY, values));
      at += count;
    }
  }
}

/** Rows of one statement: few texts of statements, since each is prepared once. */
const ROWS = 128;
const ROW = '(?, ?, ?, ?, ?, ?, ?, ?, ?)';
const INSERT_ONE = `insert or replace into facts (id, network, message, whole, moment, row_key, day, shadow, body) values ${ROW}`;
const INSERT_MANY = `${INSERT_ONE}${`, ${ROW}`.repeat(ROWS - 1)}`;

function valuesOf({ id, fact, keys, shadow }: Entry): (number | string | null)[] {
  const { at } = fact.told;
  return [
    id ?? null,
    keys.network ?? null,
    keys.message ?? null,
    keys.whole ?? null,
    keys.moment ?? null,
    keys.row ?? null,
    at === undefined ? null : Math.floor(at / DAY),
    shadow ? 1 : 0,
    JSON.stringify(fact),
  ];
}

/** The facts at hand, by each of their keys. */
class Book {
  readonly entries: Entry[] = [];
  readonly #byKey: Record<KeyName, Map<number, Entry[]>> = {
    network: new Map(),
    message: new Map(),
    whole: new Map(),
    moment: new Map(),
    row: new Map(),
  };

  add(entry: Entry): void {
    this.entries.push(entry);
    this.index(entry);
  }

  index(entry: Entry): void {
    for (const name of KEY_NAMES) {
      const key = entry.keys[name];
      if (key === undefined) continue;
      const known = this.#byKey[name].get(key);
      if (!known) this.#byKey[name].set(key, [entry]);
      else if (!known.includes(entry)) known.push(entry);
    }
  }

  at(name: KeyName, key: number | undefined): readonly Entry[] {
    const found = key === undefined ? undefined : this.#byKey[name].get(key);
    return found?.some(({ gone }) => gone) ? found.filter(({ gone }) => !gone) : (found ?? NONE);
  }
}

function place(book: Book, { fact, keys }: Keyed): void {
  const same = candidates(book, fact, keys);
  const [first, ...others] = same;
  if (!first) {
    const entry = { fact, keys, shadow: false, changed: true, gone: false };
    book.add(entry);
    shareWhole(book, entry);
    return;
  }
  let merged = mergeFacts(first.fact, fact);
  for (const other of others) {
    // the new evidence has shown that two were one
    if (!isSameMessage(merged.told, other.fact.told)) continue;
    merged = mergeFacts(merged, other.fact);
    other.gone = true;
  }
  update(book, first, merged);
  shareWhole(book, first);
}

function candidates(book: Book, { told }: Fact, keys: Keys): Entry[] {
  const found = new Set<Entry>();
  for (const name of ['network', 'message', 'row'] as const)
    for (const entry of book.at(name, keys[name])) found.add(entry);
  if (found.size === 0)
    for (const moment of momentsOf(told)) for (const entry of book.at('moment', moment)) found.add(entry);
  return [...found].filter((entry) => isSameMessage(entry.fact.told, told));
}

function update(book: Book, entry: Entry, fact: Fact): void {
  if (JSON.stringify(fact) === JSON.stringify(entry.fact)) return;
  entry.fact = fact;
  entry.keys = keysOf(fact.told);
  entry.changed = true;
  book.index(entry);
}

/** What was told of a message without its recipient holds for each of them. */
function shareWhole(book: Book, entry: Entry): void {
  const family = book.at('whole', entry.keys.whole);
  if (entry.fact.told.recipient === undefined) {
    const others = family.filter(({ fact }) => fact.told.recipient !== undefined);
    if (others.length === 0) return;
    for (const other of others) update(book, other, mergeFacts(other.fact, entry.fact));
    if (!entry.shadow) Object.assign(entry, { shadow: true, changed: true });
    return;
  }
  for (const other of family) {
    if (other.fact.told.recipient !== undefined) continue;
    update(book, entry, mergeFacts(entry.fact, other.fact));
    if (!other.shadow) Object.assign(other, { shadow: true, changed: true });
  }
}

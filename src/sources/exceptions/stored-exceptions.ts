import type { SystemMail } from '../../deliver/system-mail.ts';
import type { EventSink, RecordedEvent } from '../../journal/event.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Random } from '../../platform/random.ts';
import type { ControlStore } from '../../store/control.ts';
import { Serial } from '../../store/serial.ts';
import { newIdentifier } from '../identifier.ts';
import { RegistryError, type SourceRegistry } from '../registry.ts';
import { check } from '../source-fields.ts';
import {
  ALLOWED_BY,
  DAY_MS,
  describeException,
  EXCEPTION_KINDS,
  type Exception,
  exceptionFields,
  type ExceptionKind,
  type ExceptionState,
  type Extension,
  extensionFields,
  LONGEST_DAYS,
  MOST_OPEN,
  type NewException,
} from './exception.ts';
import { OpenExceptions } from './open-exceptions.ts';
import { exceptionOf, exceptionRow } from './rows.ts';
import { alreadyWarned, dueWarning, type Told, warningMail } from './warnings.ts';
import { type ListenerTerms, weaknessesOf } from './weakness.ts';

export interface StoredExceptionsOptions {
  db: ControlStore;
  clock: Clock;
  random: Random;
  events: EventSink;
  sources: Pick<SourceRegistry, 'byId' | 'onChange'>;
  mail: SystemMail;
  hostname: string;
  /** What a listener asks of everybody; undefined for a name that is none. */
  listener(name: string): ListenerTerms | undefined;
}

/** How long one page of what has ended may be. */
const PAGE = 500;
const WRITE_USES_MS = 5000;
const SOURCE_REMOVED = 'its source was removed';

/**
 * All exceptions: those in force in memory, every one in the control store. `sweep` is called often: it ends those
 * whose time has come, warns, and writes down uses; nothing depends on its being in time but sessions that are open.
 */
export class StoredExceptions {
  readonly #options: StoredExceptionsOptions;
  readonly #open: OpenExceptions;
  readonly #changes = new Serial();
  readonly #listeners: ((ended: Exception) => void)[] = [];
  /** Identifiers of those whose uses or warnings are not yet in the store. */
  readonly #unwritten = new Set<string>();
  /** Ended in memory, not yet in the store. */
  #endings: Exception[] = [];
  #writtenAt = 0;
  readonly #unsubscribe: () => void;

  constructor(options: StoredExceptionsOptions) {
    this.#options = options;
    this.#open = new OpenExceptions(options.clock);
    this.#unsubscribe = options.sources.onChange((change) => {
      if (change.kind !== 'source' || !change.removed) return;
      for (const exception of this.#open.all()) {
        if (exception.source === change.source.id) this.#finish(exception, 'closed', SOURCE_REMOVED);
      }
    });
  }

  /** Reads what is in force; before it nothing is. */
  async open(): Promise<void> {
    const { db, clock } = this.#options;
    const rows = await db.selectFrom('exceptions').selectAll().where('state', '=', 'open').execute();
    for (const row of rows) this.#open.set(exceptionOf(row));
    this.#writtenAt = clock.monotonic();
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    await this.#write();
  }

  /** @see OpenExceptions.revision */
  get revision(): number {
    return this.#open.revision;
  }

  /** Those in force, the next to end first. */
  list(): Exception[] {
    return this.#open.all().sort((a, b) => a.endsAt - b.endsAt || (a.id < b.id ? -1 : 1));
  }

  /** All of a state, in the order of their identifiers, after `after`. */
  async page(state: ExceptionState | undefined, after: string, limit: number): Promise<Exception[]> {
    await this.#write();
    let query = this.#options.db.selectFrom('exceptions').selectAll().where('id', '>', after);
    if (state !== undefined) query = query.where('state', '=', state);
    const rows = await query.orderBy('id').limit(Math.min(limit, PAGE)).execute();
    return rows.map(exceptionOf);
  }

  async find(id: string): Promise<Exception | undefined> {
    const open = this.#open.get(id);
    if (open) return open;
    await this.#write();
    const row = await this.#options.db
      .selectFrom('exceptions')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && exceptionOf(row);
  }

  forAddress(kind: ExceptionKind, address: string): Exception | undefined {
    return this.#open.forAddress(kind, address);
  }

  forSource(kind: ExceptionKind, source: string): Exception | undefined {
    return this.#open.forSource(kind, source);
  }

  /** The one by which somebody may do what is weak. */
  allowing(kind: ExceptionKind, address: string, source: string | undefined): Exception | undefined {
    for (const allowing of ALLOWED_BY[kind]) {
      const found =
        EXCEPTION_KINDS[allowing].scope === 'networks'
          ? this.#open.forAddress(allowing, address)
          : source === undefined
            ? undefined
            : this.#open.forSource(allowing, source);
      if (found) return found;
    }
    return undefined;
  }

  /** @throws RegistryError for what is wrong, too long, or without source or network. */
  add(fields: NewException, by: string): Promise<Exception> {
    return this.#changes.run(async () => {
      const { db, clock, random } = this.#options;
      const valid = check(exceptionFields, fields);
      const { scope } = EXCEPTION_KINDS[valid.kind];
      const networks = [...new Set(valid.networks)];
      if (scope === 'source' && valid.source === undefined) {
        throw new RegistryError(
          'invalid',
          `source: ${valid.kind} is allowed for a source; name it`,
          'source',
        );
      }
      if (scope === 'source' && networks.length > 0) {
        const text = `networks: ${valid.kind} is allowed for a source; bind its credential to networks instead`;
        throw new RegistryError('invalid', text, 'networks');
      }
      if (scope === 'networks' && networks.length === 0) {
        const text = `networks: ${valid.kind} is decided before anybody knows the source; name the networks of the devices`;
        throw new RegistryError('invalid', text, 'networks');
      }
      if (valid.source !== undefined && !this.#options.sources.byId(valid.source)) {
        throw new RegistryError('not-found', `there is no source ${valid.source}`, 'source');
      }
      if (this.#open.size >= MOST_OPEN) {
        throw new RegistryError('conflict', `there are ${MOST_OPEN} exceptions already; close some first`);
      }
      const now = clock.now();
      this.#checkEnd(valid.endsAt, now);
      const exception: Exception = {
        id: newIdentifier('exc', random),
        ...valid,
        networks,
        createdAt: now,
        createdBy: by,
        state: 'open',
        uses: 0,
        warned: alreadyWarned(valid.endsAt, now),
        version: 1,
      };
      await db.insertInto('exceptions').values(exceptionRow(exception)).execute();
      this.#open.set(exception);
      return exception;
    });
  }

  /**
   * Another end, and why: later or sooner.
   * @throws RegistryError; `conflict` when it is over, or not at `version` any more.
   */
  extend(id: string, fields: Extension, version?: number): Promise<Exception> {
    return this.#changes.run(async () => {
      const valid = check(extensionFields, fields);
      const before = this.#existing(id);
      if (version !== undefined && version !== before.version) {
        throw new RegistryError('conflict', `exception ${id} was changed by somebody else`, 'version');
      }
      const now = this.#options.clock.now();
      this.#checkEnd(valid.endsAt, now);
      const exception: Exception = {
        ...before,
        ...valid,
        owner: valid.owner ?? before.owner,
        warned: alreadyWarned(valid.endsAt, now),
        version: before.version + 1,
      };
      await this.#store(exception);
      const latest = this.#open.get(id);
      if (!latest) {
        await this.#store({ ...exception, state: 'closed', endedAt: now, endedBy: SOURCE_REMOVED });
        throw new RegistryError('conflict', `exception ${id} was closed meanwhile: its source was removed`);
      }
      // uses that came meanwhile are in the value that it takes the place of
      const { uses, lastUsedAt, lastUsedFrom } = latest;
      const current = { ...exception, uses, lastUsedAt, lastUsedFrom };
      this.#open.set(current);
      return current;
    });
  }

  /** Ends one at once, sessions that live by it included. @throws RegistryError when it is over already. */
  end(id: string, by: string): Promise<Exception> {
    return this.#changes.run(async () => {
      const before = this.#existing(id);
      const closed = { ...before, state: 'closed' as const, endedAt: this.#options.clock.now(), endedBy: by };
      await this.#store({ ...closed, version: before.version + 1 });
      return this.#finish(this.#open.get(id) ?? before, 'closed', by);
    });
  }

  /** Runs when one is over, in the same turn. */
  onEnd(listener: (ended: Exception) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes notice of what the journal tells of sessions; of type `connection` and `authentication`. */
  seen({ type, source, network, listener, tls, detail, at, outcome }: RecordedEvent): void {
    if (this.#open.size === 0 || network === undefined || listener === undefined) return;
    const terms = this.#options.listener(listener);
    if (!terms) return;
    const authenticated = type === 'authentication' && outcome === 'accepted';
    if (!authenticated && type !== 'connection') return;
    const method = authenticated ? (detail?.['method'] as string) : undefined;
    // how a connection was protected is told once, at its end; how it authenticated, when it did
    const weak = weaknessesOf({ tls, method, listener: terms }).filter(
      (kind) => authenticated === (kind === 'no-tls' || kind === 'cram-md5'),
    );
    for (const kind of weak) {
      const exception = this.allowing(kind, network, source);
      if (!exception) continue;
      exception.uses++;
      exception.lastUsedAt = at;
      exception.lastUsedFrom = network;
      this.#unwritten.add(exception.id);
    }
  }

  /** To be called at least twice a second. */
  async sweep(): Promise<void> {
    const { clock, sources } = this.#options;
    // between changes, so that none is extended and ended at once
    const ended = await this.#changes.run(async () => {
      // its source was removed while it was made, or by a relay that stopped before it had written the end
      for (const exception of this.#open.all()) {
        if (exception.source !== undefined && !sources.byId(exception.source))
          this.#finish(exception, 'closed', SOURCE_REMOVED);
      }
      return this.#open.due().map((exception) => this.#finish(exception, 'ended', 'its end'));
    });
    const ending: Exception[] = [];
    const now = clock.now();
    for (const exception of this.#open.all()) {
      const days = dueWarning(exception, now);
      if (days === undefined) continue;
      exception.warned = days;
      this.#unwritten.add(exception.id);
      ending.push(exception);
    }
    if (ended.length + ending.length > 0) {
      await this.#write();
      await this.#tell(ending, ended, now);
    } else if (clock.monotonic() - this.#writtenAt >= WRITE_USES_MS) {
      await this.#write();
    }
  }

  #checkEnd(endsAt: number, now: number): void {
    if (endsAt <= now) throw new RegistryError('invalid', 'endsAt: is in the past', 'endsAt');
    if (endsAt - now > LONGEST_DAYS * DAY_MS) {
      const text = `endsAt: is more than ${LONGEST_DAYS} days away; an exception is looked at again once a year`;
      throw new RegistryError('invalid', text, 'endsAt');
    }
  }

  #existing(id: string): Exception {
    const exception = this.#open.get(id);
    if (exception) return exception;
    throw new RegistryError('not-found', `there is no open exception ${id}; what is over can not be changed`);
  }

  /** In memory first, so that nobody uses it while the disk is waited for. */
  #finish(before: Exception, state: 'ended' | 'closed', by: string): Exception {
    const { clock } = this.#options;
    const exception: Exception = {
      ...before,
      state,
      endedAt: clock.now(),
      endedBy: by,
      version: before.version + 1,
    };
    this.#open.delete(exception.id);
    this.#unwritten.delete(exception.id);
    this.#endings.push(exception);
    for (const listener of this.#listeners) listener(exception);
    return exception;
  }

  async #store(exception: Exception): Promise<void> {
    const { id, ...row } = exceptionRow(exception);
    await this.#options.db.updateTable('exceptions').set(row).where('id', '=', id).execute();
  }

  /** Ends, uses and warnings. What the disk does not take is tried again. */
  async #write(): Promise<void> {
    const { clock, db, events } = this.#options;
    this.#writtenAt = clock.monotonic();
    const endings = this.#endings;
    const used = [...this.#unwritten].flatMap((id) => this.#open.get(id) ?? []);
    if (endings.length + used.length === 0) return;
    this.#endings = [];
    this.#unwritten.clear();
    try {
      await db.transaction().execute(async (transaction) => {
        for (const exception of endings) {
          const { id, ...row } = exceptionRow(exception);
          await transaction.updateTable('exceptions').set(row).where('id', '=', id).execute();
        }
        for (const { id, uses, lastUsedAt, lastUsedFrom, warned } of used) {
          await transaction
            .updateTable('exceptions')
            .set({
              uses,
              last_used_at: lastUsedAt ?? null,
              last_used_from: lastUsedFrom ?? null,
              warned: warned ?? null,
            })
            .where('id', '=', id)
            .execute();
        }
      });
    } catch (error) {
      this.#endings.unshift(...endings);
      for (const { id } of used) this.#unwritten.add(id);
      events.write({ type: 'system', text: `exceptions could not be written: ${String(error)}` });
    }
  }

  async #tell(ending: Exception[], ended: Exception[], now: number): Promise<void> {
    const { events, mail, hostname, sources } = this.#options;
    const told = (exception: Exception): Told => ({
      exception,
      sourceName: exception.source === undefined ? undefined : sources.byId(exception.source)?.name,
    });
    for (const one of ending.map(told)) {
      const days = Math.max(1, Math.ceil((one.exception.endsAt - now) / DAY_MS));
      events.write({
        type: 'alarm',
        code: 'exception-ending',
        outcome: days <= 1 ? 'critical' : 'warning',
        source: one.exception.source,
        text: `${describeException(one.exception, one.sourceName)}: the exception ends in ${days === 1 ? 'a day' : `${days} days`}`,
        detail: detailOf(one.exception),
      });
    }
    for (const one of ended.map(told)) {
      events.write({
        type: 'alarm',
        code: 'exception-ended',
        outcome: 'warning',
        source: one.exception.source,
        text: `${describeException(one.exception, one.sourceName)}: the exception has ended`,
        detail: detailOf(one.exception),
      });
    }
    const byOwner = Map.groupBy([...ending, ...ended].map(told), ({ exception }) => exception.owner);
    for (const [owner, all] of byOwner) {
      const [open, over] = [true, false].map((wanted) =>
        all.filter(({ exception }) => wanted === ending.includes(exception)),
      );
      try {
        await mail.send({ to: [owner], ...warningMail(hostname, open ?? [], over ?? []) });
      } catch (error) {
        events.write({
          type: 'system',
          text: `the owner of an exception could not be told: ${String(error)}`,
        });
      }
    }
  }
}

function detailOf({ id, kind, networks, owner, endsAt, uses, lastUsedAt }: Exception) {
  return { exception: id, kind, networks, owner, endsAt, uses, lastUsedAt };
}

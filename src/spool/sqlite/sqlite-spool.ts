/**
 * The spool in one folder of one machine:
 *
 *   spool.db         messages and deliveries (see schema.ts); small bodies are in their message's row
 *   bodies/ID.body   large bodies, fsynced with their folder before the message's row is committed
 *   spool-lock.db    held while a process uses the folder
 *   reserve          given up when the disk is full, so that deliveries can still be finished
 *
 * Requests are grouped on this side and carried out by two threads, one that writes and one that reads.
 * What a kill can leave: a body without a message (removed at the next start), and nothing else.
 */
import { dirname, join } from 'node:path';
import type { EventSink } from '../../journal/event.ts';
import { Batcher } from '../../platform/batcher.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Disk } from '../../platform/disk.ts';
import { WorkerLink } from '../../platform/worker-link.ts';
import { type FolderLock, lockFolder } from '../../store/folder-lock.ts';
import { type MessageIds, parseMessageId } from '../message-id.ts';
import {
  type BodyWriter,
  type Delivery,
  type DeliveryFilter,
  type DomainBacklog,
  type HoldReason,
  type MessageId,
  type NewMessage,
  type Payload,
  type Settlement,
  type Spool,
  type SpoolStatistics,
  SpoolUnavailable,
  type SurveyRow,
} from '../spool.ts';
import { Bodies } from './bodies.ts';
import { Commits } from './commits.ts';
import { BEGINNING, type Condition, conditionOf, type Position } from './filter.ts';
import type {
  BacklogAnswer,
  DeliveryRow,
  PayloadRow,
  ReadRequest,
  StatisticsRow,
  SurveyAnswer,
  WalkAnswer,
} from './reader.ts';
import { compareBodies } from './recovery.ts';
import { checkMessage, checkSettlement, deliveryOf, payloadOf, surveyRowOf } from './rows.ts';
import { Space } from './space.ts';
import type { Totals } from './transaction.ts';
import type { ReadAnswer, SpoolWorkerData } from './worker.ts';
import type { Change, ChangeOutcome } from './writer.ts';

export interface SqliteSpoolOptions {
  /** Made when it is not there. */
  folder: string;
  disk: Disk;
  clock: Clock;
  /** Told of trouble and recovery. */
  events: EventSink;
  /** Raised to the highest identifier that the spool has held. */
  ids: MessageIds;
  /** Bodies in memory up to this many octets go into the message's row, larger ones into a file. */
  inlineBytes?: number;
  /** Octets that must be free on the disk for a message to be taken. */
  minimumFree?: number;
  /** Given up when the disk is full; it has to hold what the log may hold (see schema.ts) and some more. 0: none. */
  reserveBytes?: number;
  /** Limits the database, so that a test can fill it. */
  maxPages?: number;
}

const READS = 64;
/** Rows that one step of a long change, or of a long list, looks at. */
const CHANGE_ROWS = 500;
const LIST_ROWS = 5000;

export class SqliteSpool implements Spool {
  readonly #options: SqliteSpoolOptions;
  readonly #inlineBytes: number;
  readonly #bodies: Bodies;
  readonly #space: Space;
  readonly #writer: WorkerLink;
  readonly #reader: WorkerLink;
  readonly #writes: Commits;
  readonly #reads: Batcher<ReadRequest, unknown>;
  #lock: FolderLock | undefined;
  #state: 'new' | 'open' | 'closed' = 'new';
  /** Removals of files that nobody waits for, until `close`. */
  readonly #removals = new Set<Promise<void>>();

  constructor(options: SqliteSpoolOptions) {
    this.#options = options;
    const { folder, disk, clock, maxPages } = options;
    const path = join(folder, 'spool.db');
    const url = new URL('./worker.ts', import.meta.url);
    this.#inlineBytes = options.inlineBytes ?? 256 * 1024;
    this.#bodies = new Bodies(disk, join(folder, 'bodies'));
    this.#writer = new WorkerLink(url, { role: 'writer', path, maxPages } satisfies SpoolWorkerData);
    this.#reader = new WorkerLink(url, { role: 'reader', path } satisfies SpoolWorkerData);
    this.#reads = new Batcher((requests) => this.#read(requests), { items: READS });
    this.#space = new Space({
      disk,
      clock,
      minimum: options.minimumFree ?? 64 * 1024 * 1024,
      reservePath: join(folder, 'reserve'),
      reserveBytes: options.reserveBytes ?? 20 * 1024 * 1024,
      reusable: () => this.#writer.ask<number>({ kind: 'reusable' }),
      report: (text, error) => this.#report(text, error),
    });
    this.#writes = new Commits({
      writer: this.#writer,
      space: this.#space,
      events: options.events,
      removeBody: (name) => this.#removeBody(name),
    });
  }

  async open(): Promise<void> {
    if (this.#state !== 'new') throw new Error('a spool is opened once');
    const { folder, disk, events, ids } = this.#options;
    await disk.makeDirectory(this.#bodies.folder);
    this.#lock = lockFolder(folder, 'spool-lock.db');
    try {
      await this.#makePrivate(join(folder, 'spool.db'));
      const totals = await this.#writer.ask<Totals>({ kind: 'totals' });
      ids.raise(totals.highest);
      await disk.syncDirectory(folder);
      await disk.syncDirectory(dirname(folder));
      await this.#space.refresh();
      const orphans = await compareBodies({
        bodies: this.#bodies,
        events,
        files: (after, limit) =>
          this.#reads.submit({ kind: 'files', after, limit }) as Promise<[number, string][]>,
        hold: (message, reply) => this.#hold(message, reply),
      });
      for (const name of orphans) this.#removeBody(name);
    } catch (error) {
      await this.#end();
      throw error;
    }
    this.#state = 'open';
  }

  /** SQLite would make a file that others may read; its log takes over the mode of the database. */
  async #makePrivate(path: string): Promise<void> {
    try {
      const file = await this.#options.disk.open(path, 'create');
      await file.close();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }

  async store(message: NewMessage): Promise<void> {
    this.#expectOpen();
    checkMessage(message);
    const room = this.#space.check();
    if (room) await room;
    const { body } = message;
    if (body.kind === 'memory' && body.bytes.length <= this.#inlineBytes) {
      return this.#writes.submit({ kind: 'store', message });
    }
    const file = body.kind === 'file' ? body : await this.#bodyOf(message.id, body.bytes);
    const bodyFile = this.#bodies.nameOf(file.path);
    try {
      await this.#writes.submit({ kind: 'store', message: { ...message, body: file }, bodyFile });
    } catch (error) {
      // a body that was refused for another reason may be that of a message that has the same name
      if (error instanceof SpoolUnavailable) this.#removeBody(bodyFile);
      throw error;
    }
  }

  async #bodyOf(id: MessageId, bytes: Buffer): Promise<{ kind: 'file'; path: string; length: number }> {
    const writer = await this.#bodies.create(id);
    await writer.write(bytes);
    return writer.finish();
  }

  async newBody(id: MessageId): Promise<BodyWriter> {
    this.#expectOpen();
    if (parseMessageId(id) === undefined) throw new TypeError(`no message identifier: ${JSON.stringify(id)}`);
    const room = this.#space.check();
    if (room) await room;
    return this.#bodies.create(id);
  }

  async discardBody(body: { kind: 'file'; path: string }): Promise<void> {
    this.#removeBody(this.#bodies.nameOf(body.path));
    await Promise.all(this.#removals);
  }

  async settle(settlements: Settlement[]): Promise<void> {
    this.#expectOpen();
    for (const settlement of settlements) checkSettlement(settlement);
    if (settlements.length > 0) await this.#writes.submit({ kind: 'settle', settlements });
  }

  async due(domain: string, now: number, limit: number): Promise<Delivery[]> {
    const rows = await this.#ask<DeliveryRow[]>({ kind: 'due', domain, now, limit });
    return rows.map(deliveryOf);
  }

  async backlog(): Promise<DomainBacklog[]> {
    const { domains, rerouted } = await this.#ask<BacklogAnswer>({ kind: 'backlog' });
    const mixed = new Set(rerouted);
    return domains.map(([domain, queued, nextAttemptAt]) => ({
      domain,
      queued,
      nextAttemptAt,
      ...(mixed.has(domain) && { rerouted: true }),
    }));
  }

  async survey(each: (rows: SurveyRow[]) => void): Promise<void> {
    let after: Position | undefined = BEGINNING;
    while (after) {
      const step: SurveyAnswer = await this.#ask({ kind: 'survey', after, rows: LIST_ROWS });
      each(step.tallies.map(surveyRowOf));
      after = step.next;
    }
  }

  async receivedBefore(
    before: number,
    limit: number,
    after?: { message: MessageId; part: number },
  ): Promise<Delivery[]> {
    const { skew } = await this.#ask<StatisticsRow>({ kind: 'statistics' });
    const condition: Condition = { sql: '+state = 0 AND received < ?', parameters: [before] };
    // Identifiers rise with time, so that the younger part of the queue need not be looked at; `skew` is how
    // far they ever ran ahead of it.
    return this.#walk(condition, limit, positionOf(after), (before + skew) * 1000);
  }

  async payload(message: MessageId): Promise<Payload | undefined> {
    const id = parseMessageId(message);
    this.#expectOpen();
    if (id === undefined) return undefined;
    const row = await this.#ask<PayloadRow | undefined>({ kind: 'payload', message: id });
    return row && payloadOf(row, this.#bodies);
  }

  async list(
    filter: DeliveryFilter,
    limit: number,
    after?: { message: MessageId; part: number },
  ): Promise<Delivery[]> {
    const range = rangeOf(filter);
    if (!range) return [];
    const start = positionOf(after);
    return this.#walk(
      conditionOf(filter),
      limit,
      start.message > range.from.message ? start : range.from,
      range.last,
    );
  }

  hold(filter: DeliveryFilter, reason: HoldReason): Promise<number> {
    return this.#changeAll('hold', filter, 0, { reason });
  }

  release(filter: DeliveryFilter, now: number): Promise<number> {
    return this.#changeAll('release', filter, now);
  }

  retry(filter: DeliveryFilter, now: number): Promise<number> {
    return this.#changeAll('retry', filter, now);
  }

  remove(filter: DeliveryFilter): Promise<number> {
    return this.#changeAll('remove', filter, 0);
  }

  reroute(filter: DeliveryFilter, route: string | undefined, now: number): Promise<number> {
    return this.#changeAll('reroute', filter, now, { route });
  }

  async statistics(): Promise<SpoolStatistics> {
    const { messages, queued, held, bytes, oldest } = await this.#ask<StatisticsRow>({ kind: 'statistics' });
    return { messages, queued, held, bytes, oldestAt: oldest ?? undefined };
  }

  obstacle(): string | undefined {
    if (this.#state !== 'open') return 'the spool is not open';
    this.#writes.lookAgain();
    this.#space.check()?.catch(() => undefined); // `shortage` says the same
    return this.#space.shortage ?? this.#writes.trouble;
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    await this.#writes.idle();
    await this.#reads.idle();
    await this.#end();
  }

  /** The reader goes first, so that the writer is the last connection and leaves no write-ahead log behind. */
  async #end(): Promise<void> {
    this.#state = 'closed';
    await Promise.all(this.#removals);
    for (const [link, request] of [
      [this.#reader, 'close'],
      [this.#writer, { kind: 'close' }],
    ] as const) {
      try {
        if (link.started) await link.ask(request);
      } catch (error) {
        this.#report('the spool was not closed in order; it recovers when it is opened', error);
      }
      await link.terminate();
    }
    this.#lock?.release();
    this.#lock = undefined;
  }

  #expectOpen(): void {
    if (this.#state !== 'open') throw new SpoolUnavailable('the spool is not open');
  }

  /** One batch of questions. */
  async #read(requests: ReadRequest[]): Promise<unknown[]> {
    const answers = await this.#reader.ask<ReadAnswer[]>(requests);
    return answers.map((answer) =>
      'error' in answer ? new SpoolUnavailable(`spool: ${answer.error}`) : answer.value,
    );
  }

  async #ask<T>(request: ReadRequest): Promise<T> {
    this.#expectOpen();
    return (await this.#reads.submit(request)) as T;
  }

  async #walk(condition: Condition, limit: number, from: Position, last: number): Promise<Delivery[]> {
    const found: Delivery[] = [];
    let after: Position | undefined = from;
    while (after && after.message <= last && found.length < limit) {
      const step: WalkAnswer = await this.#ask({
        kind: 'walk',
        condition,
        after,
        rows: LIST_ROWS,
        limit: limit - found.length,
      });
      for (const row of step.deliveries) found.push(deliveryOf(row));
      after = step.next;
    }
    return found;
  }

  async #changeAll(
    kind: Change['kind'],
    filter: DeliveryFilter,
    now: number,
    more: Pick<Change, 'reason' | 'route'> = {},
  ): Promise<number> {
    this.#expectOpen();
    const range = rangeOf(filter);
    if (!range) return 0;
    const condition = conditionOf(filter);
    let changed = 0;
    let after: Position | undefined = range.from;
    while (after && after.message <= range.last) {
      this.#expectOpen();
      const step: ChangeOutcome = await this.#change({
        kind,
        condition,
        now,
        ...more,
        after,
        rows: CHANGE_ROWS,
      });
      changed += step.changed;
      after = step.next;
    }
    return changed;
  }

  async #hold(message: number, reply: string): Promise<void> {
    const condition = { sql: 'message = ?', parameters: [message] };
    let after: Position | undefined = before(message);
    while (after && after.message <= message) {
      const change: Change = {
        kind: 'hold',
        condition,
        now: 0,
        reason: 'operator',
        reply,
        after,
        rows: CHANGE_ROWS,
      };
      after = (await this.#change(change)).next;
    }
  }

  async #change(change: Change): Promise<ChangeOutcome> {
    try {
      const outcome = await this.#writer.ask<ChangeOutcome>({ kind: 'change', change });
      for (const name of outcome.freed) this.#removeBody(name);
      return outcome;
    } catch (error) {
      throw new SpoolUnavailable(`spool: ${(error as Error).message}`, { cause: error });
    }
  }

  /** In the background: a file that stays belongs to no message, and goes at the next start. */
  #removeBody(name: string): void {
    const removal = this.#bodies
      .remove(name)
      .catch((error: unknown) => this.#report(`the file ${name} could not be removed`, error))
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  #report(text: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.events.write({ type: 'system', text: `${text}: ${reason}` });
  }
}

function positionOf(after: { message: MessageId; part: number } | undefined): Position {
  const message = after && parseMessageId(after.message);
  return message === undefined ? BEGINNING : { message, part: after?.part ?? 0 };
}

function before(message: number): Position {
  return { message: message - 1, part: Number.MAX_SAFE_INTEGER };
}

/** The part of the queue that a filter can match; `undefined`: none, for what it asks for is no identifier. */
function rangeOf(filter: DeliveryFilter): { from: Position; last: number } | undefined {
  if (filter.message === undefined) return { from: BEGINNING, last: Number.POSITIVE_INFINITY };
  const message = parseMessageId(filter.message);
  return message === undefined ? undefined : { from: before(message), last: message };
}

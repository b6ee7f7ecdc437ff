/**
 * Secrets that are handed over by a link that works once. Until it is fetched the secret is sealed twice: under the
 * relay's key, and under one that only the link holds, so that neither the database nor the relay's key alone
 * tells it. Afterwards it is gone; what stays says when and from where it was fetched.
 *
 *   waiting ──right PIN──▶ fetched
 *      ├──too late──────▶ expired
 *      ├──wrong PINs────▶ locked
 *      └──administrator─▶ withdrawn
 */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { newIdentifier } from './identifier.ts';
import type { ControlStore } from '../store/control.ts';
import type { HandoverRow } from '../store/schema.ts';
import { Seal } from '../store/seal.ts';
import { Serial } from '../store/serial.ts';

const PURPOSE = 'handover';
const MOST_WRONG_PINS = 5;
/** Openings that are told: a link that somebody reloads must not fill the journal. */
const MOST_OPENINGS_TOLD = 20;
/** How long it is known that a link was used, so that whoever comes second is told so. */
const REMEMBERED_MS = 90 * 86_400_000;
/** 32 random octets in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export type HandoverState = 'waiting' | 'fetched' | 'expired' | 'withdrawn' | 'locked';

export interface Handover {
  id: string;
  source: string;
  credential: string;
  state: HandoverState;
  hasPin: boolean;
  wrongPins: number;
  /** Wall times, milliseconds. */
  createdAt: number;
  expiresAt: number;
  openedAt?: number;
  endedAt?: number;
  /** The client's address that ended it. */
  endedFrom?: string;
}

/** What is revealed, once. */
export interface HandedSecret {
  kind: 'password' | 'api-key';
  account?: string;
  secret: string;
}

export type Reveal =
  | { kind: 'revealed'; secret: HandedSecret; handover: Handover }
  | { kind: 'wrong-pin'; left: number }
  | { kind: 'over'; handover: Handover }
  | { kind: 'unknown' };

export class Handovers {
  readonly #db: ControlStore;
  readonly #seal: Seal;
  readonly #pinKey: Buffer;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #events: EventSink;
  /** So that of two who fetch at the same moment one gets the secret. */
  readonly #changes = new Serial();

  constructor(db: ControlStore, seal: Seal, clock: Clock, random: Random, events: EventSink) {
    this.#db = db;
    this.#seal = seal;
    this.#pinKey = seal.derive('handover-pin');
    this.#clock = clock;
    this.#random = random;
    this.#events = events;
  }

  /** The token belongs into the link and is not kept. @param pin none: whoever has the link gets the secret */
  async make(
    about: { source: string; credential: string },
    secret: HandedSecret,
    { lifeMs, pin }: { lifeMs: number; pin?: string },
  ): Promise<{ handover: Handover; token: string }> {
    const id = newIdentifier('hnd', this.#random);
    const token = this.#random.bytes(32).toString('base64url');
    const now = this.#clock.now();
    const inner = sealOf(token).seal(JSON.stringify(secret), PURPOSE);
    const row: HandoverRow = {
      id,
      ...about,
      token_hash: hashOf(token),
      secret: this.#seal.seal(inner, `${PURPOSE}:${id}`),
      pin_hash: pin === undefined ? null : this.#pinHash(id, pin),
      wrong_pins: 0,
      state: 'waiting',
      created_at: now,
      expires_at: now + lifeMs,
      opened_at: null,
      opened: 0,
      ended_at: null,
      ended_from: null,
    };
    await this.#db.insertInto('handovers').values(row).execute();
    return { handover: handoverOf(row), token };
  }

  /** The latest first. */
  async of(source: string): Promise<Handover[]> {
    await this.sweep();
    const rows = await this.#db
      .selectFrom('handovers')
      .selectAll()
      .where('source', '=', source)
      .orderBy('created_at', 'desc')
      .limit(500)
      .execute();
    return rows.map(handoverOf);
  }

  /** Somebody looks at the page: nothing is revealed, and nothing used up. Undefined for an unknown link. */
  open(token: string, from: string): Promise<Handover | undefined> {
    return this.#changes.run(async () => {
      const row = await this.#current(token);
      if (!row) return undefined;
      if (row.state !== 'waiting') return handoverOf(row);
      await this.#update(row.id, {
        opened: row.opened + 1,
        opened_at: row.opened_at ?? this.#clock.now(),
      });
      if (row.opened < MOST_OPENINGS_TOLD) this.#tell(row, 'opened', from, 'was opened');
      return handoverOf(row);
    });
  }

  /** The button was pressed. The secret is gone from the store before it is answered. */
  reveal(token: string, pin: string | undefined, from: string): Promise<Reveal> {
    return this.#changes.run(async (): Promise<Reveal> => {
      const row = await this.#current(token);
      if (!row) return { kind: 'unknown' };
      if (row.state !== 'waiting' || row.secret === null) return { kind: 'over', handover: handoverOf(row) };
      if (row.pin_hash !== null && !this.#isPin(row.id, row.pin_hash, pin ?? '')) {
        return this.#wrongPin(row, from);
      }
      const inner = this.#seal.open(row.secret, `${PURPOSE}:${row.id}`);
      const secret = JSON.parse(sealOf(token).open(inner, PURPOSE)) as HandedSecret;
      const ended = await this.#end(row, 'fetched', from);
      this.#tell(row, 'fetched', from, 'was fetched');
      return { kind: 'revealed', secret, handover: handoverOf(ended) };
    });
  }

  /** Ends a link that nobody has used; undefined when there is none that waits. */
  withdraw(source: string, id: string): Promise<Handover | undefined> {
    return this.#changes.run(async () => {
      const row = await this.#db
        .selectFrom('handovers')
        .selectAll()
        .where('id', '=', id)
        .where('source', '=', source)
        .executeTakeFirst();
      if (row?.state !== 'waiting') return undefined;
      return handoverOf(await this.#end(row, 'withdrawn', undefined));
    });
  }

  /** Ends all links of a credential that no longer counts. */
  withdrawOf(credential: string): Promise<void> {
    return this.#changes.run(async () => {
      const end = { state: 'withdrawn', secret: null, ended_at: this.#clock.now() };
      await this.#db
        .updateTable('handovers')
        .set(end)
        .where('credential', '=', credential)
        .where('state', '=', 'waiting')
        .execute();
    });
  }

  /** Destroys secrets whose time is over, and forgets links that ended long ago. */
  sweep(): Promise<void> {
    return this.#changes.run(async () => {
      const now = this.#clock.now();
      const late = await this.#db
        .selectFrom('handovers')
        .selectAll()
        .where('state', '=', 'waiting')
        .where('expires_at', '<=', now)
        .execute();
      for (const row of late) await this.#expire(row);
      await this.#db
        .deleteFrom('handovers')
        .where('ended_at', '<', now - REMEMBERED_MS)
        .execute();
    });
  }

  async #current(token: string): Promise<HandoverRow | undefined> {
    if (!TOKEN.test(token)) return undefined;
    const row = await this.#db
      .selectFrom('handovers')
      .selectAll()
      .where('token_hash', '=', hashOf(token))
      .executeTakeFirst();
    return row?.state === 'waiting' && row.expires_at <= this.#clock.now() ? this.#expire(row) : row;
  }

  async #wrongPin(row: HandoverRow, from: string): Promise<Reveal> {
    const wrong_pins = row.wrong_pins + 1;
    const left = MOST_WRONG_PINS - wrong_pins;
    if (left > 0) {
      await this.#update(row.id, { wrong_pins });
      this.#tell(row, 'wrong-pin', from, `was tried with a wrong PIN; ${left} tries are left`);
      return { kind: 'wrong-pin', left };
    }
    const ended = { ...(await this.#end(row, 'locked', from)), wrong_pins };
    await this.#update(row.id, { wrong_pins });
    this.#tell(row, 'locked', from, 'has ended after too many wrong PINs; the secret is destroyed', {
      code: 'handover-locked',
      level: 'warning',
    });
    return { kind: 'over', handover: handoverOf(ended) };
  }

  async #expire(row: HandoverRow): Promise<HandoverRow> {
    const ended = await this.#end(row, 'expired', undefined);
    this.#tell(row, 'expired', undefined, 'was never used; the secret is destroyed, make a new one', {
      code: 'handover-expired',
      level: 'info',
    });
    return ended;
  }

  async #end(row: HandoverRow, state: HandoverState, from: string | undefined): Promise<HandoverRow> {
    const end = { state, secret: null, ended_at: this.#clock.now(), ended_from: from ?? null };
    await this.#update(row.id, end);
    return { ...row, ...end };
  }

  async #update(id: string, changes: Partial<HandoverRow>): Promise<void> {
    await this.#db.updateTable('handovers').set(changes).where('id', '=', id).execute();
  }

  #tell(
    { id, source, credential }: HandoverRow,
    outcome: string,
    from: string | undefined,
    what: string,
    alarm?: { code: string; level: string },
  ): void {
    this.#events.write({
      type: alarm ? 'alarm' : 'change',
      code: alarm?.code,
      outcome: alarm?.level ?? outcome,
      source,
      network: from,
      listener: 'api',
      text: `The hand-over link ${id} of credential ${credential} ${what}`,
      detail: { handover: id, credential, step: outcome },
    });
  }

  #pinHash(id: string, pin: string): string {
    return createHmac('sha256', this.#pinKey).update(`${id} ${pin}`).digest('hex');
  }

  #isPin(id: string, hash: string, pin: string): boolean {
    return timingSafeEqual(Buffer.from(this.#pinHash(id, pin)), Buffer.from(hash));
  }
}

/** A PIN to be told by another way than the link. */
export function generatePin(random: Random): string {
  // 2^32 is so much more than 10^6 that no PIN is noticeably likelier
  return String(random.bytes(4).readUInt32BE() % 1_000_000).padStart(6, '0');
}

function sealOf(token: string): Seal {
  return new Seal(Buffer.from(hkdfSync('sha256', token, '', 'handover-secret', 32)));
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function handoverOf(row: HandoverRow): Handover {
  return {
    id: row.id,
    source: row.source,
    credential: row.credential,
    state: row.state as HandoverState,
    hasPin: row.pin_hash !== null,
    wrongPins: row.wrong_pins,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    openedAt: row.opened_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    endedFrom: row.ended_from ?? undefined,
  };
}

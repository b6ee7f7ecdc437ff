/**
 * Looks at all credentials now and then: warns before they expire, and ends a rotation when its old secret is no
 * longer used. What was told once is not told again, also after a restart.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SystemMail } from '../deliver/system-mail.ts';
import type { EventSink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { ControlStore } from '../store/control.ts';
import type { RotationOutcome } from './credential-rotation.ts';
import { RegistryError, type SourceRegistry } from './registry.ts';
import type { Credential, Rotation, Source } from './source.ts';

const DAY_MS = 86_400_000;
/** What expired longer ago is no news. */
const NEWS_MS = 7 * DAY_MS;
/** Clocks are corrected by less in ordinary life. */
const JUMP_MS = 60_000;
const SOURCES_AT_A_TIME = 500;

export interface CredentialWatchOptions {
  registry: SourceRegistry & {
    endRotation(
      id: string,
      how: RotationOutcome,
      still: (credential: Credential) => void,
    ): Promise<Credential[]>;
  };
  db: ControlStore;
  clock: Clock;
  events: EventSink;
  mail: SystemMail;
  /** Days before the end at which a warning is given. */
  warnDays: readonly number[];
  /** A rotation that takes longer is an alarm, again each time that so much has passed. */
  overdueMs: number;
}

/** A warning that is due. */
interface Expiry {
  source: Source;
  credential: Credential;
  expiresAt: number;
  /** Days before the end; 0: it has come. */
  days: number;
}

export class CredentialWatch {
  readonly #options: CredentialWatchOptions;
  readonly #warnDays: readonly number[];
  #lastLook: { now: number; monotonic: number };
  /** Monotonic time at which the clock was last found to have been set. */
  #clockSetAt: number | undefined;

  constructor(options: CredentialWatchOptions) {
    this.#options = options;
    this.#warnDays = [...options.warnDays].sort((a, b) => a - b);
    const { clock } = options;
    this.#lastLook = { now: clock.now(), monotonic: clock.monotonic() };
  }

  /** One round over everything. */
  async check(): Promise<void> {
    this.#watchClock();
    const { registry } = this.#options;
    const due: Expiry[] = [];
    let looked = 0;
    for (const source of registry.list()) {
      // fifty thousand of them would hold up mail if they were looked at in one turn
      if (source.state === 'retired') continue;
      if (++looked % SOURCES_AT_A_TIME === 0) await nextTurn();
      for (const credential of registry.credentials(source.id)) {
        if (credential.state !== 'active' || credential.canary) continue;
        if (credential.rotation?.role === 'old')
          await this.#rotation(source, credential, credential.rotation);
        else {
          const expiry = this.#expiry(source, credential);
          if (expiry) due.push(expiry);
        }
      }
    }
    await this.#warn(due);
  }

  #watchClock(): void {
    const { clock } = this.#options;
    const look = { now: clock.now(), monotonic: clock.monotonic() };
    const jump = look.now - this.#lastLook.now - (look.monotonic - this.#lastLook.monotonic);
    if (Math.abs(jump) > JUMP_MS) this.#clockSetAt = look.monotonic;
    this.#lastLook = look;
  }

  #expiry(source: Source, credential: Credential): Expiry | undefined {
    const { expiresAt, createdAt } = credential;
    if (expiresAt === undefined) return undefined;
    const left = expiresAt - this.#options.clock.now();
    if (left <= 0) return left > -NEWS_MS ? { source, credential, expiresAt, days: 0 } : undefined;
    const days = this.#warnDays.find((one) => left <= one * DAY_MS);
    // whoever made it for three days need not hear that it ends within seven
    if (days === undefined || createdAt > expiresAt - days * DAY_MS) return undefined;
    return { source, credential, expiresAt, days };
  }

  async #warn(due: readonly Expiry[]): Promise<void> {
    const { db, clock, events, mail } = this.#options;
    const now = clock.now();
    // what was told by a clock that was ahead has to be told again
    await db.deleteFrom('credential_notices').where('at', '>', now).execute();
    if (due.length === 0) return;
    const mails = new Map<Source, Expiry[]>();
    for (const one of due) {
      const { source, credential, expiresAt, days } = one;
      if (await this.#firstTime(credential, `alarm:expiry:${expiresAt}:${days}`)) {
        events.write({
          type: 'alarm',
          code: days === 0 ? 'credential-expired' : 'credential-expiring',
          outcome: days === 0 ? 'critical' : 'warning',
          source: source.id,
          text: `Credential ${nameOf(credential)} of ${source.name} ${days === 0 ? 'has expired' : `expires within ${days === 1 ? 'a day' : `${days} days`}`}${lastUse(credential)}`,
          detail: { credential: credential.id, label: credential.label, expiresAt, days },
        });
      }
      if (source.owner !== '' && (await this.#isNew(credential, `mail:expiry:${expiresAt}:${days}`))) {
        mails.set(source, [...(mails.get(source) ?? []), one]);
      }
    }
    for (const [source, ending] of mails) {
      try {
        await mail.send(warningMail(source, ending));
      } catch (error) {
        // not marked as told, so it is tried again at the next round
        const text = `the owner of ${source.name} could not be written to: ${String(error)}`;
        events.write({ type: 'system', source: source.id, text });
        continue;
      }
      for (const { credential, expiresAt, days } of ending)
        await this.#firstTime(credential, `mail:expiry:${expiresAt}:${days}`);
    }
  }

  async #rotation(source: Source, old: Credential, rotation: Rotation): Promise<void> {
    const { registry, clock } = this.#options;
    const now = clock.now();
    const fresh = registry.credential(rotation.other);
    if (rotation.unusedMs === undefined) {
      if (old.expiresAt === undefined || old.expiresAt > now) return;
      const wasNeeded = (old.lastUsedAt ?? 0) > rotation.startedAt && fresh?.lastUsedAt === undefined;
      if (!(await this.#end(old, 'lapse')) || !wasNeeded) return;
      this.#alarm(
        source,
        old,
        'rotation-cut-off',
        'the old secret has ended, and nobody uses the new one yet',
      );
      return;
    }
    const quietSince = Math.max(rotation.startedAt, old.lastUsedAt ?? 0);
    const settled =
      this.#clockSetAt === undefined || clock.monotonic() - this.#clockSetAt >= rotation.unusedMs;
    if (fresh?.lastUsedAt !== undefined && settled && now - quietSince >= rotation.unusedMs) {
      if (await this.#end(old, 'complete')) {
        const hours = Math.round(rotation.unusedMs / 3_600_000);
        this.#options.events.write({
          type: 'change',
          source: source.id,
          outcome: 'completed',
          text: `rotation of ${nameOf(old)} of ${source.name} is complete: the old secret was not used for ${hours} hours and is revoked`,
          detail: { by: 'relay', credential: old.id, replacedBy: rotation.other },
        });
      }
      return;
    }
    const times = Math.floor((now - rotation.startedAt) / this.#options.overdueMs);
    if (times < 1 || !(await this.#firstTime(old, `overdue:${rotation.startedAt}:${times}`))) return;
    const days = Math.floor((now - rotation.startedAt) / DAY_MS);
    const why =
      fresh?.lastUsedAt === undefined
        ? 'nobody has used the new secret yet'
        : `the old secret is still used${lastUse(old)}`;
    this.#alarm(source, old, 'rotation-overdue', `rotation began ${days} days ago, and ${why}`);
  }

  /** Answers whether it did: it may have been used, or ended by somebody, in the meantime. */
  async #end(old: Credential, how: RotationOutcome): Promise<boolean> {
    const { lastUsedAt } = old;
    try {
      await this.#options.registry.endRotation(old.id, how, (now) => {
        if (now.lastUsedAt !== lastUsedAt) throw new RegistryError('conflict', 'it was used again');
      });
      return true;
    } catch (error) {
      if (error instanceof RegistryError) return false;
      throw error;
    }
  }

  #alarm(source: Source, credential: Credential, code: string, what: string): void {
    this.#options.events.write({
      type: 'alarm',
      code,
      outcome: 'warning',
      source: source.id,
      text: `Credential ${nameOf(credential)} of ${source.name}: ${what}`,
      detail: { credential: credential.id, label: credential.label },
    });
  }

  async #isNew({ id }: Credential, notice: string): Promise<boolean> {
    const found = await this.#options.db
      .selectFrom('credential_notices')
      .select('at')
      .where('credential', '=', id)
      .where('notice', '=', notice)
      .executeTakeFirst();
    return found === undefined;
  }

  /** Marks it as told; answers whether it had not been. */
  async #firstTime(credential: Credential, notice: string): Promise<boolean> {
    if (!(await this.#isNew(credential, notice))) return false;
    await this.#options.db
      .insertInto('credential_notices')
      .values({ credential: credential.id, notice, at: this.#options.clock.now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return true;
  }
}

function nameOf({ id, label, account }: Credential): string {
  const name = label || account;
  return name ? `${name} (${id})` : id;
}

function lastUse({ lastUsedAt, lastUsedFrom }: Credential): string {
  if (lastUsedAt === undefined) return '; it was never used';
  return `; last used ${new Date(lastUsedAt).toISOString().slice(0, 16)}Z from ${lastUsedFrom}`;
}

function warningMail(source: Source, ending: readonly Expiry[]) {
  const over = ending.every(({ days }) => days === 0);
  return {
    to: [source.owner],
    subject: over ? `${source.name} can no longer log in` : `Passwords of ${source.name} end soon`,
    text: [
      `You answer for "${source.name}", which sends mail through this relay.`,
      '',
      ...ending.map(
        ({ credential, expiresAt }) =>
          `- ${nameOf(credential)} ends ${new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC${lastUse(credential)}`,
      ),
      '',
      'After that time its mail is refused. Ask the administrator of the relay for a new password, or for',
      'a later end. Both passwords work for a while, so that nothing is lost on the way.',
      '',
    ].join('\n'),
  };
}

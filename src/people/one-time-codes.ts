import { Secret, TOTP } from 'otpauth';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { ControlStore } from '../store/control.ts';
import type { PersonRow } from '../store/people-rows.ts';
import type { Seal } from '../store/seal.ts';
import { passwordOf } from '../submission/password-presets.ts';
import { digest } from './digest.ts';

const PURPOSE = 'totp-secret';
const STEP_MS = 30_000;
const RECOVERY_CODES = 10;
/** Copied from paper: 16 characters of 31 each, 79 bits, which a plain hash keeps well enough. */
const RECOVERY_CODE = { length: 16, alphabet: 'readable' } as const;

export interface Enrolment {
  /** Base 32, for typing. */
  secret: string;
  /** `otpauth://totp/...`, for a QR code. */
  uri: string;
}

/** Codes of an authenticator app (RFC 6238), each taken once, and recovery codes for who has lost it. */
export class OneTimeCodes {
  readonly #db: ControlStore;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #seal: Seal;

  constructor(db: ControlStore, clock: Clock, random: Random, seal: Seal) {
    this.#db = db;
    this.#clock = clock;
    this.#random = random;
    this.#seal = seal;
  }

  /** Begins: the secret counts once a code of it was shown. */
  async begin(person: Pick<PersonRow, 'id' | 'email'>, issuer: string): Promise<Enrolment> {
    // RFC 4226 §4: 160 bits
    const secret = Uint8Array.from(this.#random.bytes(20));
    const totp = new TOTP({ issuer, label: person.email, secret: new Secret({ buffer: secret.buffer }) });
    await this.#db
      .updateTable('people')
      .set({ totp_pending: this.#seal.seal(totp.secret.base32, `${PURPOSE}:${person.id}`) })
      .where('id', '=', person.id)
      .execute();
    return { secret: totp.secret.base32, uri: totp.toString() };
  }

  /** Ends with a first code. Answers new recovery codes, shown once; undefined for a wrong code. */
  async confirm(person: PersonRow, code: string): Promise<string[] | undefined> {
    const pending = person.totp_pending;
    const step = pending === null ? undefined : this.#stepOf(person.id, pending, code, 0);
    if (step === undefined) return undefined;
    const { codes, hashes } = this.#newRecoveryCodes();
    const { numUpdatedRows } = await this.#db
      .updateTable('people')
      .set({ totp: pending, totp_pending: null, totp_step: step, recovery_codes: JSON.stringify(hashes) })
      .where('id', '=', person.id)
      .where('totp_pending', '=', pending)
      .executeTakeFirst();
    return numUpdatedRows > 0n ? codes : undefined;
  }

  /** Replaces the recovery codes. */
  async renewRecoveryCodes(id: string): Promise<string[]> {
    const { codes, hashes } = this.#newRecoveryCodes();
    await this.#db
      .updateTable('people')
      .set({ recovery_codes: JSON.stringify(hashes) })
      .where('id', '=', id)
      .execute();
    return codes;
  }

  async remove(id: string): Promise<void> {
    await this.#db
      .updateTable('people')
      .set({ totp: null, totp_pending: null, recovery_codes: '[]' })
      .where('id', '=', id)
      .execute();
  }

  /** Takes a code, or a recovery code, and uses it up; undefined when it is wrong or was taken before. */
  async take(person: PersonRow, code: string): Promise<'totp' | 'recovery' | undefined> {
    const compact = code.replaceAll(/[\s-]/g, '').toLowerCase();
    if (/^\d{6}$/.test(compact)) return (await this.#takeTotp(person, compact)) ? 'totp' : undefined;
    return (await this.#takeRecovery(person, compact)) ? 'recovery' : undefined;
  }

  async #takeTotp(person: PersonRow, code: string): Promise<boolean> {
    if (person.totp === null) return false;
    const step = this.#stepOf(person.id, person.totp, code, person.totp_step);
    if (step === undefined) return false;
    // RFC 6238 §5.2: a code is taken once; of two requests with the same one the store lets one through
    const { numUpdatedRows } = await this.#db
      .updateTable('people')
      .set({ totp_step: step })
      .where('id', '=', person.id)
      .where('totp_step', '<', step)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async #takeRecovery(person: PersonRow, code: string): Promise<boolean> {
    const left = JSON.parse(person.recovery_codes) as string[];
    const rest = left.filter((hash) => hash !== digest(code));
    if (rest.length === left.length) return false;
    const { numUpdatedRows } = await this.#db
      .updateTable('people')
      .set({ recovery_codes: JSON.stringify(rest) })
      .where('id', '=', person.id)
      .where('recovery_codes', '=', person.recovery_codes)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** The time step of a code that is right now or one step off (RFC 6238 §5.2), and later than `after`. */
  #stepOf(id: string, sealed: string, code: string, after: number): number | undefined {
    const secret = Secret.fromBase32(this.#seal.open(sealed, `${PURPOSE}:${id}`));
    const timestamp = this.#clock.now();
    const delta = new TOTP({ secret }).validate({ token: code.replaceAll(/\s/g, ''), timestamp, window: 1 });
    if (delta === null) return undefined;
    const step = Math.floor(timestamp / STEP_MS) + delta;
    return step > after ? step : undefined;
  }

  #newRecoveryCodes(): { codes: string[]; hashes: string[] } {
    const plain = Array.from({ length: RECOVERY_CODES }, () => passwordOf(RECOVERY_CODE, this.#random));
    return {
      codes: plain.map((code) => code.replaceAll(/(.{4})(?=.)/g, '$1-')),
      hashes: plain.map(digest),
    };
  }
}

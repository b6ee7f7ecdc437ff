import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { PersonRow } from '../store/people-rows.ts';
import { Guard, type GuardOptions } from '../submission/guard.ts';
import { networkOf } from '../submission/network.ts';
import { decoySecret, verifyPassword } from '../submission/secret.ts';
import { WorkQueue } from '../submission/work-queue.ts';
import type { OneTimeCodes } from './one-time-codes.ts';
import type { People } from './people.ts';
import type { SignInMethod } from './sessions.ts';

export interface PasswordAttempt {
  email: string;
  password: string;
  /** Of the authenticator, or a recovery code. */
  code?: string;
  /** The client's address. */
  address: string;
}

export type SignInResult =
  | { person: PersonRow; method: SignInMethod }
  /** `code-needed` is said only to who knows the password. */
  | { refused: 'wrong' | 'code-needed' | 'locked' | 'overloaded' };

export interface SignInOptions {
  guard: Partial<GuardOptions>;
  verify: typeof verifyPassword;
}

/**
 * Sign-in with a password and, where one is set up, a code. An unknown address, a disabled person and one without a
 * password cost the same work as a wrong password and get the same answer.
 *
 * Guessing locks an account for strangers only: networks that the person has signed in from are counted apart, so
 * that nobody is kept out of their own account from elsewhere, and no lock lasts. Passkeys and the
 * administrator token are never locked, because they can not be guessed.
 */
export class PasswordSignIn {
  readonly #people: People;
  readonly #codes: OneTimeCodes;
  readonly #guard: Guard;
  readonly #verify: typeof verifyPassword;
  readonly #decoy: ReturnType<typeof decoySecret>;
  // each run takes a thread of libuv's pool, which signing and delivery need too
  readonly #queue = new WorkQueue({ running: 2, waiting: 32, perOwner: 8 });

  constructor(
    people: People,
    codes: OneTimeCodes,
    clock: Clock,
    random: Random,
    { guard = {}, verify = verifyPassword }: Partial<SignInOptions> = {},
  ) {
    this.#people = people;
    this.#codes = codes;
    this.#guard = new Guard(clock, guard);
    this.#verify = verify;
    this.#decoy = decoySecret(random);
  }

  async attempt({ email, password, code, address }: PasswordAttempt): Promise<SignInResult> {
    const account = email.toLowerCase();
    const row = await this.#people.rowByEmail(account);
    const lastUsed = {
      from: row?.last_signed_in_from ?? undefined,
      at: row?.last_signed_in_at ?? undefined,
    };
    const attempt = { address, account, lastUsed };
    if (this.#guard.locked(attempt)) return { refused: 'locked' };
    const known = row?.state === 'active' && row.password !== null ? row : undefined;
    const stored = known?.password ? { argon2id: known.password } : this.#decoy;
    const work = this.#queue.run(networkOf(address), () => this.#verify(password, stored));
    if (!work) return { refused: 'overloaded' };
    const right = (await work) && known !== undefined;
    if (!right) return this.#failed(attempt);

    // read again: a code may have been taken while the password was checked
    const person = await this.#people.row(known.id);
    if (person?.state !== 'active' || person.password !== known.password) return this.#failed(attempt);
    if (person.totp === null) return this.#succeeded(attempt, person, 'password');
    if (code === undefined) return { refused: 'code-needed' };
    // who knows the password may still guess at codes
    const taken = await this.#codes.take(person, code);
    return taken ? this.#succeeded(attempt, person, `password+${taken}`) : this.#failed(attempt);
  }

  #failed(attempt: Parameters<Guard['failed']>[0]): SignInResult {
    this.#guard.failed(attempt);
    return { refused: 'wrong' };
  }

  #succeeded(
    attempt: Parameters<Guard['succeeded']>[0],
    person: PersonRow,
    method: SignInMethod,
  ): SignInResult {
    this.#guard.succeeded(attempt);
    return { person, method };
  }
}

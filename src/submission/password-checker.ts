import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import type { Credential } from '../sources/source.ts';
import { networkOf } from './network.ts';
import { decoySecret, verifyPassword } from './secret.ts';
import { VerifiedPasswords } from './verified-passwords.ts';
import { WorkQueue } from './work-queue.ts';

export interface PasswordCheckerOptions {
  /** argon2id runs at a time. Each takes a thread of libuv's pool, which has four, and RSA signing needs them. Default 2. */
  concurrent: number;
  /** Runs that wait. Default 64: about 1.5 seconds. */
  waiting: number;
  /** Runs and waiting runs of one client network. Default 16. */
  perNetwork: number;
  /** How long a right password is remembered, milliseconds; 0: not at all. Default 5 minutes. */
  rememberMs: number;
  /** Credentials whose password is remembered. Default 10000. */
  remembered: number;
  verify: typeof verifyPassword;
}

const DEFAULTS: PasswordCheckerOptions = {
  concurrent: 2,
  waiting: 64,
  perNetwork: 16,
  rememberMs: 300_000,
  remembered: 10_000,
  verify: verifyPassword,
};

export type PasswordFinding = 'right' | 'wrong' | 'overloaded';

/** Compares passwords with their hashes: bounded in number, and the same work whether or not the account exists. */
export class PasswordChecker {
  readonly #options: PasswordCheckerOptions;
  readonly #queue: WorkQueue;
  readonly #verified: VerifiedPasswords;
  readonly #decoy: ReturnType<typeof decoySecret>;

  constructor(
    registry: SourceRegistry,
    clock: Clock,
    random: Random,
    options: Partial<PasswordCheckerOptions> = {},
  ) {
    this.#options = { ...DEFAULTS, ...options };
    const { concurrent, waiting, perNetwork, rememberMs, remembered } = this.#options;
    this.#queue = new WorkQueue({ running: concurrent, waiting, perOwner: perNetwork });
    this.#verified = new VerifiedPasswords(registry, clock, random, {
      lifeMs: rememberMs,
      entries: remembered,
    });
    this.#decoy = decoySecret(random);
  }

  /**
   * @param credential the one of this account; undefined when there is none, which takes as long.
   * @param current whether the credential is still the one that was checked, asked when the work is done.
   */
  async check(
    credential: Credential | undefined,
    account: string,
    password: string,
    address: string,
    current: (checked: Credential) => boolean,
  ): Promise<PasswordFinding> {
    const { secret } = credential ?? {};
    if (credential && secret && this.#verified.has(credential.id, account, password)) return 'right';
    const work = this.#queue.run(networkOf(address), () =>
      this.#options.verify(password, secret ?? this.#decoy),
    );
    if (!work) return 'overloaded';
    const right = await work;
    if (!right || !credential || !secret) return 'wrong';
    // rotated while it was checked: the old password must not be remembered for the new secret
    if (!current(credential)) return 'wrong';
    this.#verified.add(credential.id, account, password);
    return 'right';
  }

  close(): void {
    this.#verified.close();
  }
}

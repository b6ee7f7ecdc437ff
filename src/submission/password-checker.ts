import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import type { PasswordCredential } from './accounts.ts';
import { networkOf } from './network.ts';
import { decoySecret, matchPassword } from './secret.ts';
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
  match: typeof matchPassword;
}

const DEFAULTS: PasswordCheckerOptions = {
  concurrent: 2,
  waiting: 64,
  perNetwork: 16,
  rememberMs: 300_000,
  remembered: 10_000,
  match: matchPassword,
};

/** The credential whose password it is. */
export type PasswordFinding = PasswordCredential | 'wrong' | 'overloaded';

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
   * @param credentials those of this account; none when there is none, which takes as long.
   * @param fits whether everything else about a credential holds for this client. Only then a remembered password
   *   counts: an answer that comes sooner would tell a stranger that the password is right.
   */
  async check(
    credentials: readonly PasswordCredential[],
    account: string,
    password: string,
    address: string,
    fits: (credential: PasswordCredential) => boolean,
  ): Promise<PasswordFinding> {
    const remembered = credentials.find((one) => fits(one) && this.#verified.has(one, account, password));
    if (remembered) return remembered;
    const secrets = credentials.length > 0 ? credentials.map(({ secret }) => secret) : [this.#decoy];
    const work = this.#queue.run(networkOf(address), () => this.#options.match(password, secrets));
    if (!work) return 'overloaded';
    return credentials[await work] ?? 'wrong';
  }

  /** Spares the next check of what has just let somebody in; never call it for an attempt that was refused. */
  remember(credential: PasswordCredential, account: string, password: string): void {
    this.#verified.add(credential, account, password);
  }

  close(): void {
    this.#verified.close();
  }
}

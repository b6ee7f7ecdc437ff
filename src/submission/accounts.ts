import { createHmac } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import type { Credential, StoredSecret } from '../sources/source.ts';
import type { Seal } from '../store/seal.ts';
import { countsAt } from './conditions.ts';
import { ProhibitedTextError, saslPrep } from './saslprep.ts';
import { RECOVERABLE_PURPOSE, SCRAM_ITERATIONS, saltOf } from './secret.ts';

export type PasswordCredential = Credential & { secret: StoredSecret };

/** An account name as a client gave it, and the credentials that have it. */
export interface Account {
  name: string;
  /**
   * None for an unknown account. Two count while its password is being rotated; those behind them are over, and are
   * there so that the journal can tell an old password from a wrong one.
   */
  credentials: readonly PasswordCredential[];
}

/** Secrets that are compared at one attempt. */
const MOST = 8;

/** Looks accounts up, and invents for unknown ones what a known one would have. */
export class Accounts {
  readonly #registry: SourceRegistry;
  readonly #clock: Clock;
  readonly #seal: Seal;
  readonly #decoyKey: Buffer;
  readonly #decoySealed: string;

  constructor(registry: SourceRegistry, clock: Clock, seal: Seal, random: Random) {
    this.#registry = registry;
    this.#clock = clock;
    this.#seal = seal;
    this.#decoyKey = seal.derive('scram-decoy');
    this.#decoySealed = seal.seal(random.bytes(15).toString('base64'), RECOVERABLE_PURPOSE);
  }

  find(given: string): Account {
    let name = given;
    try {
      name = saslPrep(given);
    } catch (error) {
      // no account can have such a name: an unknown one like any other
      if (!(error instanceof ProhibitedTextError)) throw error;
      return { name: given.slice(0, 255), credentials: [] };
    }
    if (name.length > 255) return { name: name.slice(0, 255), credentials: [] };
    const now = this.#clock.now();
    const found = this.#registry.byAccount(name).filter(hasSecret);
    const live = found.filter((one) => countsAt(one, now));
    const over = found.filter((one) => !countsAt(one, now)).reverse();
    const [first] = [...live, ...over];
    if (!first) return { name, credentials: [] };
    // what shares the first one's salt costs nothing to compare; what does not is worth it only while it counts
    const salt = saltOf(first.secret);
    const cheap = over.filter(({ secret }) => saltOf(secret) === salt);
    return { name, credentials: [...live, ...cheap].slice(0, MOST) };
  }

  /** Of an unknown account they are the same each time, also after a restart, and match no password. */
  scramKeys({ name, credentials }: Account): StoredSecret['scram'][] {
    if (credentials.length > 0) return credentials.map(({ secret }) => secret.scram);
    const invent = (what: string) => createHmac('sha256', this.#decoyKey).update(`${what}\0${name}`).digest();
    return [
      {
        iterations: SCRAM_ITERATIONS,
        salt: invent('salt').subarray(0, 16).toString('base64'),
        storedKey: invent('stored').toString('base64'),
        serverKey: invent('server').toString('base64'),
      },
    ];
  }

  /**
   * The passwords for CRAM-MD5, each with the credential that it is of; one of nobody where there is none.
   *
   * @throws when one was sealed under another key.
   */
  recoverable({ credentials }: Account): { password: string; credential?: PasswordCredential }[] {
    const kept = credentials.flatMap((credential) => {
      const sealed = credential.secret.recoverable;
      return sealed === undefined ? [] : [{ password: this.#open(sealed), credential }];
    });
    return kept.length > 0 ? kept : [{ password: this.#open(this.#decoySealed) }];
  }

  #open(sealed: string): string {
    return this.#seal.open(sealed, RECOVERABLE_PURPOSE);
  }
}

function hasSecret(credential: Credential): credential is PasswordCredential {
  return credential.secret !== undefined;
}

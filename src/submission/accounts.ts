import { createHmac } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import type { Credential, StoredSecret } from '../sources/source.ts';
import type { Seal } from '../store/seal.ts';
import { mostLikely } from './conditions.ts';
import { ProhibitedTextError, saslPrep } from './saslprep.ts';
import { RECOVERABLE_PURPOSE, SCRAM_ITERATIONS } from './secret.ts';

/** An account name as a client gave it, and the credential that has it. */
export interface Account {
  name: string;
  /** Present only when there is one, with a secret; it may be revoked or expired. */
  credential?: Credential & { secret: StoredSecret };
}

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
      return { name: given.slice(0, 255) };
    }
    if (name.length > 255) return { name: name.slice(0, 255) };
    const found = this.#registry.byAccount(name).filter(hasSecret);
    const credential = mostLikely(found, this.#clock.now());
    return credential && hasSecret(credential) ? { name, credential } : { name };
  }

  /** Of an unknown account they are the same each time, also after a restart, and match no password. */
  scramKeys({ name, credential }: Account): StoredSecret['scram'] {
    if (credential) return credential.secret.scram;
    const invent = (what: string) => createHmac('sha256', this.#decoyKey).update(`${what}\0${name}`).digest();
    return {
      iterations: SCRAM_ITERATIONS,
      salt: invent('salt').subarray(0, 16).toString('base64'),
      storedKey: invent('stored').toString('base64'),
      serverKey: invent('server').toString('base64'),
    };
  }

  /**
   * The password for CRAM-MD5, and whether it is one at all.
   *
   * @throws when it was sealed under another key.
   */
  recoverable({ credential }: Account): { password: string; real: boolean } {
    const sealed = credential?.secret.recoverable;
    return {
      password: this.#seal.open(sealed ?? this.#decoySealed, RECOVERABLE_PURPOSE),
      real: sealed !== undefined,
    };
  }
}

function hasSecret(credential: Credential): credential is Credential & { secret: StoredSecret } {
  return credential.secret !== undefined;
}

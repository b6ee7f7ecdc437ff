import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import type { PasswordCredential } from './accounts.ts';
import { LruMap } from './lru-map.ts';

interface Entry {
  digest: Buffer;
  /** Monotonic time. */
  until: number;
}

/**
 * Remembers for a short time which password was right, so that a device that connects for each message does
 * not cost an argon2id run each time. What is kept is an HMAC under a key of this process; it is forgotten as
 * soon as anything about the credential or its source changes.
 */
export class VerifiedPasswords {
  readonly #clock: Clock;
  readonly #lifeMs: number;
  readonly #key: Buffer;
  /** By credential: it has one password. */
  readonly #entries: LruMap<Entry>;
  readonly #unsubscribe: () => void;

  constructor(
    registry: SourceRegistry,
    clock: Clock,
    random: Random,
    options: { lifeMs: number; entries: number },
  ) {
    this.#clock = clock;
    this.#lifeMs = options.lifeMs;
    this.#key = random.bytes(32);
    this.#entries = new LruMap(options.entries);
    this.#unsubscribe = registry.onChange((change) => {
      if (change.kind === 'credential') this.#entries.delete(change.credential.id);
      else for (const { id } of registry.credentials(change.source.id)) this.#entries.delete(id);
    });
  }

  has(credential: PasswordCredential, account: string, password: string): boolean {
    const entry = this.#entries.get(credential.id);
    if (!entry) return false;
    if (entry.until <= this.#clock.monotonic()) {
      this.#entries.delete(credential.id);
      return false;
    }
    return timingSafeEqual(entry.digest, this.#digest(credential, account, password));
  }

  add(credential: PasswordCredential, account: string, password: string): void {
    const until = this.#clock.monotonic() + this.#lifeMs;
    this.#entries.set(credential.id, { digest: this.#digest(credential, account, password), until });
  }

  close(): void {
    this.#unsubscribe();
  }

  #digest({ id, secret }: PasswordCredential, account: string, password: string): Buffer {
    // as JSON no two of these give the same text; with the hash, what was right for another secret proves nothing
    const text = JSON.stringify([id, secret.argon2id, account, password]);
    return createHmac('sha256', this.#key).update(text).digest();
  }
}

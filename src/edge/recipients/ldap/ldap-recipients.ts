import type { Clock, Timer } from '../../../platform/clock.ts';
import type { RecipientAnswer } from '../../rooms.ts';
import type { Tenant } from '../../tenant.ts';
import type { RecipientSource } from '../source.ts';
import { LdapConnection, LdapError, type LdapOptions, type LdapServer } from './connection.ts';
import { encodeFilter, fillFilter } from './filter.ts';

export interface LdapRecipientsOptions extends LdapOptions {
  /** In the order in which they are tried. */
  servers: readonly LdapServer[];
  base: string;
  /** RFC 4515, with `{address}`, `{local}` and `{domain}`; known to be one that can be read. */
  filter: string;
}

/** An unused connection is closed before the server does it. */
const IDLE_MS = 60_000;
/** After all servers failed nobody waits for them again for this time. */
const HOLD_OFF_MS = 5000;

/** `ldaps://dc1.example.com:636`; without a port the usual one. @throws RangeError */
export function ldapServer(url: string): LdapServer {
  const [, scheme, host, port] = /^(ldaps?):\/\/(\[[^\]]+\]|[^\s:/[\]]+)(?::(\d{1,5}))?\/?$/i.exec(url) ?? [];
  if (scheme === undefined || host === undefined)
    throw new RangeError(`"${url}" is not the address of a directory server`);
  const implicitTls = scheme.toLowerCase() === 'ldaps';
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port ?? (implicitTls ? 636 : 389)),
    implicitTls,
  };
}

/** Recipients as a directory has them: one connection, kept while it is used. */
export class LdapRecipients implements RecipientSource {
  readonly name = 'ldap';
  readonly #options: LdapRecipientsOptions;
  readonly #clock: Clock;
  #connection: Promise<LdapConnection> | undefined;
  #problem: string | undefined;
  #heldOffUntil = Number.NEGATIVE_INFINITY;
  #idle: Timer | undefined;
  #closed = false;

  constructor(options: LdapRecipientsOptions) {
    this.#options = options;
    this.#clock = options.clock;
  }

  async find(_tenant: Tenant, address: string): Promise<RecipientAnswer> {
    const { base, filter } = this.#options;
    const asked = encodeFilter(fillFilter(filter, address));
    // the connection may have been closed by the server while nobody asked: then once more with a new one
    for (let attempt = 0; ; attempt++) {
      const reused = this.#connection !== undefined;
      try {
        const connection = await this.#open();
        const found = await connection.exists(base, asked);
        this.#problem = undefined;
        return found ? 'known' : 'unknown';
      } catch (error) {
        if (!(error instanceof LdapError)) throw error;
        this.#problem = error.message;
        if (error.lost) this.#connection = undefined;
        if (!error.lost || !reused || attempt > 0) return 'unavailable';
      }
    }
  }

  problem(): string | undefined {
    return this.#problem;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#idle?.cancel();
    const connection = await this.#connection?.catch(() => undefined);
    connection?.close();
  }

  #open(): Promise<LdapConnection> {
    this.#idle?.cancel();
    this.#idle = this.#clock.after(IDLE_MS, () => this.#hangUp());
    this.#connection ??= this.#connect();
    return this.#connection;
  }

  async #connect(): Promise<LdapConnection> {
    if (this.#closed) throw new LdapError('the relay is stopping', true);
    if (this.#clock.monotonic() < this.#heldOffUntil)
      throw new LdapError(this.#problem ?? 'no server answered a moment ago', true);
    let failure: unknown;
    for (const server of this.#options.servers) {
      try {
        return await LdapConnection.open(server, this.#options);
      } catch (error) {
        failure = error;
      }
    }
    this.#heldOffUntil = this.#clock.monotonic() + HOLD_OFF_MS;
    throw failure ?? new LdapError('no server is named', true);
  }

  #hangUp(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    void connection?.then(
      (open) => open.close(),
      () => {},
    );
  }
}

import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { Clock } from '../platform/clock.ts';
import { RegistryError } from '../sources/registry.ts';
import type { ControlStore } from '../store/control.ts';
import type { PasskeyRow, PersonRow } from '../store/people-rows.ts';

const MOST_PASSKEYS = 20;
/** EdDSA, ES256, RS256 (RFC 9053): what every authenticator has one of. */
const ALGORITHMS = [-8, -7, -257];

export interface Passkey {
  id: string;
  name: string;
  createdAt: number;
  lastUsedAt?: number;
}

/** Thirty megabytes that few relays need: loaded by the first who uses a passkey. */
const library = () => import('@simplewebauthn/server');

/**
 * Passkeys (WebAuthn level 3): discoverable, with the person verified by the authenticator, so that one of them is
 * both factors. They are bound to the name in the public address of this relay.
 */
export class Passkeys {
  readonly #db: ControlStore;
  readonly #clock: Clock;
  readonly #publicUrl: URL | undefined;

  /** @param publicUrl where people open the relay; without it there are no passkeys */
  constructor(db: ControlStore, clock: Clock, publicUrl: URL | undefined) {
    this.#db = db;
    this.#clock = clock;
    this.#publicUrl = publicUrl;
  }

  async list(person: string): Promise<Passkey[]> {
    return (await this.#rows(person)).map(passkeyOf);
  }

  /** For `navigator.credentials.create`; `challenge` of it is given to `add`. */
  async registration(person: Pick<PersonRow, 'id' | 'email' | 'name'>) {
    const { hostname } = this.#url();
    const { generateRegistrationOptions } = await library();
    return generateRegistrationOptions({
      rpName: 'Postern',
      rpID: hostname,
      userID: new TextEncoder().encode(person.id),
      userName: person.email,
      userDisplayName: person.name,
      attestationType: 'none',
      supportedAlgorithmIDs: ALGORITHMS,
      excludeCredentials: (await this.#rows(person.id)).map(({ id, transports }) => ({
        id,
        transports: JSON.parse(transports) as string[],
      })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
  }

  /** @throws RegistryError `invalid` when the answer does not fit the challenge, `conflict` for one too many */
  async add(person: string, name: string, challenge: string, response: unknown): Promise<Passkey> {
    const { hostname, origin } = this.#url();
    const { verifyRegistrationResponse } = await library();
    const verified = await orInvalid(() =>
      verifyRegistrationResponse({
        response: response as RegistrationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: hostname,
        requireUserVerification: true,
        supportedAlgorithmIDs: ALGORITHMS,
      }),
    );
    if (!verified?.verified) throw new RegistryError('invalid', 'the passkey could not be verified');
    const { id, publicKey, counter, transports = [] } = verified.registrationInfo.credential;
    const existing = await this.#rows(person);
    if (existing.length >= MOST_PASSKEYS) {
      throw new RegistryError('conflict', `there are ${MOST_PASSKEYS} passkeys already; remove one first`);
    }
    if (await this.#row(id)) throw new RegistryError('conflict', 'this passkey is known already');
    const row: PasskeyRow = {
      id,
      person,
      name,
      public_key: Buffer.from(publicKey).toString('base64url'),
      counter,
      transports: JSON.stringify(transports.slice(0, 10)),
      created_at: this.#clock.now(),
      last_used_at: null,
    };
    await this.#db.insertInto('passkeys').values(row).execute();
    return passkeyOf(row);
  }

  async remove(person: string, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('passkeys')
      .where('person', '=', person)
      .where('id', '=', id)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** For `navigator.credentials.get`; `challenge` of it is given to `verify`. Tells nobody who has passkeys. */
  async request() {
    const { generateAuthenticationOptions } = await library();
    return generateAuthenticationOptions({ rpID: this.#url().hostname, userVerification: 'required' });
  }

  /** The identifier of the person whose passkey has signed the challenge; undefined when none has. */
  async verify(challenge: string, response: unknown): Promise<string | undefined> {
    const { hostname, origin } = this.#url();
    const answer = response as AuthenticationResponseJSON;
    const row = typeof answer.id === 'string' ? await this.#row(answer.id) : undefined;
    if (!row) return undefined;
    const { verifyAuthenticationResponse } = await library();
    const verified = await orInvalid(() =>
      verifyAuthenticationResponse({
        response: answer,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: hostname,
        requireUserVerification: true,
        credential: {
          id: row.id,
          publicKey: Uint8Array.from(Buffer.from(row.public_key, 'base64url')),
          counter: row.counter,
        },
      }),
    );
    if (!verified?.verified) return undefined;
    const { newCounter } = verified.authenticationInfo;
    // WebAuthn §6.1.1: a copy of an authenticator shows itself by a counter that does not go up
    const { numUpdatedRows } = await this.#db
      .updateTable('passkeys')
      .set({ counter: newCounter, last_used_at: this.#clock.now() })
      .where('id', '=', row.id)
      .where((where) => where.or([where('counter', '<', newCounter), where('counter', '=', 0)]))
      .executeTakeFirst();
    return numUpdatedRows > 0n ? row.person : undefined;
  }

  #url(): URL {
    if (this.#publicUrl) return this.#publicUrl;
    throw new RegistryError(
      'conflict',
      'passkeys are bound to a name: set people.publicUrl in the configuration to the address that people open',
    );
  }

  async #row(id: string): Promise<PasskeyRow | undefined> {
    return this.#db.selectFrom('passkeys').selectAll().where('id', '=', id).executeTakeFirst();
  }

  async #rows(person: string): Promise<PasskeyRow[]> {
    return this.#db
      .selectFrom('passkeys')
      .selectAll()
      .where('person', '=', person)
      .orderBy('created_at')
      .execute();
  }
}

function passkeyOf({ id, name, created_at, last_used_at }: PasskeyRow): Passkey {
  return { id, name, createdAt: created_at, lastUsedAt: last_used_at ?? undefined };
}

/** The library throws for whatever does not fit: what a client has sent is wrong, not the relay. */
async function orInvalid<T>(verify: () => Promise<T>): Promise<T | undefined> {
  try {
    return await verify();
  } catch {
    return undefined;
  }
}

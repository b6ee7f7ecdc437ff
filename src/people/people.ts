import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { newIdentifier } from '../sources/identifier.ts';
import { RegistryError } from '../sources/registry.ts';
import type { ControlStore } from '../store/control.ts';
import type { PersonRow } from '../store/people-rows.ts';
import { Serial } from '../store/serial.ts';
import { digest, newSecret } from './digest.ts';
import { hashPersonPassword } from './password.ts';
import { type Person, type PersonFields, personOf } from './person.ts';

const INVITATION_MS = 7 * 86_400_000;

export interface Invitation {
  /** Shown once. */
  invitation: string;
  /** Wall time, milliseconds. */
  expiresAt: number;
}

/** What an owner may change of a person. */
export type PersonChanges = Partial<Pick<Person, 'name' | 'email' | 'role' | 'sources' | 'state'>>;

/** The people who may sign in. A change of what somebody may do ends their sessions: the next one is a new one. */
export class People {
  readonly #db: ControlStore;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #changes = new Serial();

  constructor(db: ControlStore, clock: Clock, random: Random) {
    this.#db = db;
    this.#clock = clock;
    this.#random = random;
  }

  /** In the order of their addresses. */
  async list(): Promise<Person[]> {
    const rows = await this.#db.selectFrom('people').selectAll().orderBy('email').execute();
    return rows.map(personOf);
  }

  async row(id: string): Promise<PersonRow | undefined> {
    return this.#db.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst();
  }

  async rowByEmail(email: string): Promise<PersonRow | undefined> {
    return this.#db
      .selectFrom('people')
      .selectAll()
      .where('email', '=', email.toLowerCase())
      .executeTakeFirst();
  }

  async rowBySubject(issuer: string, subject: string): Promise<PersonRow | undefined> {
    return this.#db
      .selectFrom('people')
      .selectAll()
      .where('issuer', '=', issuer)
      .where('subject', '=', subject)
      .executeTakeFirst();
  }

  /** Whether some owner has ever signed in: before that nobody can do anything in the console. */
  async hasOwner(): Promise<boolean> {
    const row = await this.#db
      .selectFrom('people')
      .select('id')
      .where('role', '=', 'owner')
      .where('state', '=', 'active')
      .where((where) =>
        where.or([where('password', 'is not', null), where('last_signed_in_at', 'is not', null)]),
      )
      .executeTakeFirst();
    return row !== undefined;
  }

  /** By identifier or e-mail address. @throws RegistryError `not-found` */
  async find(name: string): Promise<Person> {
    const row = (await this.row(name)) ?? (await this.rowByEmail(name));
    if (!row) throw new RegistryError('not-found', `there is no person ${JSON.stringify(name)}`);
    return personOf(row);
  }

  /**
   * @param password its hash
   * @throws RegistryError `conflict` when there is one with this address
   */
  async add(fields: PersonFields, password: string | null = null): Promise<Person> {
    return this.#changes.run(async () => {
      await this.#refuseTaken(fields.email);
      const now = this.#clock.now();
      const row: PersonRow = {
        id: newIdentifier('per', this.#random),
        email: fields.email,
        name: fields.name,
        role: fields.role,
        state: 'active',
        sources: JSON.stringify(fields.sources),
        password,
        totp: null,
        totp_pending: null,
        totp_step: 0,
        recovery_codes: '[]',
        issuer: null,
        subject: null,
        invitation_hash: null,
        invitation_expires_at: null,
        created_at: now,
        updated_at: now,
        last_signed_in_at: null,
        last_signed_in_from: null,
        version: 1,
      };
      await this.#db.insertInto('people').values(row).execute();
      return personOf(row);
    });
  }

  /** @throws RegistryError `conflict`, or `invalid` for a password that is too weak; then nobody was added */
  async addWithPassword(fields: PersonFields, password: string): Promise<Person> {
    return this.add(fields, await hashPersonPassword(password, fields));
  }

  /** @throws RegistryError `conflict` on `version` when it is given and is not the current one */
  async edit(id: string, changes: PersonChanges, version?: number): Promise<Person> {
    return this.#changes.run(async () => {
      const before = await this.find(id);
      if (version !== undefined && version !== before.version) {
        throw new RegistryError('conflict', `${before.email} was changed in the meantime`, 'version');
      }
      const after = { ...before, ...changes };
      if (after.email !== before.email) await this.#refuseTaken(after.email);
      const { email, name, role, state, sources } = after;
      const may = ({ role: one, state: two, sources: three }: Person) => JSON.stringify([one, two, three]);
      await this.#db.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('people')
          .set({
            email,
            name,
            role,
            state,
            sources: JSON.stringify(sources),
            ...this.#changed(before.version),
          })
          .where('id', '=', before.id)
          .execute();
        if (may(after) !== may(before)) {
          await transaction.deleteFrom('sessions').where('person', '=', before.id).execute();
        }
      });
      return this.find(before.id);
    });
  }

  /** With sessions, passkeys and tokens. */
  async remove(id: string): Promise<void> {
    await this.#changes.run(async () => {
      await this.#db.deleteFrom('people').where('id', '=', id).execute();
    });
  }

  /**
   * Makes the secret with which somebody sets a password; an earlier one ends.
   * @param reset takes away everything that they could sign in with, for who has lost it or whose it was taken
   */
  async invite(id: string, reset = false): Promise<Invitation> {
    return this.#changes.run(async () => {
      const { version } = await this.find(id);
      const { secret, hash } = newSecret('pst_invitation_', this.#random);
      const expiresAt = this.#clock.now() + INVITATION_MS;
      const nothing = {
        password: null,
        totp: null,
        totp_pending: null,
        recovery_codes: '[]',
        issuer: null,
        subject: null,
      };
      await this.#db.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('people')
          .set({
            ...(reset ? nothing : {}),
            invitation_hash: hash,
            invitation_expires_at: expiresAt,
            ...this.#changed(version),
          })
          .where('id', '=', id)
          .execute();
        if (!reset) return;
        await transaction.deleteFrom('passkeys').where('person', '=', id).execute();
        await transaction.deleteFrom('sessions').where('person', '=', id).execute();
        await transaction.deleteFrom('api_tokens').where('person', '=', id).execute();
      });
      return { invitation: secret, expiresAt };
    });
  }

  /** Sets the first password, once; undefined when the invitation is unknown, used up or over. */
  async acceptInvitation(invitation: string, password: string): Promise<Person | undefined> {
    return this.#changes.run(async () => {
      const hash = digest(invitation);
      const row = await this.#db
        .selectFrom('people')
        .selectAll()
        .where('invitation_hash', '=', hash)
        .executeTakeFirst();
      if (!row || row.state !== 'active' || (row.invitation_expires_at ?? 0) <= this.#clock.now())
        return undefined;
      const hashed = await hashPersonPassword(password, row);
      await this.#setPassword(row, hashed, { invitation_hash: null, invitation_expires_at: null });
      return this.find(row.id);
    });
  }

  /** All sessions of the person end. @throws RegistryError `invalid` for a password that is too weak */
  async setPassword(id: string, password: string): Promise<void> {
    await this.#changes.run(async () => {
      const row = await this.row(id);
      if (!row) throw new RegistryError('not-found', 'the account is gone');
      await this.#setPassword(row, await hashPersonPassword(password, row), {});
    });
  }

  /** Ties a person to who vouches for them. */
  async link(id: string, issuer: string, subject: string): Promise<void> {
    await this.#db.updateTable('people').set({ issuer, subject }).where('id', '=', id).execute();
  }

  async signedIn(id: string, from: string): Promise<void> {
    await this.#db
      .updateTable('people')
      .set({ last_signed_in_at: this.#clock.now(), last_signed_in_from: from })
      .where('id', '=', id)
      .execute();
  }

  async #setPassword(
    row: PersonRow,
    password: string,
    more: Pick<Partial<PersonRow>, 'invitation_hash' | 'invitation_expires_at'>,
  ): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('people')
        .set({ password, ...more, ...this.#changed(row.version) })
        .where('id', '=', row.id)
        .execute();
      await transaction.deleteFrom('sessions').where('person', '=', row.id).execute();
    });
  }

  #changed(version: number): { updated_at: number; version: number } {
    return { updated_at: this.#clock.now(), version: version + 1 };
  }

  async #refuseTaken(email: string): Promise<void> {
    if (await this.rowByEmail(email)) {
      throw new RegistryError('conflict', `there is a person with the address ${email} already`, 'email');
    }
  }
}

import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { newIdentifier } from '../sources/identifier.ts';
import { RegistryError } from '../sources/registry.ts';
import type { ControlStore } from '../store/control.ts';
import type { ApiTokenRow } from '../store/people-rows.ts';
import { digest, newSecret } from './digest.ts';
import type { Role } from './role.ts';

/** `pst_` as all keys of this relay, and a word more, so that a token is not taken for the sending key of a source. */
const TOKEN_PREFIX = 'pst_token_';

/** Tokens of one person; a relay's own tokens are as bounded. */
const MOST_TOKENS = 100;
const TOUCH_MS = 60_000;

/** A token for programs: shown once, kept as a hash. */
export interface ApiToken {
  /** `tok_` and 16 characters. */
  id: string;
  name: string;
  /** Whose it is: it never may do more than they may. Absent: it belongs to the relay. */
  person?: string;
  role: Role;
  /** Identifiers of the only sources that it is for. */
  sources?: string[];
  /** Tags of the only routes that it is for. */
  groups?: string[];
  createdAt: number;
  expiresAt: number;
  lastUsedAt?: number;
  lastUsedFrom?: string;
}

export type NewToken = Omit<ApiToken, 'id' | 'createdAt' | 'lastUsedAt' | 'lastUsedFrom'>;

export class Tokens {
  readonly #db: ControlStore;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(db: ControlStore, clock: Clock, random: Random) {
    this.#db = db;
    this.#clock = clock;
    this.#random = random;
  }

  /** @throws RegistryError `invalid` for an end in the past, `conflict` for one too many */
  async add(token: NewToken): Promise<{ token: ApiToken; secret: string }> {
    const now = this.#clock.now();
    if (token.expiresAt <= now) throw new RegistryError('invalid', 'expiresAt: is in the past', 'expiresAt');
    const existing = (await this.list()).filter(({ person }) => person === token.person);
    if (existing.length >= MOST_TOKENS) {
      throw new RegistryError('conflict', `there are ${MOST_TOKENS} tokens already; revoke some first`);
    }
    const { secret, hash } = newSecret(TOKEN_PREFIX, this.#random);
    const row: ApiTokenRow = {
      id: newIdentifier('tok', this.#random),
      name: token.name,
      hash,
      person: token.person ?? null,
      role: token.role,
      sources: token.sources === undefined ? null : JSON.stringify(token.sources),
      route_groups: token.groups === undefined ? null : JSON.stringify(token.groups),
      created_at: now,
      expires_at: token.expiresAt,
      last_used_at: null,
      last_used_from: null,
    };
    await this.#db.insertInto('api_tokens').values(row).execute();
    return { token: tokenOf(row), secret };
  }

  /** Those that have ended included, the newest first. */
  async list(): Promise<ApiToken[]> {
    const rows = await this.#db.selectFrom('api_tokens').selectAll().orderBy('created_at', 'desc').execute();
    return rows.map(tokenOf);
  }

  async byId(id: string): Promise<ApiToken | undefined> {
    const row = await this.#db.selectFrom('api_tokens').selectAll().where('id', '=', id).executeTakeFirst();
    return row && tokenOf(row);
  }

  /** The token behind a secret, while it counts; notes its use. */
  async find(secret: string, address: string): Promise<ApiToken | undefined> {
    if (!secret.startsWith(TOKEN_PREFIX)) return undefined;
    const row = await this.#db
      .selectFrom('api_tokens')
      .selectAll()
      .where('hash', '=', digest(secret))
      .executeTakeFirst();
    const now = this.#clock.now();
    if (!row || row.expires_at <= now) return undefined;
    if (now - (row.last_used_at ?? 0) >= TOUCH_MS || row.last_used_from !== address) {
      await this.#db
        .updateTable('api_tokens')
        .set({ last_used_at: now, last_used_from: address })
        .where('id', '=', row.id)
        .execute();
    }
    return tokenOf(row);
  }

  async revoke(id: string): Promise<void> {
    await this.#db.deleteFrom('api_tokens').where('id', '=', id).execute();
  }
}

function tokenOf(row: ApiTokenRow): ApiToken {
  return {
    id: row.id,
    name: row.name,
    person: row.person ?? undefined,
    role: row.role as Role,
    sources: row.sources === null ? undefined : (JSON.parse(row.sources) as string[]),
    groups: row.route_groups === null ? undefined : (JSON.parse(row.route_groups) as string[]),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at ?? undefined,
    lastUsedFrom: row.last_used_from ?? undefined,
  };
}

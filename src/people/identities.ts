import type { Principal, SourceScope } from '../api/principal.ts';
import type { PersonRow } from '../store/people-rows.ts';
import type { People } from './people.ts';
import { lesserRole, type Role } from './role.ts';
import type { Sessions } from './sessions.ts';
import type { Tokens } from './tokens.ts';

/** Who is behind a cookie or a token, with what they may do at this moment. */
export class Identities {
  readonly #people: People;
  readonly #sessions: Sessions;
  readonly #tokens: Tokens;

  constructor(people: People, sessions: Sessions, tokens: Tokens) {
    this.#people = people;
    this.#sessions = sessions;
    this.#tokens = tokens;
  }

  /**
   * @param value of the session cookie
   * @param isUse false for who only looks whether it still counts
   */
  async bySession(value: string, isUse = true): Promise<Principal | undefined> {
    const found = await this.#sessions.find(value, isUse);
    if (!found) return undefined;
    const { person, session } = found;
    return {
      kind: 'person',
      id: person.id,
      name: `${person.name} <${person.email}>`,
      role: person.role as Role,
      email: person.email,
      person: person.id,
      sources: scopeOf(person),
      session: {
        hash: session.hash,
        createdAt: session.created_at,
        strong: session.method !== 'password',
      },
    };
  }

  /** A token never may do more than whose it is; it ends with them. */
  async byToken(secret: string, address: string): Promise<Principal | undefined> {
    const token = await this.#tokens.find(secret, address);
    if (!token) return undefined;
    const person = token.person === undefined ? undefined : await this.#people.row(token.person);
    if (token.person !== undefined && person?.state !== 'active') return undefined;
    const role = person ? lesserRole(token.role, person.role as Role) : token.role;
    const listed = token.sources && new Set(token.sources);
    const ofToken: SourceScope | undefined = listed && (({ id }) => listed.has(id));
    const ofPerson = person && scopeOf(person);
    return {
      kind: 'token',
      id: token.id,
      name: person ? `token ${token.name} of ${person.name} <${person.email}>` : `token ${token.name}`,
      role,
      email: person?.email,
      person: person?.id,
      sources: both(ofPerson, ofToken, role),
      groups: token.groups,
    };
  }
}

/** What a source owner looks after: sources with their address, and those that were assigned. */
function scopeOf({ role, email, sources }: PersonRow): SourceScope | undefined {
  if (role !== 'source-owner') return undefined;
  const assigned = new Set(JSON.parse(sources) as string[]);
  return ({ id, owner }) => assigned.has(id) || owner.toLowerCase() === email;
}

function both(
  one: SourceScope | undefined,
  other: SourceScope | undefined,
  role: Role,
): SourceScope | undefined {
  if (one && other) return (source) => one(source) && other(source);
  // a source owner of whom nobody says which sources has none
  return one ?? other ?? (role === 'source-owner' ? () => false : undefined);
}

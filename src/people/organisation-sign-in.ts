import * as client from 'openid-client';
import { RegistryError } from '../sources/registry.ts';
import type { PersonRow } from '../store/people-rows.ts';
import { emailAddress, type Person } from './person.ts';
import type { People } from './people.ts';
import { type Role, ROLES } from './role.ts';

const PATIENCE_SECONDS = 10;

/** The organisation's own sign-in, by OpenID Connect. */
export interface ProviderOptions {
  /** In addresses: lower case letters, digits and hyphens. */
  name: string;
  /** What stands on a button. */
  label: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  scopes: string;
  /** Claim of the ID token that holds roles or groups. */
  roleClaim: string;
  /** Values of that claim that give a role; none: only who was added here may sign in. */
  roles: Partial<Record<Role, string[]>>;
  /** Takes the e-mail address of this provider as true without `email_verified`. */
  trustEmail: boolean;
}

/** What the browser brings back, and nobody else has. */
export interface SignInState {
  provider: string;
  state: string;
  nonce: string;
  verifier: string;
}

/** Why somebody was not let in, in words for them. */
export class NotLetIn extends Error {}

/** Somebody who was let in, and what the organisation has changed here with it. */
export interface Admission {
  person: Person;
  /** In words, for the audit log; absent: nothing. */
  changed?: string;
}

/** Authorization code flow with PKCE, state and nonce (OpenID Connect Core §3.1, RFC 9700 §2.1.1). */
export class OrganisationSignIn {
  readonly #providers: ProviderOptions[];
  readonly #people: People;
  readonly #publicUrl: URL | undefined;
  readonly #found = new Map<string, Promise<client.Configuration>>();

  constructor(providers: ProviderOptions[], people: People, publicUrl: URL | undefined) {
    this.#providers = providers;
    this.#people = people;
    this.#publicUrl = publicUrl;
  }

  list(): { name: string; label: string }[] {
    return this.#providers.map(({ name, label }) => ({ name, label: label || name }));
  }

  /** Where to send the browser, and what to keep for when it comes back. @throws RegistryError */
  async begin(name: string): Promise<{ url: URL; state: SignInState }> {
    const provider = this.#provider(name);
    const configuration = await this.#discover(provider);
    const state: SignInState = {
      provider: name,
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.callback(name).href,
      scope: provider.scopes,
      state: state.state,
      nonce: state.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(state.verifier),
      code_challenge_method: 'S256',
      response_mode: 'query',
    });
    return { url, state };
  }

  /**
   * Who has come back from the provider.
   * @param query of the address that the browser was sent back to, with its `?`
   * @throws NotLetIn when the answer is not the one that was asked for, or the person may not sign in
   */
  async finish({ provider: name, state, nonce, verifier }: SignInState, query: string): Promise<Admission> {
    const provider = this.#provider(name);
    const configuration = await this.#discover(provider);
    const current = this.callback(name);
    current.search = query;
    let claims: client.IDToken | undefined;
    try {
      const tokens = await client.authorizationCodeGrant(configuration, current, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      claims = tokens.claims();
    } catch (error) {
      // the library's texts name no secrets; what the provider says of itself is for its administrators
      throw new NotLetIn(
        `${provider.label || name} did not confirm the sign-in (${(error as { code?: string }).code ?? 'no reason'})`,
        { cause: error },
      );
    }
    if (!claims) throw new NotLetIn(`${provider.label || name} has sent no ID token`);
    return this.#personOf(provider, claims);
  }

  /** To be registered with the provider. */
  callback(name: string): URL {
    if (!this.#publicUrl) {
      throw new RegistryError(
        'conflict',
        'set people.publicUrl in the configuration to the address that people open; the provider sends them back there',
      );
    }
    return new URL(`/api/v1/session/oidc/${name}/callback`, this.#publicUrl);
  }

  async #personOf(provider: ProviderOptions, claims: client.IDToken): Promise<Admission> {
    const { iss, sub } = claims;
    const mapped = Object.keys(provider.roles).length > 0;
    const role = mapped ? roleOf(provider, claims) : undefined;
    if (mapped && !role) {
      throw new NotLetIn(
        `nothing in the claim ${provider.roleClaim} gives a role here; ask an owner which group or role is needed`,
      );
    }
    const known = await this.#people.rowBySubject(iss, sub);
    const email = verifiedEmail(provider, claims);
    const row = known ?? (email === undefined ? undefined : await this.#people.rowByEmail(email));
    if (!row) return this.#added(provider, claims, email, role);
    return this.#admitted(provider, row, claims, role);
  }

  async #admitted(
    { name }: ProviderOptions,
    row: PersonRow,
    { iss, sub }: client.IDToken,
    role: Role | undefined,
  ): Promise<Admission> {
    const changed: string[] = [];
    if (row.state !== 'active') throw new NotLetIn('this account is disabled');
    // an address that has moved to another account there must not open this one
    if (row.subject !== null && (row.issuer !== iss || row.subject !== sub)) {
      throw new NotLetIn(
        'this address belongs to another account of the organisation; an owner can reset the account here',
      );
    }
    if (row.subject === null) {
      await this.#people.link(row.id, iss, sub);
      changed.push(`tied to the account of ${name}`);
    }
    if (role && role !== row.role) {
      await this.#people.edit(row.id, { role });
      changed.push(`role changed from ${row.role} to ${role} by ${name}`);
    }
    return { person: await this.#people.find(row.id), changed: changed.join('; ') || undefined };
  }

  async #added(
    { name: provider }: ProviderOptions,
    { iss, sub, name }: client.IDToken,
    email: string | undefined,
    role: Role | undefined,
  ): Promise<Admission> {
    if (email === undefined) {
      throw new NotLetIn('the organisation gives no confirmed e-mail address for this account');
    }
    if (!role) throw new NotLetIn(`nobody has added ${email} here; ask an owner to`);
    const shown = typeof name === 'string' ? printableName(name) : '';
    const person = await this.#people.add({ email, name: shown || email, role, sources: [] });
    await this.#people.link(person.id, iss, sub);
    return { person, changed: `added as ${role} by ${provider}` };
  }

  #provider(name: string): ProviderOptions {
    const provider = this.#providers.find((one) => one.name === name);
    if (provider) return provider;
    throw new RegistryError('not-found', `there is no sign-in ${JSON.stringify(name)}`);
  }

  /** Read once, whoever waits for it; a provider that does not answer is asked again at the next sign-in. */
  #discover(provider: ProviderOptions): Promise<client.Configuration> {
    const known = this.#found.get(provider.name);
    if (known) return known;
    const found = this.#read(provider);
    this.#found.set(provider.name, found);
    found.catch(() => this.#found.delete(provider.name));
    return found;
  }

  async #read(provider: ProviderOptions): Promise<client.Configuration> {
    const issuer = new URL(provider.issuer);
    const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(issuer.hostname);
    try {
      return await client.discovery(
        issuer,
        provider.clientId,
        {},
        provider.clientSecret === '' ? client.None() : client.ClientSecretPost(provider.clientSecret),
        {
          timeout: PATIENCE_SECONDS,
          execute: [
            // the signature of the ID token is checked, though it came from the provider itself
            client.enableNonRepudiationChecks,
            // without TLS only what does not leave this machine
            ...(issuer.protocol === 'http:' && loopback ? [client.allowInsecureRequests] : []),
          ],
        },
      );
    } catch (error) {
      throw new NotLetIn(`${provider.label || provider.name} does not answer now`, { cause: error });
    }
  }
}

/** The highest role that a claim gives; groups and roles come as a list, or as one text. */
function roleOf({ roleClaim, roles }: ProviderOptions, claims: client.IDToken): Role | undefined {
  const value = claims[roleClaim];
  const held = new Set(Array.isArray(value) ? value : [value]);
  return ROLES.find((role) => roles[role]?.some((name) => held.has(name)));
}

/**
 * The address, when somebody vouches for it. Microsoft Entra ID lets administrators of any tenant set any address; it
 * tells of a checked domain in `xms_edov`.
 */
function verifiedEmail({ trustEmail }: ProviderOptions, claims: client.IDToken): string | undefined {
  const { email, email_verified: verified, xms_edov: checked } = claims;
  const parsed = emailAddress.safeParse(email);
  if (!parsed.success) return undefined;
  return trustEmail || verified === true || checked === true || checked === 1 || checked === '1'
    ? parsed.data
    : undefined;
}

function printableName(name: string): string {
  return name.replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{Zs}]/gu, '').slice(0, 100);
}

import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { CredentialIndex, isNetworkAlone } from './credential-index.ts';
import { newIdentifier } from './identifier.ts';
import type { Cause } from './lifecycle.ts';
import { type NewSource, RegistryError, type SourceChanges } from './registry.ts';
import { SortedSources } from './sorted-sources.ts';
import { editedSource, newSource } from './source-changes.ts';
import type { Credential, Source } from './source.ts';
import { check, credentialFields } from './source-fields.ts';

const NONE: ReadonlySet<string> = new Set();

/**
 * What the registry holds in memory, and what may stand beside it there: sources and credentials that follow from a
 * change are made and checked here, and kept once they are in the store.
 */
export class RegistryMemory {
  readonly credentials = new CredentialIndex();
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sources = new Map<string, Source>();
  readonly #names = new Map<string, Source>();
  readonly #sorted = new SortedSources();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  byId(id: string): Source | undefined {
    return this.#sources.get(id);
  }

  byName(name: string): Source | undefined {
    return this.#names.get(name);
  }

  /** In the order of names; a change makes a new array. */
  list(): Source[] {
    return this.#sorted.list();
  }

  /** Many are about to come, go or change their names: to be sorted when somebody asks. */
  unsort(): void {
    this.#sorted.clear();
  }

  /** @param before the value that it takes the place of */
  keep(source: Source, before?: Source): void {
    if (before && before.name !== source.name) this.#names.delete(before.name);
    this.#sources.set(source.id, source);
    this.#names.set(source.name, source);
    this.#sorted.put(source, before, this.#sources);
  }

  /** Its credentials go with it. */
  drop(source: Source): void {
    const { id, name } = source;
    for (const credential of this.credentials.ofSource(id)) this.credentials.delete(credential.id);
    this.#sources.delete(id);
    this.#names.delete(name);
    this.#sorted.delete(source);
  }

  /** @throws RegistryError `not-found` */
  source(id: string): Source {
    const source = this.#sources.get(id);
    if (!source) throw new RegistryError('not-found', `there is no source ${id}`);
    return source;
  }

  /** @throws RegistryError `not-found` */
  credential(id: string): Credential {
    const credential = this.credentials.get(id);
    if (!credential) throw new RegistryError('not-found', `there is no credential ${id}`);
    return credential;
  }

  /** The other side of a rotation that is under way. */
  otherSide({ rotation }: Credential): Credential | undefined {
    return rotation && this.credentials.get(rotation.other);
  }

  /** Neither revoked nor expired. */
  isLive(credential: Credential): boolean {
    if (credential.state !== 'active') return false;
    return credential.expiresAt === undefined || credential.expiresAt > this.#clock.now();
  }

  live(credentials: Credential[]): Credential[] {
    return credentials.filter((credential) => this.isLive(credential));
  }

  /** A new source of these fields. @throws RegistryError `invalid` */
  made(fields: NewSource): Source {
    return newSource(fields, newIdentifier('src', this.#random), this.#clock.now());
  }

  /** @throws as `editedSource` */
  edited(before: Source, changes: SourceChanges, cause: Cause, version?: number): Source {
    return editedSource(before, changes, { now: this.#clock.now(), cause, version });
  }

  /** @throws RegistryError `conflict` */
  refuseTakenName(name: string): void {
    if (this.#names.has(name))
      throw new RegistryError('conflict', `there is a source ${name} already`, 'name');
  }

  /**
   * A new credential of these fields.
   * @param added sources that come with it, and are not yet there
   * @throws RegistryError `invalid`, or `not-found` for a source that is not there
   */
  newCredential(
    fields: Omit<Credential, 'id' | 'createdAt'>,
    added?: ReadonlyMap<string, Source>,
  ): Credential {
    const valid = check(credentialFields, fields);
    if (!added?.has(valid.source)) this.source(valid.source);
    if ((valid.account === undefined) !== (valid.secret === undefined)) {
      throw new RegistryError('invalid', 'an account needs a password, and a password an account', 'account');
    }
    if (
      valid.networks.length === 0 &&
      !valid.secret &&
      !valid.certificate &&
      !valid.oauth &&
      !valid.apiKeyHash
    ) {
      throw new RegistryError('invalid', 'a credential needs at least one thing that proves it', 'networks');
    }
    return { ...valid, id: newIdentifier('crd', this.#random), createdAt: this.#clock.now() };
  }

  /**
   * Refuses what would leave open whose message it is.
   * @param index where it would stand
   * @param besides identifiers of credentials that end, or change, together with this one
   * @throws RegistryError `conflict`
   */
  refuseAmbiguous(
    credential: Credential,
    index: CredentialIndex = this.credentials,
    besides: ReadonlySet<string> = NONE,
  ): void {
    const { account, certificate, oauth, apiKeyHash } = credential;
    const others = (found: Credential[]) => this.live(found).filter(({ id }) => !besides.has(id));
    const nameOf = (source: string) => this.#sources.get(source)?.name ?? 'that is added with it';
    if (account !== undefined && others(index.byAccount(account)).length > 0) {
      throw new RegistryError(
        'conflict',
        `there is an account ${account} already; choose another name for this one`,
        'account',
      );
    }
    const sameKey = apiKeyHash === undefined ? undefined : index.byApiKeyHash(apiKeyHash);
    if (sameKey && !besides.has(sameKey.id)) {
      throw new RegistryError('conflict', 'the API key is in use', 'apiKeyHash');
    }
    const same = others([
      ...(certificate && 'subject' in certificate ? index.bySubject(certificate.subject) : []),
      ...(certificate && 'fingerprint256' in certificate
        ? index.byFingerprint(certificate.fingerprint256)
        : []),
      ...(oauth ? index.byOAuthClient(oauth.issuer, oauth.clientId) : []),
    ]).find(
      ({ source, networks }) =>
        source !== credential.source && networks.length * credential.networks.length === 0,
    );
    if (same) {
      throw new RegistryError(
        'conflict',
        `source ${nameOf(same.source)} has the same ${oauth ? 'OAuth client' : 'certificate'}; give both credentials networks to tell them apart`,
        oauth ? 'oauth' : 'certificate',
      );
    }
    if (!isNetworkAlone(credential)) return;
    for (const block of credential.networks) {
      const [address = ''] = block.split('/');
      const taken = others(index.byNetwork(address)).find(
        ({ source, networks }) => source !== credential.source && networks.includes(block),
      );
      if (taken) {
        throw new RegistryError(
          'conflict',
          `${block} is the network of source ${nameOf(taken.source)}`,
          'networks',
        );
      }
    }
  }

  /**
   * What had expired counts again: somebody else may have its account, network or certificate by now.
   * @param after what it becomes, or what takes its place
   * @throws RegistryError `conflict`
   */
  refuseAmbiguousRevival(before: Credential, after: Credential): void {
    if (this.isLive(before) || !this.isLive(after)) return;
    const own = this.credentials.ofSource(after.source).map(({ id }) => id);
    this.refuseAmbiguous(after, this.credentials, new Set(own));
  }
}

import { NetworkIndex } from './network-index.ts';
import type { Credential } from './source.ts';

/**
 * Credentials in memory, found by each thing that a client can show. Every look-up is a Map's, whatever the number
 * of credentials. Indexes hold identifiers, so that a credential that changed is found in its present form.
 */
export class CredentialIndex {
  readonly #byId = new Map<string, Credential>();
  readonly #bySource = new Map<string, Set<string>>();
  readonly #byAccount = new Map<string, Set<string>>();
  readonly #byFingerprint = new Map<string, Set<string>>();
  readonly #bySubject = new Map<string, Set<string>>();
  readonly #byClient = new Map<string, Set<string>>();
  readonly #byApiKey = new Map<string, string>();
  readonly #networks = new NetworkIndex<string>();

  get(id: string): Credential | undefined {
    return this.#byId.get(id);
  }

  /** Adds it, or takes the place of the one with the same identifier. */
  set(credential: Credential): void {
    this.delete(credential.id);
    this.#byId.set(credential.id, credential);
    this.#each(credential, (map, key) => {
      const ids = map.get(key);
      if (ids) ids.add(credential.id);
      else map.set(key, new Set([credential.id]));
    });
    if (credential.apiKeyHash) this.#byApiKey.set(credential.apiKeyHash, credential.id);
    for (const block of blocksOf(credential)) this.#networks.add(block, credential.id);
  }

  delete(id: string): void {
    const credential = this.#byId.get(id);
    if (!credential) return;
    this.#byId.delete(id);
    this.#each(credential, (map, key) => {
      const ids = map.get(key);
      ids?.delete(id);
      if (ids?.size === 0) map.delete(key);
    });
    if (credential.apiKeyHash) this.#byApiKey.delete(credential.apiKeyHash);
    for (const block of blocksOf(credential)) this.#networks.remove(block, id);
  }

  ofSource(source: string): Credential[] {
    return this.#resolve(this.#bySource.get(source));
  }

  byAccount(account: string): Credential[] {
    return this.#resolve(this.#byAccount.get(account));
  }

  byNetwork(address: string): Credential[] {
    return this.#resolve(this.#networks.find(address));
  }

  byFingerprint(fingerprint: string): Credential[] {
    return this.#resolve(this.#byFingerprint.get(fingerprint));
  }

  bySubject(subject: string): Credential[] {
    return this.#resolve(this.#bySubject.get(subject));
  }

  byOAuthClient(issuer: string, clientId: string): Credential[] {
    return this.#resolve(this.#byClient.get(clientKey(issuer, clientId)));
  }

  byApiKeyHash(hash: string): Credential | undefined {
    const id = this.#byApiKey.get(hash);
    return id === undefined ? undefined : this.#byId.get(id);
  }

  #resolve(ids: Iterable<string> | undefined): Credential[] {
    const found: Credential[] = [];
    for (const id of ids ?? []) {
      const credential = this.#byId.get(id);
      if (credential) found.push(credential);
    }
    return found;
  }

  #each(credential: Credential, visit: (map: Map<string, Set<string>>, key: string) => void): void {
    const { source, account, certificate, oauth } = credential;
    visit(this.#bySource, source);
    if (account !== undefined) visit(this.#byAccount, account);
    if (certificate) {
      if ('fingerprint256' in certificate) visit(this.#byFingerprint, certificate.fingerprint256);
      else visit(this.#bySubject, certificate.subject);
    }
    if (oauth) visit(this.#byClient, clientKey(oauth.issuer, oauth.clientId));
  }
}

/** The network alone proves who it is: for devices that can not authenticate. */
export function isNetworkAlone(credential: Omit<Credential, 'id' | 'createdAt'>): boolean {
  const { secret, certificate, oauth, apiKeyHash, networks } = credential;
  return !secret && !certificate && !oauth && !apiKeyHash && networks.length > 0;
}

/** Blocks to index; those of a revoked credential no longer count. */
function blocksOf(credential: Credential): string[] {
  return credential.state === 'active' && isNetworkAlone(credential) ? credential.networks : [];
}

function clientKey(issuer: string, clientId: string): string {
  return `${issuer}\n${clientId}`;
}

import type { Cause } from './lifecycle.ts';
import type { Credential, Source, SourceDetails } from './source.ts';

/** What the registry refuses to do, in words for an administrator. `kind` decides the HTTP status. */
export class RegistryError extends Error {
  readonly kind: 'not-found' | 'conflict' | 'invalid';
  /** The field that is wrong, as the API names it. */
  readonly field?: string;
  constructor(kind: 'not-found' | 'conflict' | 'invalid', message: string, field?: string) {
    super(message);
    this.kind = kind;
    this.field = field;
  }
}

/**
 * All sources and credentials, in memory for the hot path and in the store for good. Look-ups cost the same
 * with ten sources and with fifty thousand. Changes are durable when their promise resolves, and
 * `onChange` runs in the same turn, before anything else can use the old value.
 */
export interface SourceRegistry {
  byId(id: string): Source | undefined;
  byName(name: string): Source | undefined;
  list(): Source[];
  credentials(source: string): Credential[];
  credential(id: string): Credential | undefined;

  /** Credentials of an SMTP account name (compared exactly); revoked and expired ones included, so that the journal can tell. */
  byAccount(account: string): Credential[];
  /** Credentials that are networks alone and hold this address; the narrowest block first. */
  byNetwork(address: string): Credential[];
  byCertificate(certificate: { fingerprint256: string; subject: string }): Credential[];
  byOAuthClient(issuer: string, clientId: string): Credential[];
  byApiKeyHash(hash: string): Credential | undefined;

  add(source: NewSource): Promise<Source>;
  /**
   * A change of state is written to the journal, with its cause.
   * @throws RegistryError `conflict` when `version` is given and is not the current one, or when the state can
   *   not follow on the one that it has (see `TRANSITIONS`).
   */
  edit(id: string, changes: SourceChanges, version?: number, cause?: Cause): Promise<Source>;
  remove(id: string): Promise<void>;
  addCredential(credential: Omit<Credential, 'id' | 'createdAt'>): Promise<Credential>;
  revokeCredential(id: string): Promise<Credential>;
  /** Kept in memory and written in batches: a use that was not yet written is lost by a kill, nothing else. */
  touched(credential: string, at: number, from: string): void;

  /** Answers a function that ends the subscription. */
  onChange(listener: (change: SourceChange) => void): () => void;
}

/** Many changes that hold together or not at all; see `StoredSourceRegistry.stage`. */
export interface SourceBatch {
  /** With the identifier that they are to have, so that credentials can name them. */
  added: (NewSource & { id: string })[];
  edited: { id: string; changes: SourceChanges }[];
  /** Identifiers; their credentials go with them. */
  removed: string[];
  credentials: {
    added: Omit<Credential, 'id' | 'createdAt'>[];
    changed: {
      id: string;
      changes: Partial<
        Pick<Credential, 'label' | 'account' | 'secret' | 'networks' | 'certificate' | 'oauth' | 'expiresAt'>
      >;
    }[];
    /** Identifiers. */
    revoked: string[];
  };
}

export type NewSource = Pick<Source, 'name' | 'description' | 'owner' | 'policy'> &
  Partial<SourceDetails & Pick<Source, 'state' | 'request'>>;

/** `null` takes a request or a brown-out away. */
export type SourceChanges = Partial<Omit<NewSource, 'request'>> & {
  request?: Source['request'] | null;
  brownOut?: Source['brownOut'] | null;
};

export type SourceChange =
  | { kind: 'source'; source: Source; before?: Source; removed?: true }
  | { kind: 'credential'; credential: Credential; before?: Credential };

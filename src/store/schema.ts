/**
 * The tables of control data. Types are chosen so that PostgreSQL takes the same ones: `text`, `integer`,
 * `bigint` (milliseconds since the epoch), and JSON as text, because nothing searches inside it.
 */
export interface ControlTables {
  sources: SourceRow;
  credentials: CredentialRow;
  domains: DomainRow;
  keys: KeyRow;
  routes: RouteRow;
  settings: SettingRow;
  idempotency: IdempotencyRow;
}

export interface SourceRow {
  id: string;
  name: string;
  description: string;
  owner: string;
  state: string;
  /** JSON of SourcePolicy. */
  policy: string;
  created_at: number;
  updated_at: number;
  version: number;
}

export interface CredentialRow {
  id: string;
  source: string;
  label: string;
  state: string;
  account: string | null;
  /** JSON of what proves it: secret, networks, certificate, oauth, apiKeyHash. */
  factors: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  last_used_from: string | null;
}

export interface DomainRow {
  name: string;
  /** 1 or 0. */
  internal: number;
  created_at: number;
}

export interface KeyRow {
  domain: string;
  selector: string;
  algorithm: string;
  stage: string;
  /** PKCS #8 PEM, sealed. */
  private_key: string;
  public_key: string;
  created_at: number;
  published_at: number | null;
}

export interface RouteRow {
  name: string;
  /** JSON of Route; passwords and private keys in it are sealed. */
  definition: string;
  updated_at: number;
}

export interface SettingRow {
  name: string;
  value: string;
  updated_at: number;
}

export interface IdempotencyRow {
  source: string;
  idempotency_key: string;
  /** SHA-256 of the request, hexadecimal. */
  fingerprint: string;
  status: number;
  /** The answer's body as it was sent. */
  answer: string;
  expires_at: number;
}

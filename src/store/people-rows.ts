export interface PersonRow {
  id: string;
  /** Lower case. */
  email: string;
  name: string;
  role: string;
  state: string;
  /** JSON: identifiers of sources that are assigned, besides those whose owner address is this person's. */
  sources: string;
  /** argon2id hash; null for who signs in otherwise. */
  password: string | null;
  /** Secret of the authenticator, sealed. */
  totp: string | null;
  /** As `totp`, while its first code has not been shown. */
  totp_pending: string | null;
  /** The last time step (RFC 6238 §4.2) whose code was taken; no code of it or an earlier one is taken again. */
  totp_step: number;
  /** JSON: SHA-256 of each recovery code that is left, hexadecimal. */
  recovery_codes: string;
  /** Who vouches for this person, and under which name: `iss` and `sub` of OpenID Connect. */
  issuer: string | null;
  subject: string | null;
  /** SHA-256 of an invitation that was not yet taken up, hexadecimal. */
  invitation_hash: string | null;
  invitation_expires_at: number | null;
  created_at: number;
  updated_at: number;
  last_signed_in_at: number | null;
  last_signed_in_from: string | null;
  version: number;
}

export interface PasskeyRow {
  /** Credential identifier, base64url. */
  id: string;
  person: string;
  name: string;
  /** COSE key, base64url. */
  public_key: string;
  counter: number;
  /** JSON. */
  transports: string;
  created_at: number;
  last_used_at: number | null;
}

export interface SessionRow {
  /** SHA-256 of the cookie's value, hexadecimal. */
  hash: string;
  person: string;
  /** `password`, `password+totp`, `password+recovery`, `passkey`, `oidc`. */
  method: string;
  created_at: number;
  used_at: number;
  expires_at: number;
  network: string;
  agent: string;
}

export interface ApiTokenRow {
  id: string;
  name: string;
  /** SHA-256, hexadecimal. */
  hash: string;
  /** Whose it is; null for one that belongs to no person. */
  person: string | null;
  role: string;
  /** JSON: identifiers of the only sources that it is for; null: all that its role sees. */
  sources: string | null;
  /** JSON: the only groups of routes that it is for; null: all. */
  route_groups: string | null;
  created_at: number;
  expires_at: number;
  last_used_at: number | null;
  last_used_from: string | null;
}

export interface AuditRow {
  /** 1, 2, 3, ... without a gap. */
  sequence: number;
  at: number;
  /** Identifier of who acted; as in `entry`, for searching. */
  actor: string;
  source: string | null;
  /** Canonical JSON; holds the sequence and the hash of the entry before. */
  entry: string;
  /** SHA-256 of `entry`, hexadecimal. */
  hash: string;
}

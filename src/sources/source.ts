/**
 * A source is an application or device that may send. These are the values that the registry keeps and the
 * API shows; secrets are in credentials, in a form that cannot be turned back (see `secret`).
 */
export type SourceState = 'active' | 'disabled';

export interface Source {
  /** Stable, unique, `src_` and 16 characters; names may change. */
  id: string;
  /** Unique; what people call it. Lower case letters, digits, dots, hyphens and underscores. */
  name: string;
  description: string;
  /** E-mail address of the person who answers for it. */
  owner: string;
  state: SourceState;
  policy: SourcePolicy;
  /** Wall times, milliseconds. */
  createdAt: number;
  updatedAt: number;
  /** Raised by one at each change; the ETag of the API. */
  version: number;
}

export interface SourcePolicy {
  /** What may stand in MAIL FROM together with what in the From header. At least one must match. */
  pairs: AddressPair[];
  /** MAIL FROM:<> is allowed. */
  nullSender: boolean;
  recipients: RecipientRule;
  /** Octets; 0 means the relay's own limit. */
  maxSize: number;
  maxRecipients: number;
  /** Simultaneous connections. */
  connections: number;
  limits: RateLimit[];
  /** What happens to a message above a limit. */
  overLimit: 'reject' | 'defer' | 'hold';
  repair: RepairPolicy;
  rewrite: RewritePolicy;
  /** When the From domain has no signing key, or its record is not published. */
  unaligned: UnalignedAction;
}

/**
 * Patterns: `app@corp.example` (exact), `corp.example` (any address of that domain), `*.corp.example`
 * (of any subdomain of it, not of itself), `scan-*@corp.example` (`*` within the local part).
 */
export interface AddressPair {
  envelope: string;
  header: string;
}

export interface RecipientRule {
  /** internal: only the organisation's own domains; listed: only `patterns`; any. */
  allow: 'internal' | 'listed' | 'any';
  /** Patterns as in AddressPair; with `internal`, allowed in addition. */
  patterns: string[];
}

export interface RateLimit {
  unit: 'messages' | 'bytes';
  per: 'minute' | 'hour' | 'day';
  most: number;
}

export interface RepairPolicy {
  /** Add a missing Date, Message-ID, MIME-Version with Content-Type. */
  missingHeaders: boolean;
  /** Add this From address when there is none; empty: refuse. */
  missingFrom: string;
  /** Fold header lines, and re-encode bodies, with lines over 998 octets; re-encode bodies with a NUL. */
  longLines: boolean;
  /** Encode raw 8-bit header text as RFC 2047 words. */
  rawHeaders: boolean;
}

/** Empty strings change nothing. */
export interface RewritePolicy {
  /** New header From address; the display name stays, the old address moves to Reply-To if there is none. */
  headerFrom: string;
  envelopeFrom: string;
  replyTo: string;
}

export type UnalignedAction =
  | { action: 'hold' }
  | { action: 'reject' }
  /** Sign with this domain of ours; DKIM passes, DMARC does not align. A warning is written. */
  | { action: 'sign-with'; domain: string }
  /** Send as it is, with a warning. */
  | { action: 'send' };

/** How a source proves who it is. Every condition that is present must hold. */
export interface Credential {
  /** `crd_` and 16 characters. */
  id: string;
  source: string;
  /** A name for people: `front desk`, `key of 2026`. */
  label: string;
  state: 'active' | 'revoked';
  /** SMTP account name; present with `secret`. Unique among credentials that have not been revoked. */
  account?: string;
  secret?: StoredSecret;
  /** CIDR blocks. With another factor: it counts only from here. Alone: devices that can not authenticate. */
  networks: string[];
  /** Client certificate: fingerprint, or subject under a trusted CA. */
  certificate?: { fingerprint256: string } | { subject: string };
  /** OAuth client: tokens of this issuer for this client. */
  oauth?: { issuer: string; clientId: string };
  /** Hash of an API key for HTTP submission (SHA-256, hexadecimal; the key has 256 bits of its own). */
  apiKeyHash?: string;
  createdAt: number;
  /** Wall time, milliseconds; absent: never. */
  expiresAt?: number;
  lastUsedAt?: number;
  lastUsedFrom?: string;
}

/**
 * A password at rest: argon2id for PLAIN and LOGIN, RFC 5803 keys for SCRAM. CRAM-MD5 needs the password
 * itself, sealed with the relay's key: a marked exception.
 */
export interface StoredSecret {
  /** `$argon2id$v=19$m=...,t=...,p=...$salt$hash` */
  argon2id: string;
  scram: { iterations: number; salt: string; storedKey: string; serverKey: string };
  /** AES-256-GCM, see `store/seal.ts`; present only when CRAM-MD5 was asked for. */
  recoverable?: string;
}

/** What a session's `identity` holds once a credential was accepted. */
export interface Identity {
  source: Source;
  credential: Credential;
  /** `PLAIN`, `SCRAM-SHA-256`, `certificate`, `network`, `api-key`, ... */
  method: string;
}

export const DEFAULT_POLICY: SourcePolicy = {
  pairs: [],
  nullSender: false,
  recipients: { allow: 'internal', patterns: [] },
  maxSize: 0,
  maxRecipients: 100,
  connections: 50,
  limits: [
    { unit: 'messages', per: 'minute', most: 120 },
    { unit: 'messages', per: 'hour', most: 2000 },
    { unit: 'messages', per: 'day', most: 10_000 },
  ],
  overLimit: 'defer',
  repair: { missingHeaders: true, missingFrom: '', longLines: true, rawHeaders: true },
  rewrite: { headerFrom: '', envelopeFrom: '', replyTo: '' },
  unaligned: { action: 'hold' },
};

import type { BrownOut } from './brown-out.ts';
import type { SourceState, StateChange } from './lifecycle.ts';

/**
 * A source is an application or device that may send. These are the values that the registry keeps and the
 * API shows; secrets are in credentials, in a form that cannot be turned back (see `secret`).
 */
export type { SourceState } from './lifecycle.ts';

export interface Source extends SourceDetails {
  /** Stable, unique, `src_` and 16 characters; names may change. */
  id: string;
  /** Unique; what people call it. Lower case letters, digits, dots, hyphens and underscores. */
  name: string;
  description: string;
  /** E-mail address of the person who answers for it. */
  owner: string;
  state: SourceState;
  /** How it came into this state; absent as long as it is in its first one. */
  stateChange?: StateChange;
  /** Somebody asked for it, and nobody has decided yet. */
  request?: SourceRequest;
  /** It is on its way out, and answered 4xx now and then. */
  brownOut?: BrownOut;
  policy: SourcePolicy;
  /** Wall times, milliseconds. */
  createdAt: number;
  updatedAt: number;
  /** Raised by one at each change; the ETag of the API. */
  version: number;
}

/** What people note about a source; nothing depends on it. */
export interface SourceDetails {
  /** Whom to call: a name, a telephone number, a team. */
  contact: string;
  /** In the order of the alphabet, each once. */
  tags: string[];
  /** May have several lines. */
  notes: string;
  /** Where it stands: a building, a plant, a data centre. */
  site: string;
}

export const NO_DETAILS: SourceDetails = { contact: '', tags: [], notes: '', site: '' };

export interface SourceRequest {
  /** Who asked. */
  by: string;
  /** What for. */
  purpose: string;
  /** Wall times, milliseconds. */
  at: number;
  /** When its first message came into the sandbox inbox; absent: none has. */
  testedAt?: number;
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
  /** A trap that nobody uses in earnest: any use is refused like a wrong password, and is an alarm. */
  canary?: true;
  /** Present on both secrets of a rotation that is under way. */
  rotation?: Rotation;
}

/** Two secrets for one purpose, until the old one is no longer used. */
export interface Rotation {
  role: 'old' | 'new';
  /** Identifier of the other of both. */
  other: string;
  /** Wall time, milliseconds. */
  startedAt: number;
  /** The old one is revoked when it was not used for so many milliseconds; absent: it has a fixed end. */
  unusedMs?: number;
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

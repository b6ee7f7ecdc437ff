import type { DomainCheck } from '../authentication/dkim/check.ts';
import type { SigningDomain } from '../authentication/dkim/domain.ts';
import type { DomainRegistry } from '../authentication/dkim/domains.ts';
import type { Containment } from '../containment/containment.ts';
import type { Inbox } from '../deliver/inbox.ts';
import type { QueueAccess } from '../deliver/queue.ts';
import type { RouteTable } from '../deliver/routes.ts';
import type { Journal } from '../journal/journal.ts';
import type { Envelope } from '../message/envelope.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { Reply } from '../smtp/reply.ts';
import type { Credential, Identity } from '../sources/source.ts';
import type { Replacement, RotationEnd } from '../sources/credential-rotation.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import type { MessageId } from '../spool/spool.ts';
import type { AdministratorToken } from '../store/administrator-token.ts';
import type { IdempotencyStore } from '../store/idempotency.ts';
import type { Seal } from '../store/seal.ts';

/** Everything that the API acts on; it owns none of it. */
export interface ApiContext {
  sources: ManagedSources;
  containment: Containment;
  domains: DomainRegistry;
  /** Asks DNS for a domain's records now; the answer counts for mail from then on. */
  checkDomain(domain: SigningDomain): Promise<DomainCheck>;
  routes: RouteTable;
  spool: QueueAccess;
  journal: Journal;
  inbox: Inbox;
  administrator: Pick<AdministratorToken, 'verify' | 'rotate'>;
  idempotency: IdempotencyStore;
  /** For secrets that must be recoverable (CRAM-MD5). */
  seal: Seal;
  clock: Clock;
  random: Random;
  gate: SendGate;
  /** Prometheus text format. */
  metricsText(): string | Promise<string>;
  status(): RelayStatus;
  /** What keeps the relay from accepting mail now, one line each; empty: ready. */
  obstacles(): string[];
  /** The verdict on each DKIM signature of a message, for the inbox. */
  verifySignatures(message: Buffer): Promise<SignatureCheck[]>;
}

/** The registry with what only administration needs of it. */
export interface ManagedSources extends SourceRegistry {
  editCredential(
    id: string,
    changes: { label?: string; expiresAt?: number | null },
    still?: (before: Credential) => void,
  ): Promise<Credential>;
  rotateCredential(
    id: string,
    replacement: Replacement,
    end: RotationEnd,
  ): Promise<{ credential: Credential; replaced: Credential }>;
  endRotation(id: string, how: 'complete' | 'cancel'): Promise<Credential[]>;
}

/** The way of a message over HTTP into the same acceptance that SMTP uses. */
export interface SendGate {
  /** Whose key it is, or the refusal: wrong key, wrong network, disabled source. */
  authenticateKey(key: string, address: string): Identity | Reply | Promise<Identity | Reply>;
  /** Resolves with the identifier only when the message is on stable storage, or with the refusal. */
  submit(submission: HttpSubmission): Promise<{ id: MessageId } | Reply>;
  /** Answers whether this many octets may be held in memory now; if so, `releaseMemory` follows. */
  reserveMemory(octets: number): boolean;
  releaseMemory(octets: number): void;
}

export interface HttpSubmission {
  envelope: Envelope;
  /** The whole message, CRLF throughout. */
  message: Buffer;
  identity: Identity;
  /** The client's address. */
  address: string;
  /** `TLSv1.3 TLS_AES_256_GCM_SHA384`; absent without TLS. */
  tls?: string;
}

export interface SignatureCheck {
  domain: string;
  selector: string;
  /** `pass`, `fail`, `neutral`, `permerror`, `temperror`, ... (RFC 8601 §2.7.1) */
  result: string;
  /** Why, where it did not pass. */
  reason?: string;
}

export interface RelayStatus {
  version: string;
  hostname: string;
  /** Wall time, milliseconds. */
  startedAt: number;
  data: string;
  listeners: { name: string; address: string; tls: string }[];
}

export interface ApiOptions {
  /** Largest message in octets, as for SMTP. */
  messageBytes: number;
  /** What all message bodies in memory may take together; one request never asks for more than half of it. */
  memoryBytes: number;
  /** Most recipients of one message. */
  recipients: number;
  hostname: string;
  /** Serves /metrics without a token. */
  metricsOpen: boolean;
  tls?: { cert: string; key: string };
}

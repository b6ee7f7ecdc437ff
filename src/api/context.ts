import type { Alerts } from '../alerts/alerts.ts';
import type { Digests } from '../alerts/digests.ts';
import type { RouteOptions } from 'fastify';
import type { AuditDesk } from '../audit/desk/desk.ts';
import type { RecordProblem } from '../authentication/alignment.ts';
import type { DomainCheck } from '../authentication/dkim/check.ts';
import type { SigningDomain } from '../authentication/dkim/domain.ts';
import type { DomainRegistry } from '../authentication/dkim/domains.ts';
import type { Configuration } from '../config/configuration.ts';
import type { Containment } from '../containment/containment.ts';
import type { Declarations } from '../declared/declarations.ts';
import type { Inbox } from '../deliver/inbox.ts';
import type { QueueAccess } from '../deliver/queue.ts';
import type { Waiting } from '../deliver/waiting.ts';
import type { RouteTable } from '../deliver/routes.ts';
import type { ChecksHealth } from '../edge/checks/client-checks.ts';
import type { RecipientsHealth } from '../edge/recipients/verification.ts';
import type { StoredDirectory } from '../edge/stored-directory.ts';
import type { FirstMessage } from '../first-message.ts';
import type { Journal, MessageJournal } from '../journal/journal.ts';
import type { MessageSearching } from '../journal/messages/message-index.ts';
import type { TrafficCounts } from '../journal/traffic/traffic.ts';
import type { Lab } from '../lab/lab.ts';
import type { Envelope } from '../message/envelope.ts';
import type { PeopleRooms } from '../people/rooms.ts';
import type { OwnerNotices } from '../notices/owner-notices.ts';
import type { RefusalReport } from '../notices/refusal-report.ts';
import type { Clock } from '../platform/clock.ts';
import type { Disk } from '../platform/disk.ts';
import type { Random } from '../platform/random.ts';
import type { Reply } from '../smtp/reply.ts';
import type { ConsoleBuilds } from './console.ts';
import type { Credential, Identity } from '../sources/source.ts';
import type { Recertification } from '../sources/recertification.ts';
import type { RecertificationStore } from '../sources/recertification-store.ts';
import type { SourceRequests } from '../sources/requests.ts';
import type { Retirement, RetirementPlan } from '../sources/retirement.ts';
import type { Handovers } from '../sources/credential-handovers.ts';
import type { CredentialUses } from '../sources/credential-uses.ts';
import type { Replacement, RotationEnd } from '../sources/credential-rotation.ts';
import type { SheetListener } from '../sources/compatibility/sheet.ts';
import type { Fingerprints } from '../sources/compatibility/fingerprints.ts';
import type { StoredExceptions } from '../sources/exceptions/stored-exceptions.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import type { DomainBacklog, MessageId } from '../spool/spool.ts';
import type { StoredSourceRegistry } from '../sources/stored-registry.ts';
import type { AdministratorToken } from '../store/administrator-token.ts';
import type { ProxyOptions } from './proxies.ts';
import type { IdempotencyStore } from '../store/idempotency.ts';
import type { Seal } from '../store/seal.ts';
import type { Devices } from '../sources/discovery/devices.ts';
import type { Approval } from '../submission/approval.ts';
import type { HeldMail } from '../submission/held-mail.ts';

/** Everything that the API acts on; it owns none of it. */
export interface ApiContext {
  alerts: Alerts;
  digests: Digests;
  sources: ManagedSources;
  containment: Containment;
  /** Open SMTP sessions of a source. @param source identifier */
  connectionsOf(source: string): number;
  lifecycle: Lifecycle;
  credentials: CredentialServices;
  exceptions: StoredExceptions;
  fingerprints: Fingerprints;
  /** Of the SMTP listeners, whatever ports they have got. */
  listenerSettings: readonly Omit<SheetListener, 'host' | 'port'>[];
  /** Octets of the largest message that the relay takes. */
  messageBytes: number;
  domains: DomainRegistry;
  /** The file of the configuration. */
  configuration: Pick<Configuration, 'file' | 'effective' | 'assess' | 'write'>;
  /** Asks DNS for a domain's records now; the answer counts for mail from then on. */
  checkDomain(domain: SigningDomain): Promise<DomainCheck>;
  routes: RouteTable;
  /** Policy as files. */
  declarations: Declarations;
  /** The Direct Send audit. */
  audit: AuditDesk;
  /** Where mail comes in from outside. */
  edge: EdgeServices;
  /** Absent unless this relay is one of a lab. */
  lab?: Lab;
  spool: QueueAccess;
  /** What waits, as a whole. */
  waiting: Pick<Waiting, 'view' | 'forget'>;
  journal: Journal & MessageJournal;
  /** The messages of the journal. */
  messages: MessageSearching;
  /** How much mail there was and is. */
  traffic: TrafficCounts;
  health: Health;
  trial: Trial;
  inbox: Inbox;
  discovery: DiscoveryRooms;
  /** Who may sign in, and what they did. */
  people: PeopleRooms;
  administrator: Pick<AdministratorToken, 'verify' | 'rotate'>;
  idempotency: IdempotencyStore;
  /** Where large bodies lie. */
  disk: Pick<Disk, 'open'>;
  /** Operators may read what is in kept messages. */
  messageContent: boolean;
  refusalReport: RefusalReport;
  ownerNotices: OwnerNotices;
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

/** What the first start made, so that the relay can be tried before anything is set up. */
export interface Trial {
  /** A domain that nobody can have (RFC 6761 §6.2): it is published nowhere. */
  domain: string;
  /** Identifier of the source; absent: it is gone, or stopped. */
  source(): string | undefined;
  /** Absent together with the source. */
  firstMessage(): FirstMessage | undefined;
}

/** How the relay and what it depends on are, for the overview. */
export interface Health {
  /** PEM of the listeners' one; empty: there is none. */
  certificate(): string;
  /** Octets free on the disk of the data folder, and below which nothing is taken. */
  freeBytes(): Promise<number>;
  minimumFreeBytes: number;
  /** What waits, by recipient domain. */
  backlog(): Promise<DomainBacklog[]>;
  /** Destinations that take nothing now. */
  unreachable(): Unreachable[];
  recordProblems(): RecordProblem[];
  /** When the clock was last set, and by how much; absent: not since the start. */
  clockSet(): { at: number; ms: number } | undefined;
}

export interface Unreachable {
  /** The route, and for MX the domain. */
  name: string;
  failures: number;
  since: number;
  until: number;
  reply: string;
  domains: string[];
}

/** The front door, as far as it is administered. */
export interface EdgeServices {
  directory: StoredDirectory;
  /** Names of the listeners of role `edge`. */
  listeners: readonly string[];
  /** When a recipient that may not have the message is refused. */
  refuseAt: 'recipient' | 'data';
  /** Those who are asked whether a recipient exists, and what keeps them from answering. */
  recipientHealth(): RecipientsHealth;
  checksHealth(): ChecksHealth;
}

/** How sources come and go. */
export interface Lifecycle {
  requests: SourceRequests;
  retirement: Retirement;
  retirementDefaults: RetirementPlan;
  recertification: Recertification;
  recertificationStore: RecertificationStore;
}

/** Devices that nobody knows yet. */
export interface DiscoveryRooms {
  devices: Pick<Devices, 'list' | 'find' | 'blocks' | 'block' | 'unblock'>;
  held: Pick<HeldMail, 'of'>;
  approval: Pick<Approval, 'plan' | 'approve' | 'dismiss'>;
}

/** What credentials need beside the registry. */
export interface CredentialServices {
  uses: Pick<CredentialUses, 'of' | 'record'>;
  handovers: Handovers;
  /** A rotation is complete when the old secret was not used for so many milliseconds. */
  unusedMs: number;
  /** How long a hand-over link works, milliseconds. */
  handoverMs: number;
  /** What its address begins with; empty: the address of the request that makes it. */
  handoverAddress: string;
}

/** The registry with what only administration needs of it. */
export interface ManagedSources extends SourceRegistry, Pick<StoredSourceRegistry, 'applyAll' | 'suspend'> {
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
  /** Reverse proxies before the API; absent: none is believed. */
  proxies?: ProxyOptions;
  /** Is told of each route, before it is there. */
  onRoute?: (route: RouteOptions) => void;
  tls?: { cert: string; key: string };
  /** Serves the console at `/`. */
  console?: ConsoleBuilds;
}

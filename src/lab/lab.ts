/**
 * What a running lab offers to whoever acts in it: the actors, the tour, the API. Everything is on loopback; the
 * addresses of clients are told to the front door by the PROXY protocol, so that they look like those of the internet.
 */
import type { InboundConnector, Tenant } from '../edge/tenant.ts';
import type { MessageTrace, TraceDetail, TraceFilter } from './trace/trace.ts';
import type { HistoricalSearch } from './trace/historical-search.ts';

export interface Lab {
  readonly folder: string;
  readonly language: LabLanguage;
  readonly frontDoor: FrontDoorAccess;
  readonly relay: RelayAccess;
  readonly dns: LabDns;
  /** PEM of the authority that has signed every certificate in the lab. */
  readonly authority: string;
  /** A client certificate of the lab's authority for this name; the same one each time. */
  clientCertificate(name: string): Promise<LabCertificate>;
  /** DKIM keys whose records are published, by the name of who signs with them; see ./world.ts. */
  readonly keys: Readonly<Record<SigningParty, LabKey>>;

  /** As they are set now; not to be kept. */
  tenants(): readonly Tenant[];
  /** @param tenant name; absent: the first. @throws LabError `invalid`, saying what may be set */
  set(name: string, value: unknown, tenant?: string): Promise<Setting>;
  settings(tenant?: string): Setting[];
  /** Adds, or replaces the one of the same name. @throws LabError */
  setConnector(
    connector: Partial<InboundConnector> & { name: string },
    tenant?: string,
  ): Promise<InboundConnector>;
  /** @throws LabError `not-found` */
  removeConnector(name: string, tenant?: string): Promise<void>;
  /** Adds an accepted domain, or changes one. @throws LabError */
  setDomain(
    domain: { name: string; type?: 'authoritative' | 'internal-relay'; matchSubDomains?: boolean },
    tenant?: string,
  ): Promise<void>;

  mailboxes(): readonly Mailbox[];
  /** What lies in mailboxes, newest first. */
  messages(filter?: MessageFilter): readonly StoredMessage[];
  /** @throws LabError `not-found` */
  content(id: string): Promise<{ entry: StoredMessage; content: Buffer }>;

  /** Get-MessageTraceV2: a row for each recipient, newest first. */
  trace(filter?: TraceFilter): MessageTrace[];
  /** Get-MessageTraceDetailV2: the events of one row, oldest first; none when there is no such row. */
  traceDetail(messageTraceId: string, recipient: string): TraceDetail[];
  /** Start-HistoricalSearch, finished at once. @throws LabError */
  historicalSearch(search: HistoricalSearch): { fileName: string; csv: Buffer };

  /** Is told of each message that was stored or refused, after it is in the trace. Returns what ends it. */
  onMessage(listener: (outcome: FrontDoorOutcome) => void): () => void;
  /** Everything as at the first start: settings, mailboxes, trace, records of DNS. */
  reset(): Promise<void>;
}

export type LabLanguage = 'en' | 'fr';
export type SigningParty = 'relay' | 'newsletter' | 'newsletterService' | 'tenant' | 'attacker';

export interface FrontDoorAccess {
  host: '127.0.0.1';
  /** The name in its certificate, and the MX of the first tenant; leads to loopback in the lab's DNS. */
  name: string;
  /** For people: no PROXY header; the client is 127.0.0.1. */
  port: number;
  /** For actors: the connection begins with a PROXY header (v1 or v2) that says where it comes from. */
  proxiedPort: number;
}

/** The relay of the lab, as the migrated printer uses it. */
export interface RelayAccess {
  host: '127.0.0.1';
  hostname: string;
  /** Submission with STARTTLS. */
  port: number;
  /** `http://127.0.0.1:…` */
  api: string;
  /** The source `printer`. */
  account: string;
  password: string;
  /** Address of which the printer may send. */
  from: string;
  /** Where its mail reaches the front door from. */
  address: string;
}

export interface LabDns {
  readonly port: number;
  /** `127.0.0.1:53530`, as the configuration takes it. */
  readonly address: string;
  /** All records of one name and type; none given: the name has none. Kept over a restart. */
  set(name: string, type: RecordType, ...values: string[]): void;
  get(name: string, type: RecordType): readonly string[];
  names(): readonly string[];
}

export type RecordType = 'A' | 'AAAA' | 'MX' | 'TXT' | 'PTR';

export interface LabCertificate {
  /** PEM, with the chain. */
  certificate: string;
  privateKey: string;
}

export interface LabKey {
  domain: string;
  selector: string;
  /** PKCS #8 PEM. */
  privateKey: string;
}

export interface Setting {
  /** `RejectDirectSend` */
  name: string;
  value: boolean | string | readonly string[];
  description: string;
}

export interface Mailbox {
  /** Lower case. */
  address: string;
  name: string;
  kind: 'user' | 'shared';
  /** Name of the tenant. */
  tenant: string;
}

export type Folder = 'Inbox' | 'Junk' | 'Quarantine';

export interface MessageFilter {
  /** Address of the mailbox. */
  mailbox?: string;
  folder?: Folder;
  /** Of one arrival: see FrontDoorOutcome. */
  networkMessageId?: string;
}

/** One message in one mailbox. */
export interface StoredMessage {
  id: string;
  mailbox: string;
  folder: Folder;
  /** Wall time, milliseconds. */
  receivedAt: number;
  networkMessageId: string;
  messageId: string;
  /** Envelope sender; empty: the null sender. */
  from: string;
  headerFrom: string;
  subject: string;
  /** Octets. */
  size: number;
  /** What the front door found. */
  verdict: Verdict;
}

/** What was found about a message, in Exchange Online's words. */
export interface Verdict {
  directionality: 'Incoming' | 'Originating';
  directSend: boolean;
  /** Name of the inbound connector; absent: anonymous. */
  connector?: string;
  spf: string;
  dkim: string;
  dmarc: string;
  /** `none`, `quarantine`, `oreject` */
  action: string;
  compauth: string;
  /** Three digits. */
  reason: string;
  scl: number;
  category: string;
  clientAddress: string;
  hello: string;
  /** Points that the documentation of Exchange Online leaves open: keys of OPEN_QUESTIONS. */
  open: readonly string[];
}

/** What became of one message at the front door. */
export interface FrontDoorOutcome {
  at: number;
  accepted: boolean;
  /** `550 5.7.68 TenantInboundAttribution; …`, `250 2.6.0 …` */
  reply: string;
  networkMessageId: string;
  /** Lines of the mailboxes it came into; empty when refused. */
  stored: readonly StoredMessage[];
}

/** What can not be done, in one line for the person who asked. */
export class LabError extends Error {
  readonly kind: 'invalid' | 'not-found';
  readonly field?: string;
  constructor(kind: LabError['kind'], message: string, field?: string) {
    super(message);
    this.kind = kind;
    if (field !== undefined) this.field = field;
  }
}

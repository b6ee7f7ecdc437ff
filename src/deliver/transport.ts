import type { RefusalCode } from '../refusals.ts';
import type { Transaction } from '../smtp/client/transaction.ts';
import type { Route } from './route.ts';

/** Where a group of deliveries goes: they share connections, limits and back-off. */
export interface Hop {
  /** Unique for the destination: route, and for MX the recipient domain. */
  key: string;
  route: Route;
  /** Recipient domain, for MX look-up; for other targets that of the first delivery. */
  domain: string;
  /** RFC 8689: only verified TLS will do. */
  requireTls: boolean;
}

/** An open way to a hop: an SMTP session, a folder, an HTTP client. */
export interface Carrier {
  /** `route/host`, for the journal. */
  readonly destination: string;
  /** Address of the next hop, where there is one. */
  readonly network?: string;
  /** `TLSv1.3 TLS_AES_256_GCM_SHA384` */
  readonly tls?: string;
  readonly closed: boolean;
  /** Runs once, when it goes away while unused. */
  onIdleClose: () => void;
  /** As `ClientSession.run`: `next` is asked synchronously, every transaction taken is finished exactly once. */
  run(next: () => Transaction | undefined): Promise<'idle' | 'closed'>;
  /** Ends an unused carrier politely. */
  quit(): Promise<void>;
  /** Drops it at once. */
  destroy(text: string): void;
}

/** No carrier could be had. `permanent` is about the destination itself, never about a connection. */
export interface OpenFailure {
  permanent: boolean;
  reply: string;
  status?: string;
  code?: RefusalCode;
  /** The last host tried. */
  destination: string;
  network?: string;
  /** A message has already been charged with it: the connection opened, and broke under that message. */
  afterAttempt?: boolean;
}

export type Opened = { kind: 'open'; carrier: Carrier } | ({ kind: 'failed' } & OpenFailure);

/** One kind of target: SMTP, the sandbox, later Microsoft Graph. Never rejects. */
export interface Transport {
  open(hop: Hop): Promise<Opened>;
}

import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { Envelope, Recipient } from '../../message/envelope.ts';
import type { Reply } from '../reply.ts';
import type { ClientHello } from './client-hello.ts';

/** What TLS told of the client. */
export interface TlsFacts {
  /** `TLSv1.3` */
  version: string;
  cipher: string;
  serverName?: string;
  /** What the client said that it can. */
  offered?: ClientHello;
  /** The client's certificate as presented, whether or not its chain verifies; and whether it does. */
  certificate?: DetailedPeerCertificate;
  certificateVerified: boolean;
  /** For channel binding (RFC 5929 tls-server-end-point, RFC 9266 tls-exporter). */
  socket: TLSSocket;
}

/** The listener that a connection came in by, as far as handlers need it. */
export interface ListenerFacts {
  name: string;
  credentials: ReadonlySet<CredentialKind>;
  /** AUTH may be offered without TLS on this listener. */
  plainAuthentication: boolean;
}

export type CredentialKind = 'password' | 'certificate' | 'oauth' | 'network';

/** The part of a session that its handler may read. The server owns it. */
export interface SessionView {
  /** Ties the session's events together; unique. */
  readonly id: string;
  readonly listener: ListenerFacts;
  /** The client's address after PROXY protocol, IPv4-mapped IPv6 written as IPv4. */
  readonly address: string;
  readonly port: number;
  /** What the client called itself in EHLO or HELO; empty before. */
  readonly hello: string;
  readonly extended: boolean;
  readonly tls: TlsFacts | undefined;
  /** Wall time of connection, milliseconds. */
  readonly startedAt: number;
  /** Set by the handler when a credential was accepted; survives RSET, not the connection nor STARTTLS. */
  identity: unknown;
  /** What was said, if anything was refused; nothing secret and nothing of messages. */
  transcript?(): Transcript | undefined;
  /** Ends the session: the reply is sent as soon as no command is in progress, then the connection is closed. */
  terminate(reply: Reply): void;
}

/** One AUTH exchange (RFC 4954 §4). `step` is given each response, decoded; the first is undefined without an initial response. */
export interface SaslExchange {
  step(response: Buffer | undefined): Promise<SaslStep> | SaslStep;
}

export type SaslStep =
  | { kind: 'challenge'; data: Buffer }
  /** `data`: RFC 4954 §4 has no place for data with success; it is sent as a last challenge answered by an empty line. */
  | { kind: 'success'; data?: Buffer; identity: unknown }
  | { kind: 'failure'; reply: Reply };

/** Takes the octets of one message: dots unstuffed, line endings judged and repaired by the wire. */
export interface MessageReceiver {
  /** A promise asks the server to stop reading until it resolves. The chunk belongs to the receiver from now on. */
  write(chunk: Buffer): void | Promise<void>;
  /** The message is complete; answers what is said to the client. After a positive reply it is safe on disk. */
  end(): Promise<Reply>;
  /** The connection was lost, the size was exceeded, or the wire refused: forget everything. */
  abort(): void;
}

export interface MailCommand {
  from: string;
  /** RFC 1870; 0 when the client did not say. */
  size: number;
  envelope: Omit<Envelope, 'recipients' | 'from'>;
  /** RFC 4954 §5 AUTH= as given, decoded; informative only. */
  submitter?: string;
}

/**
 * What the server asks of the rooms behind it. Methods that answer `undefined` let the command pass;
 * a Reply refuses it. They may answer at once, so that no turn of the event loop is spent on them.
 */
export interface SmtpHandler {
  /** Before the greeting. */
  connected(session: SessionView): Reply | undefined | Promise<Reply | undefined>;
  /** SASL mechanisms to offer now, in the order of preference; empty hides AUTH. */
  mechanisms(session: SessionView): string[];
  /** A mechanism that `mechanisms` named, in upper case. */
  authenticate(session: SessionView, mechanism: string): SaslExchange;
  mail(session: SessionView, command: MailCommand): Reply | undefined | Promise<Reply | undefined>;
  recipient(
    session: SessionView,
    envelope: Readonly<Envelope>,
    recipient: Recipient,
  ): Reply | undefined | Promise<Reply | undefined>;
  /**
   * Whom `<Postmaster>` without a domain is for (RFC 5321 §4.5.1), asked before `recipient`; undefined: nobody here, and
   * it is refused. Without this method it is the postmaster of the server's own name.
   */
  postmaster?(): string | undefined;
  /** DATA or the first BDAT: the receiver of this message, or a refusal. */
  message(session: SessionView, envelope: Readonly<Envelope>): MessageReceiver | Reply;
  /** A negative reply was sent, by whichever room; `command` is the verb, never an argument of AUTH. */
  refused(session: SessionView, reply: Reply, command: string): void;
  /** A TLS handshake failed before or in STARTTLS. */
  tlsFailed(session: SessionView, failure: TlsFailure): void;
  closed(session: SessionView, summary: SessionSummary): void;
}

export interface TlsFailure {
  /** OpenSSL's reason, e.g. `ERR_SSL_UNSUPPORTED_PROTOCOL`. */
  code: string;
  text: string;
  /** From the ClientHello, where one was seen. */
  offeredVersions?: string[];
  serverName?: string;
  offeredCiphers?: string[];
  offeredGroups?: string[];
  offeredProtocols?: string[];
  /** `TLSv1.2` and the like: the oldest version that this client would have been given. */
  oldestAccepted?: string;
}

/** What was said in a session, without passwords and without messages. Bounded in lines and in characters. */
export interface Transcript {
  lines: TranscriptLine[];
  /** Lines that were left out, between the beginning and the end. */
  omitted: number;
  /** Messages that were accepted; of those without a refusal no line is kept. */
  messages: number;
}

export interface TranscriptLine {
  /** Milliseconds since the session began. */
  at: number;
  /** `relay`: what it remarked, and did not say. */
  by: 'client' | 'server' | 'relay';
  text: string;
}

export interface SessionSummary {
  durationMs: number;
  commands: number;
  messagesAccepted: number;
  bytesReceived: number;
  /** `quit`, `client-closed`, `timeout`, `refused`, `terminated`, `tls-failure`, `shutdown`, `error` */
  ending: string;
  /** The client has sent by BDAT. */
  chunking: boolean;
  /** A message held a bare CR or LF, whether it was repaired or refused. */
  bareLineEnds: boolean;
}

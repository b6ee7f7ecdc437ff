import type { Authentication } from '../authentication/authenticate.ts';
import type { EventSink } from '../journal/event.ts';
import type { TranscriptSink } from '../journal/transcript.ts';
import type { Body } from '../message/content.ts';
import type { Envelope } from '../message/envelope.ts';
import type { HeaderIndex } from '../message/headers.ts';
import type { Reply } from '../smtp/reply.ts';
import type { SessionView } from '../smtp/server/handler.ts';
import type { ReceptionLimits, ReceptionRooms, ReceivedMessage } from '../submission/reception.ts';
import type { MessageIds } from '../spool/message-id.ts';
import type { Client } from './connector.ts';
import type { FrontDoorDecision } from './front-door.ts';
import type { ServerCertificates } from './server-certificate.ts';
import type { Tenant } from './tenant.ts';

/** Whether an address is one of the tenant's recipients; `unavailable` when whoever knows could not be asked. */
export type RecipientAnswer = 'known' | 'unknown' | 'unavailable';

export interface Recipients {
  /** Asked for authoritative domains only. @param address `local@domain`, the domain in canonical form */
  find(tenant: Tenant, address: string): RecipientAnswer | Promise<RecipientAnswer>;
}

/** What is held against a client. */
export interface ClientVerdict {
  refusal?: Reply;
  /** What puts its mail into Junk, each a reason for people. */
  marks: readonly string[];
}

/** What refuses a client for what it is or how much it sends, whatever its message says. */
export interface ClientChecks {
  /** At RCPT, before the recipient is looked at. @param vouched a connector identifies the client */
  client(
    session: SessionView,
    client: Client,
    vouched: boolean,
  ): ClientVerdict | undefined | Promise<ClientVerdict | undefined>;
  /** At RCPT, for a recipient that does not exist; resolves when the client may be told so. */
  unknown(client: Client, vouched: boolean): void | Promise<void>;
  /** At RCPT, for a recipient that may have the message. @returns the refusal */
  stranger(
    session: SessionView,
    client: Client,
    sender: string,
    recipient: string,
    decision: FrontDoorDecision,
  ): Reply | undefined | Promise<Reply | undefined>;
  /** Message taken: how much was sent from there counts. */
  taken(client: Client): void;
}

/** One transaction at the edge, with what was decided on each recipient, in the order of the envelope. */
export interface EdgeTransaction {
  client: Client;
  senderDomain: string;
  decisions: FrontDoorDecision[];
  /** What is held against the client without refusing it; puts the message into Junk. */
  marks: readonly string[];
}

/** Everything that can be known about who sent a message, under a budget of lookups of its own. */
export type Authenticate = (message: {
  address: string;
  helo: string;
  sender: string;
  head: HeaderIndex;
  body: Body;
}) => Promise<Authentication>;

/** The first decision stands for the message: all its recipients are of one tenant. */
export function leading({ decisions }: EdgeTransaction): { decision: FrontDoorDecision; tenant: Tenant } {
  const [decision] = decisions;
  if (!decision || decision.attribution.kind === 'none')
    throw new Error('a message of nobody got past the front door');
  return { decision, tenant: decision.attribution.tenant };
}

export interface EdgeRooms extends ReceptionRooms {
  directory: { tenants(): readonly Tenant[] };
  recipients: Recipients;
  checks: ClientChecks;
  /** Judges certificates of clients that are for servers only; absent: they prove nothing. */
  serverCertificates?: Pick<ServerCertificates, 'fault'>;
  events: EventSink;
  ids: MessageIds;
  transcripts?: TranscriptSink;
  /** Everything that follows once the message is there whole. */
  accept(
    session: SessionView,
    transaction: EdgeTransaction,
    envelope: Readonly<Envelope>,
    message: ReceivedMessage,
  ): Promise<Reply>;
  /** Ends the texts of refusals, as Exchange Online's end with server, time and identifier. */
  suffix?(): string;
}

export interface EdgeLimits extends ReceptionLimits {
  /** When a recipient that may not have the message is refused: at RCPT, or the whole message at the end of DATA. */
  refuseAt: 'recipient' | 'data';
}

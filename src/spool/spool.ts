import type { Content } from '../message/content.ts';
import type { Envelope, Recipient } from '../message/envelope.ts';

/**
 * A message's name in the spool: 11 characters of Crockford's base 32, so that names sort by time
 * and can be read out over a telephone.
 */
export type MessageId = string;

/** A message as the spool takes it: everything that is known once all checks have passed. */
export interface NewMessage extends Content {
  id: MessageId;
  /** Wall time of acceptance, milliseconds. */
  receivedAt: number;
  /** Identifier of the source; empty for what the relay itself writes (notifications). */
  source: string;
  envelope: Envelope;
  /** Held messages wait for an administrator, or for the source's limit to allow them. */
  hold?: HoldReason;
}

/**
 * Why a delivery is held: by a person, by its source's rate policy, by the kill switch, by a missing DKIM alignment,
 * because its source does what it does not usually do, because its device was not approved yet, because it came in at
 * the edge and is not what it says it is.
 */
export type HoldReason =
  | 'operator'
  | 'limit'
  | 'source'
  | 'alignment'
  | 'containment'
  | 'approval'
  | 'quarantine';

export type DeliveryState = 'queued' | 'held';

/**
 * The unit of delivery: the recipients of one message that share a domain. Its route is not stored:
 * it is looked up at each attempt, so that a corrected route takes effect on what already waits.
 */
export interface Delivery {
  message: MessageId;
  /** Numbers the message's deliveries from 0. */
  part: number;
  domain: string;
  recipients: Recipient[];
  source: string;
  /** Envelope sender; routes may be chosen by it. */
  from: string;
  state: DeliveryState;
  hold?: HoldReason;
  receivedAt: number;
  /** Total octets of the message. */
  size: number;
  /** Wall time of the next attempt, milliseconds. */
  nextAttemptAt: number;
  attempts: number;
  /** What the last attempt ended with, one line. */
  lastReply?: string;
  /** A delay notice has been sent (RFC 3461 §5.2.2); never two. */
  delayNotified: boolean;
  /** Name of the route that a person has chosen for it, in place of the one that the rules say. */
  route?: string;
}

/** What a delivery needs beyond its row: fetched when a connection is ready to carry it. */
export interface Payload extends Content {
  envelope: Envelope;
}

/**
 * How an attempt ended. Settling is one durable step with the notifications that follow from it, so that
 * a crash can neither lose a bounce nor send one for a message that is still queued.
 */
export interface Settlement {
  message: MessageId;
  part: number;
  outcome: /** All recipients are finished, delivered or given up: the delivery leaves the spool. */
    | { kind: 'finished' }
    /** `recipients` remain (those that are not finished) and are tried again. */
    | {
        kind: 'deferred';
        recipients: Recipient[];
        nextAttemptAt: number;
        attempts: number;
        lastReply: string;
        delayNotified: boolean;
      }
    | { kind: 'held'; reason: HoldReason; lastReply?: string };
  /** Bounces, delay and success notices, stored in the same step. */
  notifications?: NewMessage[];
}

/** Which deliveries an administrator's command is about; all given conditions must hold. */
export interface DeliveryFilter {
  message?: MessageId;
  source?: string;
  domain?: string;
  from?: string;
  state?: DeliveryState;
  hold?: HoldReason;
}

/** Per recipient domain: what waits, for the scheduler. */
export interface DomainBacklog {
  domain: string;
  queued: number;
  /** The earliest `nextAttemptAt` of its queued deliveries. */
  nextAttemptAt: number;
  /** Some have a route of their own: those behind one that waits may go elsewhere. */
  rerouted?: boolean;
}

/** Deliveries that are alike for whoever looks at the queue as a whole, counted. */
export interface SurveyRow {
  domain: string;
  source: string;
  /** Envelope sender of one of them; the domain of the others' is the same. */
  from: string;
  /** Absent: queued. */
  hold?: HoldReason;
  /** Name of the route that a person has chosen for them. */
  route?: string;
  /** What the last attempt ended with. */
  lastReply?: string;
  deliveries: number;
  /** Octets of their messages. */
  bytes: number;
  /** Wall times, milliseconds: of the first acceptance, and of the next attempt. */
  oldestAt: number;
  nextAttemptAt: number;
  /** The most that one of them had. */
  attempts: number;
}

export interface SpoolStatistics {
  messages: number;
  queued: number;
  held: number;
  bytes: number;
  oldestAt?: number;
}

/** The disk did not take it: the client is told 452 4.3.1 and keeps the message. */
export class SpoolUnavailable extends Error {}

/**
 * Messages taken and not yet finished. Every promise that `store`, `settle` and the administrator's commands
 * return resolves only when the change is on stable storage. `open` recovers what a kill left, by itself.
 */
export interface Spool {
  /** @throws when another process holds the spool, or its folder can't be used. */
  open(): Promise<void>;
  /** Rejects with SpoolUnavailable when the disk is full, read-only or failing; then nothing of it is kept. */
  store(message: NewMessage): Promise<void>;
  /** Opens a file for a body that is too large for memory. */
  newBody(id: MessageId): Promise<BodyWriter>;
  /** Removes a finished body that no message will name; one that can't be removed goes at the next start. */
  discardBody(body: { kind: 'file'; path: string }): Promise<void>;
  /** The oldest due deliveries of one domain, queued and not after `now`, at most `limit`. */
  due(domain: string, now: number, limit: number): Promise<Delivery[]>;
  /** Every domain that has queued deliveries. */
  backlog(): Promise<DomainBacklog[]>;
  /**
   * Goes over everything that waits, the oldest first, in bounded steps; other questions are answered in between.
   * @param each is given what one step has found: the same kind may come again in the next
   */
  survey(each: (rows: SurveyRow[]) => void): Promise<void>;
  /** Queued deliveries of messages received before `before`, oldest first, for expiry and delay notices. */
  receivedBefore(
    before: number,
    limit: number,
    after?: { message: MessageId; part: number },
  ): Promise<Delivery[]>;
  /** `undefined` when the message has left the spool. */
  payload(message: MessageId): Promise<Payload | undefined>;
  settle(settlements: Settlement[]): Promise<void>;
  list(
    filter: DeliveryFilter,
    limit: number,
    after?: { message: MessageId; part: number },
  ): Promise<Delivery[]>;
  /** Each answers how many deliveries changed. Long changes are made in bounded steps, so that acceptance goes on. */
  hold(filter: DeliveryFilter, reason: HoldReason): Promise<number>;
  release(filter: DeliveryFilter, now: number): Promise<number>;
  retry(filter: DeliveryFilter, now: number): Promise<number>;
  remove(filter: DeliveryFilter): Promise<number>;
  /** Gives deliveries a route of their own, or takes it back; queued ones are due at once. @param route its name */
  reroute(filter: DeliveryFilter, route: string | undefined, now: number): Promise<number>;
  statistics(): Promise<SpoolStatistics>;
  /**
   * Why nothing can be stored, for people; `undefined` while it can. Answers what was known last, and looks anew
   * behind the answer: without traffic too, a recovery is seen at the second question.
   */
  obstacle(): string | undefined;
  close(): Promise<void>;
}

/** A large body on its way to disk. Exactly one of `finish` and `discard` ends it. */
export interface BodyWriter {
  /** Resolves when the octets have been handed to the system; await it before the next write. */
  write(chunk: Buffer): Promise<void>;
  /** Resolves with the body when the file and its directory entry are on stable storage. */
  finish(): Promise<{ kind: 'file'; path: string; length: number }>;
  discard(): Promise<void>;
}

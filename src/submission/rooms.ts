import type { Acceptance } from '../acceptance.ts';
import type { DomainRegistry } from '../authentication/dkim/domains.ts';
import type { EventSink } from '../journal/event.ts';
import type { TranscriptSink } from '../journal/transcript.ts';
import type { CompiledPolicies } from '../policy/compiled.ts';
import type { RateLimiter } from '../policy/limits.ts';
import type { Refusal } from '../policy/refusal.ts';
import { type Reply, refuse } from '../smtp/reply.ts';
import type { BrownOuts } from '../sources/brown-out.ts';
import type { Source } from '../sources/source.ts';
import type { SourceRegistry } from '../sources/registry.ts';
import type { MessageIds } from '../spool/message-id.ts';
import type { Authenticator } from './authenticator.ts';
import type { ReceptionLimits, ReceptionRooms } from './reception.ts';
import type { LiveSessions } from './sessions.ts';
import type { Strangers } from './strangers.ts';

/** What submission asks, whether over SMTP or HTTP. */
export interface SubmissionRooms extends ReceptionRooms {
  acceptance: Acceptance;
  authenticator: Authenticator;
  brownOuts: Pick<BrownOuts, 'meets'>;
  domains: DomainRegistry;
  events: EventSink;
  ids: MessageIds;
  limiter: RateLimiter;
  policies: CompiledPolicies;
  /** Whom `<Postmaster>` without a domain is for. */
  postmaster: string;
  registry: SourceRegistry;
  sessions: LiveSessions;
  /** Keeps what was said where something was refused. */
  transcripts?: TranscriptSink;
  /** Records who is not known; absent: no listener learns. */
  strangers?: Strangers;
}

export type SubmissionLimits = ReceptionLimits;

/** Octets that one message of a source may have: its own limit within that of the relay. */
export function messageBytesOf({ policy }: Source, limits: SubmissionLimits): number {
  return policy.maxSize === 0 ? limits.messageBytes : Math.min(policy.maxSize, limits.messageBytes);
}

export function toReply({ code, particulars, facts }: Refusal): Reply {
  return refuse(code, particulars, facts);
}

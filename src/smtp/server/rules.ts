import type { Clock } from '../../platform/clock.ts';
import type { LineEndings } from './data.ts';
import type { ListenerFacts, SmtpHandler } from './handler.ts';
import type { ServerLimits } from './limits.ts';
import type { Voice } from './voice.ts';
import type { WeakPeers } from './weak-peers.ts';

/** What all sessions of one listener share. */
export interface ListenerRules {
  hostname: string;
  listener: ListenerFacts;
  limits: ServerLimits;
  /** `required`: nothing but STARTTLS before TLS. */
  startTls: 'none' | 'offered' | 'required';
  lineEndings: LineEndings;
  handler: SmtpHandler;
  clock: Clock;
  /** Absent: there are none. */
  weakPeers?: WeakPeers;
  /** Absent: its own. */
  voice?: Voice;
}

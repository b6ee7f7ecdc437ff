import type { Reply } from '../reply.ts';
import type * as positive from './positive-replies.ts';

/** How a server speaks that stands in for another one. */
export interface Voice {
  /** Text after 220. @param at wall time, milliseconds */
  greeting(at: number): string;
  /** The first line of the answer to EHLO, and the whole of that to HELO. */
  hello(address: string): string;
  /** The keywords of EHLO in the order in which they are said; what is left out still works. */
  keywords(offered: readonly string[]): string[];
  replies: typeof positive;
  /** A refusal of the wire in its words; the code, which the journal counts by, stays. */
  refusal(reply: Reply, command: string): Reply;
}

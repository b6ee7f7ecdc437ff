import type * as positive from './positive-replies.ts';

/** How a server speaks that stands in for another one: what is said where nothing is refused. */
export interface Voice {
  /** Text after 220. @param at wall time, milliseconds */
  greeting(at: number): string;
  /** The first line of the answer to EHLO, and the whole of that to HELO. */
  hello(address: string): string;
  /** The keywords of EHLO in the order in which they are said; what is left out still works. */
  keywords(offered: readonly string[]): string[];
  replies: typeof positive;
}

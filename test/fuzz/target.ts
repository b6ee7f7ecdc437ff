/** A piece of the product that takes what strangers send, as the fuzzer drives it. */
export interface Target {
  name: string;
  /** Share of the inputs of a run, in comparison with the other targets. */
  weight: number;
  /** Inputs to begin with: right ones, and wrong ones that were met in the world. */
  seeds: Buffer[];
  /** Words of its language, beside those that all targets share. */
  words: string[];
  /** Milliseconds of processor time above which an input is a finding; absent: what is far more than any needs. */
  slow?: number;
  /**
   * Feeds one input and checks what must hold for any. Answers the shape of what happened (such as reply codes,
   * kinds of result): an input with a new shape is kept and mutated further.
   * @param random for chunk borders, delays and whatever else is no octet of the input; repeats with the input
   * @throws Violation, or what the product threw and should not have
   */
  run(input: Buffer, random: () => number): string | Promise<string>;
}

/** Something that must hold did not. */
export class Violation extends Error {}

/** @throws Violation */
export function must(condition: unknown, what: string | (() => string)): asserts condition {
  if (!condition) throw new Violation(typeof what === 'string' ? what : what());
}

/** Octets as text that can be read in a report, bounded. */
export function show(octets: Buffer | string, most = 200): string {
  const text = JSON.stringify(typeof octets === 'string' ? octets : octets.toString('latin1'));
  return text.length <= most ? text : `${text.slice(0, most)}... (${text.length})`;
}

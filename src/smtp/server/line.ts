/** Cuts command lines. A line ends with CR LF and with nothing else (RFC 5321 §2.3.8). */
export type Line =
  | { kind: 'incomplete' }
  /** `end` is the index after CR LF; the line itself is two octets shorter. */
  | { kind: 'line'; end: number }
  | { kind: 'too-long'; end: number }
  /** A LF without CR: two readers would see different commands here, so it ends nothing. */
  | { kind: 'bare-lf' }
  /** More octets than is bearable, and still no end. */
  | { kind: 'endless' };

// How much of an overlong line is read to find its end before the client is given up
const LONGEST_DISCARD = 65536;

const INCOMPLETE: Line = { kind: 'incomplete' };

export class LineCutter {
  #discarded = 0;
  #lastDiscarded = 0;

  /** Octets that were read of a line that is too long already. */
  get discarding(): boolean {
    return this.#discarded > 0;
  }

  /**
   * Looks for a line in `input` from `at` on, of at most `limit` octets with its CR LF. On `incomplete` the
   * caller keeps the octets, unless `discarding`: then they are of no use any more.
   */
  cut(input: Buffer, at: number, limit: number): Line {
    const lf = input.indexOf(10, at);
    if (lf < 0) {
      const length = input.length - at;
      if (this.#discarded === 0 && length <= limit) return INCOMPLETE;
      this.#discarded += length;
      if (length > 0) this.#lastDiscarded = input[input.length - 1] as number;
      return this.#discarded > LONGEST_DISCARD ? { kind: 'endless' } : INCOMPLETE;
    }
    const before = lf > at ? input[lf - 1] : this.#lastDiscarded;
    const tooLong = this.#discarded > 0 || lf + 1 - at > limit;
    this.#discarded = 0;
    this.#lastDiscarded = 0;
    if (before !== 13) return { kind: 'bare-lf' };
    return { kind: tooLong ? 'too-long' : 'line', end: lf + 1 };
  }
}

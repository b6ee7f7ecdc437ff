/** What a roster notes on its members. */
export interface Enrolled {
  /** Its place in the roster, or -1. Only the roster writes it. */
  place: number;
}

/**
 * A set for what comes and goes thousands of times a minute. One of V8's sets, when it is tidied, leaves its old
 * table pointing to the new one; once such a table is in the old generation, what later tables held is collected
 * by full collections only. This one keeps nothing of those that have left.
 */
export class Roster<T extends Enrolled> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: T): void {
    if (member.place < 0) member.place = this.#members.push(member) - 1;
  }

  /** False when it was not there. */
  delete(member: T): boolean {
    const { place } = member;
    if (place < 0) return false;
    const last = this.#members.pop() as T;
    if (last !== member) {
      this.#members[place] = last;
      last.place = place;
    }
    member.place = -1;
    return true;
  }

  /** Those who are there now, in no order; members may leave while they are gone through. */
  all(): T[] {
    return this.#members.slice();
  }
}

/** Where requests wait that came after the end of a session, until somebody has signed in again. */
export class SessionGate {
  #waiting: PromiseWithResolvers<void> | undefined;
  readonly #listeners = new Set<() => void>();

  get isClosed(): boolean {
    return this.#waiting !== undefined;
  }

  wait(): Promise<void> {
    if (!this.#waiting) {
      this.#waiting = Promise.withResolvers<void>();
      this.#tell();
    }
    return this.#waiting.promise;
  }

  open(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#tell();
    waiting?.resolve();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

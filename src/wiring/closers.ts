/** Ends one room. */
export type Closer = () => Promise<void> | void;

/** What has been opened, to be closed in the opposite order. */
export class Closers {
  #closers: Closer[] = [];

  add(close: Closer): void {
    this.#closers.push(close);
  }

  /** Later calls do nothing. @throws the first error, after everything was tried */
  async closeAll(): Promise<void> {
    let first: unknown;
    for (const close of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        first ??= error;
      }
    }
    if (first !== undefined) throw first;
  }
}

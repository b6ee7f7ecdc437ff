/** Runs changes one after another, so that what one has checked still holds when it writes. */
export class Serial {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(change);
    // the next in line starts whether or not this one failed; its caller hears of the failure through `result`
    this.#tail = result.catch(() => undefined);
    return result;
  }
}

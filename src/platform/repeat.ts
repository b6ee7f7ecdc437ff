import type { Clock, Timer } from './clock.ts';

/** Milliseconds that an end waits for a run under way. */
const PATIENCE_MS = 5000;

/**
 * Runs something now and then: the next time is counted from the end of the last, so that runs never overlap.
 * The first run is after one interval. Answers a function that ends it; its promise resolves when a run under way is
 * finished, so that what it uses can be closed then, or after five seconds without that. It never rejects.
 * @param failed is told of each error; the next run comes all the same
 */
export function repeat(
  clock: Clock,
  intervalMs: number,
  run: () => Promise<void> | void,
  failed: (error: unknown) => void,
): () => Promise<void> {
  let timer: Timer | undefined;
  let ended = false;
  let running: Promise<void> | undefined;
  const again = (): void => {
    running = undefined;
    if (!ended) timer = clock.after(intervalMs, once);
  };
  const once = (): void => {
    running = Promise.resolve().then(run).catch(failed).finally(again);
  };
  again();
  return async () => {
    ended = true;
    timer?.cancel();
    if (!running) return;
    let patience: Timer | undefined;
    const over = new Promise<void>((resolve) => (patience = clock.after(PATIENCE_MS, resolve)));
    await Promise.race([running, over]);
    patience?.cancel();
  };
}

import type { Clock, Timer } from './clock.ts';

/**
 * Runs something now and then: the next time is counted from the end of the last, so that runs never overlap.
 * The first run is after one interval. Answers a function that ends it; a run under way is finished.
 * @param failed is told of each error; the next run comes all the same
 */
export function repeat(
  clock: Clock,
  intervalMs: number,
  run: () => Promise<void> | void,
  failed: (error: unknown) => void,
): () => void {
  let timer: Timer | undefined;
  let ended = false;
  const again = (): void => {
    if (!ended) timer = clock.after(intervalMs, once);
  };
  const once = (): void => {
    Promise.resolve().then(run).catch(failed).finally(again);
  };
  again();
  return () => {
    ended = true;
    timer?.cancel();
  };
}

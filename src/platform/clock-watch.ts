import type { Clock, Timer } from './clock.ts';

const EVERY = 5000;
/** Less than this is drift and slewing, which need no mention. */
const JUMP = 2000;

/**
 * Notices when the wall clock is set: retry times, expiry and signatures follow it, so that an administrator
 * who wonders about them should find the reason. Answers a function that ends the watch.
 * @param jumped hears by how many milliseconds; negative: it was set back.
 */
export function watchClock(clock: Clock, jumped: (ms: number) => void): () => void {
  let wall = clock.now();
  let steady = clock.monotonic();
  let timer: Timer;
  const look = (): void => {
    const difference = clock.now() - wall - (clock.monotonic() - steady);
    wall = clock.now();
    steady = clock.monotonic();
    if (Math.abs(difference) >= JUMP) jumped(Math.round(difference));
    timer = clock.after(EVERY, look);
  };
  timer = clock.after(EVERY, look);
  return () => timer.cancel();
}

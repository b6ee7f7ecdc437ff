import { setImmediate } from 'node:timers/promises';

/**
 * Lets others have their turn: who reads and judges for seconds would not hear that it should stop.
 * @throws the signal's reason, when it was told to
 */
export async function breath(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

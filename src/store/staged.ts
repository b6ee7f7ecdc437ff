import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ControlStore } from './control.ts';

/**
 * Changes of one registry that were checked and wait for their place in a transaction which other registries share.
 * Whoever stages must hold the registry (`exclusively`) until `commit`, so that what was checked still holds.
 */
export interface Staged {
  /** Puts the rows into the caller's transaction. @throws the store's error; nothing has changed then */
  write(transaction: ControlStore): Promise<void>;
  /** After the transaction: swaps the values in memory, then tells the listeners, in one turn. */
  commit(): void;
}

const ROWS_A_TURN = 200;

/** Writes row after row, and lets the event loop run now and then: a large change must not hold up mail. */
export async function writeEach<T>(rows: Iterable<T>, write: (row: T) => Promise<unknown>): Promise<void> {
  let count = 0;
  for (const row of rows) {
    await write(row);
    if (++count % ROWS_A_TURN === 0) await nextTurn();
  }
}

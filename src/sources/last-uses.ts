import type { EventSink } from '../journal/event.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { ControlStore } from '../store/control.ts';
import { writeEach } from '../store/staged.ts';

const WRITE_AFTER_MS = 5000;

/** When and from where each credential was last used, on its way into the store: gathered, and written in batches. */
export class LastUses {
  readonly #db: ControlStore;
  readonly #clock: Clock;
  readonly #events: EventSink;
  readonly #waiting = new Map<string, { at: number; from: string }>();
  #timer: Timer | undefined;

  /** @param events hears of a disk that did not take them */
  constructor(db: ControlStore, clock: Clock, events: EventSink) {
    this.#db = db;
    this.#clock = clock;
    this.#events = events;
  }

  add(credential: string, at: number, from: string): void {
    this.#waiting.set(credential, { at, from });
    this.#writeSoon();
  }

  /** Writes what was gathered. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#write();
  }

  #writeSoon(): void {
    this.#timer ??= this.#clock.after(WRITE_AFTER_MS, () => void this.#write());
  }

  async #write(): Promise<void> {
    this.#timer = undefined;
    const uses = [...this.#waiting];
    this.#waiting.clear();
    if (uses.length === 0) return;
    try {
      await this.#db.transaction().execute(async (transaction) => {
        await writeEach(uses, ([id, { at, from }]) =>
          transaction
            .updateTable('credentials')
            .set({ last_used_at: at, last_used_from: from })
            .where('id', '=', id)
            .execute(),
        );
      });
    } catch (error) {
      // the disk is in trouble: kept for the next time, unless used again since
      for (const [id, use] of uses) if (!this.#waiting.has(id)) this.#waiting.set(id, use);
      this.#events.write({
        type: 'system',
        text: `last uses of credentials could not be written: ${String(error)}`,
      });
      this.#writeSoon();
    }
  }
}

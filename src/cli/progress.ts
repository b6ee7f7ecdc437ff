import { printable } from './output.ts';

const QUIET_MS = 30_000;

/** How far a long piece of work is: one line that is rewritten on a terminal, a line now and then elsewhere. On standard error. */
export class ProgressLine {
  readonly #out: NodeJS.WriteStream;
  readonly #now: () => number;
  #task = '';
  #began = 0;
  #beganAt = 0;
  #written = -Infinity;

  constructor(out: NodeJS.WriteStream = process.stderr, now: () => number = Date.now) {
    this.#out = out;
    this.#now = now;
  }

  /** @param task what is done; a new one begins its own count of time */
  update(task: string, done: number, total: number, text = ''): void {
    const now = this.#now();
    if (task !== this.#task) {
      this.#task = task;
      this.#began = now;
      this.#beganAt = done;
      this.#written = -Infinity;
    }
    const left = done > this.#beganAt ? ((now - this.#began) / (done - this.#beganAt)) * (total - done) : 0;
    this.#show(
      `${task}: ${done} of ${total}${text === '' ? '' : ` (${text})`}${left >= 1000 ? `, ${duration(left)} left` : ''}`,
      done >= total,
    );
  }

  /** A text of its own about a task; shown as `update` shows one. */
  say(task: string, text: string): void {
    if (task !== this.#task) {
      this.#task = task;
      this.#written = -Infinity;
    }
    this.#show(text, false);
  }

  /** Something that is worth a line of its own. */
  note(text: string): void {
    this.#clear();
    this.#out.write(`${printable(text)}\n`);
  }

  /** Leaves the terminal as it was found. */
  end(): void {
    this.#clear();
  }

  #show(text: string, last: boolean): void {
    if (this.#out.isTTY) {
      this.#out.write(`\r\u001b[K${printable(text).slice(0, (this.#out.columns ?? 80) - 1)}`);
    } else if (last || this.#now() - this.#written >= QUIET_MS) {
      this.#written = this.#now();
      this.#out.write(`${printable(text)}\n`);
    }
  }

  #clear(): void {
    if (this.#out.isTTY) this.#out.write('\r\u001b[K');
  }
}

/** `40 s`, `12 min`, `3 h 5 min`. */
export function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (ms < 100_000) return `${Math.round(ms / 1000)} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

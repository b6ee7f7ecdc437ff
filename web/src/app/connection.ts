import { useSyncExternalStore } from 'react';

export type ConnectionState = 'connected' | 'lost' | 'back';

const BACK_MS = 4000;
const LOOK_MS = 15_000;
const LONGEST_MS = 8000;

/**
 * Whether the relay answers. Any request tells; while none does it is asked again and again, and otherwise now and
 * then. Also notices that the relay brings another console since this one was loaded.
 */
export class Connection {
  #state: ConnectionState = 'connected';
  #isOutdated = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pause = 1000;
  readonly #listeners = new Set<() => void>();
  readonly #onBack: () => void;

  /** @param onBack is called when the relay answers again: what is shown may be old */
  constructor(onBack: () => void) {
    this.#onBack = onBack;
    this.#later(LOOK_MS);
    // a machine that slept, or a network that came back: look at once
    addEventListener('online', () => void this.look());
    addEventListener('offline', () => this.report(false));
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void this.look();
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The relay was updated: this page is of the version before. */
  get isOutdated(): boolean {
    return this.#isOutdated;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** What a request has seen. */
  report(isThere: boolean): void {
    if (isThere && this.#state === 'lost') {
      this.#pause = 1000;
      this.#set('back');
      this.#onBack();
      void this.look();
      setTimeout(() => {
        if (this.#state === 'back') this.#set('connected');
      }, BACK_MS);
    } else if (!isThere && this.#state !== 'lost') {
      this.#set('lost');
      this.#later(this.#pause);
    }
  }

  /** Asks the relay now. */
  async look(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      const response = await fetch('/', {
        method: 'HEAD',
        cache: 'no-store',
        signal: AbortSignal.timeout(5000),
      });
      // 502 to 504: a proxy in between, and nobody behind it
      this.report(response.status < 500);
      const build = response.headers.get('x-postern-build');
      if (build !== null && build !== import.meta.env.POSTERN_BUILD && !this.#isOutdated) {
        this.#isOutdated = true;
        this.#tell();
      }
    } catch {
      this.report(false);
    }
    if (this.#state === 'lost') this.#pause = Math.min(this.#pause * 1.6, LONGEST_MS);
    this.#later(this.#state === 'lost' ? this.#pause : LOOK_MS);
  }

  #later(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (document.visibilityState === 'visible' || this.#state === 'lost') void this.look();
      else this.#later(LOOK_MS);
    }, milliseconds);
  }

  #set(state: ConnectionState): void {
    this.#state = state;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

export function useConnection(connection: Connection): { state: ConnectionState; isOutdated: boolean } {
  const state = useSyncExternalStore(connection.subscribe, () => connection.state);
  const isOutdated = useSyncExternalStore(connection.subscribe, () => connection.isOutdated);
  return { state, isOutdated };
}

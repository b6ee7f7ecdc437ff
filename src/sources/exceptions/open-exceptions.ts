import type { Clock } from '../../platform/clock.ts';
import { NetworkIndex } from '../network-index.ts';
import { EXCEPTION_KINDS, type Exception, type ExceptionKind } from './exception.ts';

interface Entry {
  exception: Exception;
  /** Monotonic time at which it ends, whatever becomes of the wall clock. */
  deadline: number;
}

/**
 * The exceptions in force, for the hot path. Whether one still is, is asked at each use by the wall clock; a wall
 * clock that is set back prolongs none, because the time that was left is counted as well.
 */
export class OpenExceptions {
  /** Changes whenever the answer to a question may have. */
  revision = 0;
  readonly #clock: Clock;
  readonly #byId = new Map<string, Entry>();
  readonly #byNetwork = new Map<ExceptionKind, NetworkIndex<Entry>>();
  /** How many of each kind there are, so that a relay without any asks no index. */
  readonly #counts = new Map<ExceptionKind, number>();
  /** Made at the first question after a change. */
  #bySource: Map<string, Entry[]> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Exception | undefined {
    return this.#byId.get(id)?.exception;
  }

  all(): Exception[] {
    return [...this.#byId.values()].map(({ exception }) => exception);
  }

  /** Adds one, or puts it in the place of the one with its identifier. */
  set(exception: Exception): void {
    this.delete(exception.id);
    const left = exception.endsAt - this.#clock.now();
    const entry: Entry = { exception, deadline: this.#clock.monotonic() + left };
    const { kind } = exception;
    this.#byId.set(exception.id, entry);
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    if (EXCEPTION_KINDS[kind].scope === 'networks') {
      const index = this.#byNetwork.get(kind) ?? new NetworkIndex<Entry>();
      this.#byNetwork.set(kind, index);
      for (const block of exception.networks) index.add(block, entry);
    }
    this.#changed();
  }

  delete(id: string): void {
    const entry = this.#byId.get(id);
    if (!entry) return;
    const { kind, networks } = entry.exception;
    this.#byId.delete(id);
    this.#counts.set(kind, (this.#counts.get(kind) ?? 1) - 1);
    for (const block of networks) this.#byNetwork.get(kind)?.remove(block, entry);
    this.#changed();
  }

  /** Those whose time has come. */
  due(): Exception[] {
    const due: Exception[] = [];
    for (const entry of this.#byId.values()) if (!this.#inForce(entry)) due.push(entry.exception);
    return due;
  }

  /** The one with the narrowest block that allows this to an address. */
  forAddress(kind: ExceptionKind, address: string): Exception | undefined {
    if ((this.#counts.get(kind) ?? 0) === 0) return undefined;
    const found = this.#byNetwork.get(kind)?.find(address);
    return found?.find((entry) => this.#inForce(entry))?.exception;
  }

  forSource(kind: ExceptionKind, source: string): Exception | undefined {
    if ((this.#counts.get(kind) ?? 0) === 0) return undefined;
    this.#bySource ??= Map.groupBy(
      [...this.#byId.values()].filter(({ exception }) => EXCEPTION_KINDS[exception.kind].scope === 'source'),
      ({ exception }) => exception.source ?? '',
    );
    const found = this.#bySource.get(source);
    return found?.find((entry) => entry.exception.kind === kind && this.#inForce(entry))?.exception;
  }

  #inForce({ exception, deadline }: Entry): boolean {
    return exception.endsAt > this.#clock.now() && deadline > this.#clock.monotonic();
  }

  #changed(): void {
    this.revision++;
    this.#bySource = undefined;
  }
}

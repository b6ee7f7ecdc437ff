import type { Destination } from './destination.ts';

/** One recipient domain: whether the spool has more of it, and when to look again. */
export class Lane {
  readonly domain: string;
  /** The spool may hold due deliveries that are not in memory. */
  more = false;
  /** In line to be read. */
  queued = false;
  loading = false;
  /** Entries in memory. */
  loaded = 0;
  /** Where it waits: reading is of no use until this destination has room, or is awake. */
  parkedOn: Destination | undefined;
  /** Keys that were settled while a read was under way: the read may still show them as they were. */
  readonly stale = new Set<string>();
  /** Wall times at which something falls due, rounded up to seconds. The periodic look finds what is not here. */
  readonly wakes = new Set<number>();
  /** Deliveries moved on because their destination sleeps, and until when they count. */
  skipped = 0;
  skipUntil = 0;

  constructor(domain: string) {
    this.domain = domain;
  }

  get unused(): boolean {
    return (
      !this.more &&
      !this.queued &&
      !this.loading &&
      this.loaded === 0 &&
      !this.parkedOn &&
      this.wakes.size === 0
    );
  }
}

/** From events to what is counted of them, added up by minute before anything is written. */
import type { RecordedEvent } from '../event.ts';
import { isOfLab } from '../lab-listeners.ts';
import {
  ACCEPTED,
  BOUNCED,
  DEFERRED,
  DELIVERED,
  emptyRow,
  HELD,
  OCTETS,
  REFUSED,
  type Row,
} from './counts.ts';
import { EDGE, RELAY } from './names.ts';
import { DAY, floor, GRAINS, MINUTE } from './periods.ts';

/** By which way mail came. Deliveries are counted for `edge` and `relay` only: a source may use both other ways. */
export const DIRECTIONS = ['submission', 'api', 'edge', 'relay'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export interface SourceCounts {
  row: Row;
  /** Refusals by code. */
  codes: Map<string, number>;
}

export interface MinuteCounts {
  total: Row;
  directions: Map<Direction, Row>;
  codes: Map<string, number>;
  sources: Map<string, SourceCounts>;
}

/** Of one source in one day. */
export interface AddressCounts {
  senders: Map<string, Row>;
  recipientDomains: Map<string, Row>;
}

const LONGEST = 320;

/** Counts of a stretch of events. Bounded by who makes it: a few thousand events, then a new one. */
export class EventCounts {
  /** By the beginning of the minute, milliseconds. */
  readonly minutes = new Map<number, MinuteCounts>();
  /** By the beginning of the day, then by source. */
  readonly days = new Map<number, Map<string, AddressCounts>>();
  readonly #edgeListeners: ReadonlySet<string>;
  readonly #codes: ReadonlySet<string>;

  /**
   * @param edgeListeners names of the listeners that take mail from the internet
   * @param codes of refusals that are counted each by its own
   */
  constructor(edgeListeners: ReadonlySet<string>, codes: ReadonlySet<string>) {
    this.#edgeListeners = edgeListeners;
    this.#codes = codes;
  }

  add(event: RecordedEvent): void {
    if (isOfLab(event)) return;
    switch (event.type) {
      case 'acceptance':
        return this.#accepted(event);
      case 'refusal':
      case 'tls-failure':
      case 'authentication-failure':
        return this.#refused(event);
      case 'attempt':
        return this.#attempted(event);
      case 'bounce':
        return this.#delivery(event, BOUNCED);
      case 'connection':
      case 'authentication':
      case 'warning':
      case 'delay':
      case 'change':
      case 'alarm':
      case 'system':
        return;
    }
  }

  #accepted({ at, source, from: sender, outcome, to, listener = '', size }: RecordedEvent): void {
    const direction = this.#directionOf(listener);
    const from = direction === 'edge' ? EDGE : sourceOf(source);
    const rows = this.#rows(at, from, direction);
    const addresses = this.#addresses(at, from);
    if (sender !== undefined) rows.push(rowOf(addresses.senders, addressOf(sender)));
    for (const domain of domainsOf(to)) rows.push(rowOf(addresses.recipientDomains, domain));
    const octets = octetsOf(size);
    for (const row of rows) {
      row[ACCEPTED] += 1;
      row[OCTETS] += octets;
      if (outcome === 'held') row[HELD] += 1;
    }
  }

  #refused({ at, type, source, code: name, from: sender, listener = '' }: RecordedEvent): void {
    // over SMTP the refusal that follows is counted; who administers is no sender
    if (type === 'authentication-failure' && listener !== 'http') return;
    const direction = this.#directionOf(listener);
    const from = direction === 'edge' ? EDGE : source;
    const code = name !== undefined && this.#codes.has(name) ? name : 'other';
    const rows = this.#rows(at, from, direction);
    if (from !== undefined && sender !== undefined)
      rows.push(rowOf(this.#addresses(at, from).senders, addressOf(sender)));
    for (const row of rows) row[REFUSED] += 1;
    const minute = this.#minute(at);
    minute.codes.set(code, (minute.codes.get(code) ?? 0) + 1);
    if (from === undefined) return;
    const { codes } = sourceIn(minute, from);
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }

  #attempted(event: RecordedEvent): void {
    const { outcome } = event;
    if (outcome === 'delivered') this.#delivery(event, DELIVERED);
    else if (outcome === 'deferred') this.#delivery(event, DEFERRED);
    else if (outcome === 'held') this.#delivery(event, HELD);
  }

  #delivery({ at, source, from: sender, to }: RecordedEvent, measure: number): void {
    const from = sourceOf(source);
    const direction = from === EDGE || from === RELAY ? from : undefined;
    const rows = this.#rows(at, from, direction);
    const addresses = this.#addresses(at, from);
    if (sender !== undefined) rows.push(rowOf(addresses.senders, addressOf(sender)));
    for (const domain of domainsOf(to)) rows.push(rowOf(addresses.recipientDomains, domain));
    for (const row of rows) row[measure] = (row[measure] as number) + 1;
  }

  /** All rows by minute that an event belongs to. */
  #rows(at: number, source: string | undefined, direction: Direction | undefined): Row[] {
    const minute = this.#minute(at);
    const rows = [minute.total];
    if (source !== undefined) rows.push(sourceIn(minute, source).row);
    if (direction !== undefined) rows.push(rowOf(minute.directions, direction));
    return rows;
  }

  #minute(at: number): MinuteCounts {
    const from = floor(at, GRAINS[MINUTE]);
    let minute = this.minutes.get(from);
    if (!minute) {
      minute = { total: emptyRow(), directions: new Map(), codes: new Map(), sources: new Map() };
      this.minutes.set(from, minute);
    }
    return minute;
  }

  #addresses(at: number, source: string): AddressCounts {
    const from = floor(at, GRAINS[DAY]);
    let day = this.days.get(from);
    if (!day) this.days.set(from, (day = new Map()));
    let counts = day.get(source);
    if (!counts) day.set(source, (counts = { senders: new Map(), recipientDomains: new Map() }));
    return counts;
  }

  #directionOf(listener: string): Direction {
    if (listener === 'http') return 'api';
    return this.#edgeListeners.has(listener) ? 'edge' : 'submission';
  }
}

function sourceIn({ sources }: MinuteCounts, source: string): SourceCounts {
  let counts = sources.get(source);
  if (!counts) sources.set(source, (counts = { row: emptyRow(), codes: new Map() }));
  return counts;
}

function rowOf<K>(rows: Map<K, Row>, key: K): Row {
  let row = rows.get(key);
  if (!row) rows.set(key, (row = emptyRow()));
  return row;
}

/** The spool's names for what has no source: empty for notices, `edge...` for the edge. */
function sourceOf(source: string | undefined): string {
  if (source === undefined || source === '') return RELAY;
  return source === 'edge' || source === 'edge-unproven' ? EDGE : source;
}

const addressOf = (address: string): string => address.slice(0, LONGEST).toLowerCase();

/** @param recipients of what the journal holds; anything may stand there */
function domainsOf(recipients: readonly unknown[] | undefined): Set<string> {
  const domains = new Set<string>();
  if (recipients === undefined) return domains;
  for (const address of recipients) {
    if (typeof address !== 'string') continue;
    domains.add(
      address
        .slice(address.lastIndexOf('@') + 1)
        .slice(0, LONGEST)
        .toLowerCase(),
    );
  }
  return domains;
}

function octetsOf(size: unknown): number {
  return typeof size === 'number' && Number.isSafeInteger(size) && size > 0 ? size : 0;
}

import type { Tenant } from '../../edge/tenant.ts';
import type { Layout } from '../evidence/fields.ts';
import type { Observation } from '../evidence/observation.ts';
import type { RowFilter, TraceFilter } from '../evidence/row-filter.ts';
import { Gleaner, type Gleaning } from './gleaning.ts';
import { hashOf, hashOfBoth } from './hash.ts';
import { type Relevance, relevanceOf } from './relevance.ts';
import { TraceSieve } from './trace-sieve.ts';

const DAY = 86_400_000;

/**
 * Tells rows that are kept from those that are counted only: most mail of an organisation can't be Direct Send. What has
 * gathered is gleaned from time to time.
 */
export class Sieve implements RowFilter {
  readonly #tenant: Tenant;
  readonly #gleaner = new Gleaner();
  readonly #trace: TraceSieve;

  constructor(tenant: Tenant) {
    this.#tenant = tenant;
    this.#trace = new TraceSieve(tenant, this.#gleaner);
  }

  forTrace(places: Layout['places']): TraceFilter | undefined {
    return this.#trace.filterFor(places);
  }

  /** Takes a row: counts it, and keeps it where it has to be. */
  add(observation: Observation): void {
    const relevance = relevanceOf(this.#tenant, observation);
    this.#count(observation, relevance);
    if (relevance === 'keep') this.#gleaner.keep(observation);
  }

  /** As `add`, for a row that says its name. @returns whether it was taken */
  take(observation: Observation): boolean {
    const { networkMessageId, traceId, messageId } = observation;
    // what has no name is counted by its place, which only the whole file tells
    if ((networkMessageId ?? traceId ?? messageId) === undefined) return false;
    this.add(observation);
    return true;
  }

  /** So much has gathered that it should be gleaned. */
  get isFull(): boolean {
    return this.#gleaner.isFull;
  }

  /** What has gathered, and begins anew. */
  glean(): Gleaning {
    return this.#gleaner.glean();
  }

  /** Takes over what another one has gleaned. */
  join(gleaning: Gleaning): void {
    this.#gleaner.add(gleaning);
  }

  #count(observation: Observation, relevance: Relevance): void {
    const { messageId, direction } = observation;
    this.#tally(observation, relevance);
    if (relevance === 'foreign') this.#sample(observation);
    const isSent =
      relevance === 'internal' ||
      (relevance === 'outgoing' && direction !== 'incoming') ||
      (relevance === 'keep' && direction === 'originating');
    if (isSent && messageId) this.#gleaner.send(hashOf(messageId));
  }

  #tally(observation: Observation, relevance: Relevance): void {
    const { at, kind, recipient = '', row, file, event } = observation;
    if (at === undefined || observation.count !== undefined) return;
    if (event !== undefined && event !== 'receive' && event !== 'refusal' && relevance === 'keep') return;
    const id = observation.networkMessageId ?? observation.traceId ?? observation.messageId;
    const name = hashOf(id ?? `${file} ${row}`);
    this.#gleaner.sketch(Math.floor(at / DAY), kind, relevance).add(hashOfBoth(name, hashOf(recipient)));
  }

  #sample({ networkMessageId, traceId, messageId, address, at }: Observation): void {
    const id = networkMessageId ?? traceId ?? messageId;
    if (id === undefined || !address || at === undefined) return;
    const hash = hashOf(id);
    if (Gleaner.isSampled(hash)) this.#gleaner.sample(hash, address, Math.floor(at / DAY));
  }
}

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
 * been counted is gleaned from time to time.
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

  /** Counts a row. @returns whether it has to be kept whole */
  keeps(observation: Observation): boolean {
    const relevance = relevanceOf(this.#tenant, observation);
    this.#count(observation, relevance);
    return relevance === 'keep';
  }

  /** Counts a row that has not to be kept, and does nothing with any other. @returns whether it was counted */
  take(observation: Observation): boolean {
    const { networkMessageId, traceId, messageId } = observation;
    // what has no name is counted by its place, which only the whole file tells
    if ((networkMessageId ?? traceId ?? messageId) === undefined) return false;
    const relevance = relevanceOf(this.#tenant, observation);
    if (relevance === 'keep') return false;
    this.#count(observation, relevance);
    return true;
  }

  /** So much has been counted that it should be gleaned. */
  get isFull(): boolean {
    return this.#gleaner.isFull;
  }

  /** What was counted, and begins anew. */
  glean(): Gleaning {
    return this.#gleaner.glean();
  }

  /** Takes over what another one has gleaned. */
  add(gleaning: Gleaning): void {
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

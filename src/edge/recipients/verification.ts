import type { EventSink } from '../../journal/event.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RecipientAnswer, Recipients } from '../rooms.ts';
import type { Tenant } from '../tenant.ts';
import { type AddressRules, candidates, isPostmaster } from './addresses.ts';
import type { RecipientSource } from './source.ts';

export interface VerificationOptions extends AddressRules {
  /** In the order in which they are asked. */
  sources: readonly RecipientSource[];
  clock: Clock;
  events: EventSink;
}

export interface RecipientsHealth {
  /** Whether each way of finding out works, and why not. */
  sources: { name: string; problem?: string }[];
  /** Wall time, milliseconds, since when mail waits for want of an answer. */
  unavailableSince?: number;
}

/** The same trouble is told again after this time. */
const AGAIN_MS = 3_600_000;

/** Whether a recipient exists, by all who may know: one who knows it is enough, and unknown it is when all say so. */
export class RecipientVerification implements Recipients {
  readonly #options: VerificationOptions;
  #unavailableSince: number | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(options: VerificationOptions) {
    this.#options = options;
  }

  async find(tenant: Tenant, address: string): Promise<RecipientAnswer> {
    if (isPostmaster(tenant, address)) return 'known';
    let unavailable: RecipientSource | undefined;
    for (const candidate of candidates(address, this.#options)) {
      for (const source of this.#options.sources) {
        const answer = await source.find(tenant, candidate);
        if (answer === 'known') return this.#answered(answer);
        if (answer === 'unavailable') unavailable ??= source;
      }
    }
    if (!unavailable) return this.#answered('unknown');
    this.#alarm(tenant, unavailable);
    return 'unavailable';
  }

  health(): RecipientsHealth {
    return {
      sources: this.#options.sources.map((source) => {
        const problem = source.problem?.();
        return { name: source.name, ...(problem !== undefined && { problem }) };
      }),
      ...(this.#unavailableSince !== undefined && { unavailableSince: this.#unavailableSince }),
    };
  }

  async close(): Promise<void> {
    for (const source of this.#options.sources) await source.close?.();
  }

  #answered(answer: RecipientAnswer): RecipientAnswer {
    // one that is found in the list says nothing of the directory: its trouble is over when it has none to tell
    if (this.#options.sources.every((source) => source.problem?.() === undefined))
      this.#unavailableSince = undefined;
    return answer;
  }

  #alarm(tenant: Tenant, source: RecipientSource): void {
    const { clock, events } = this.#options;
    this.#unavailableSince ??= clock.now();
    if (clock.monotonic() - this.#toldAt < AGAIN_MS) return;
    this.#toldAt = clock.monotonic();
    const problem = source.problem?.();
    events.write({
      type: 'alarm',
      code: 'recipients-unavailable',
      outcome: 'critical',
      text: `Mail for ${tenant.name} waits at its senders: whether recipients exist could not be asked (${source.name}${problem === undefined ? '' : `: ${problem}`}).`,
      detail: { tenant: tenant.name, verify: source.name, ...(problem !== undefined && { problem }) },
    });
  }
}

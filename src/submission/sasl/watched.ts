import type { SaslExchange, SaslStep } from '../../smtp/server/handler.ts';
import { malformed } from './malformed.ts';

/** RFC 4954 §4: 12288 octets of base64 are the most that a response may have. */
const MAX_RESPONSE = 9216;

/** Bounds an exchange in size, ends it once, and tells of one that was malformed. */
export class WatchedExchange implements SaslExchange {
  readonly #exchange: SaslExchange;
  readonly #malformed: (step: SaslStep & { kind: 'failure' }) => void;
  #over = false;

  constructor(exchange: SaslExchange, onMalformed: (step: SaslStep & { kind: 'failure' }) => void) {
    this.#exchange = exchange;
    this.#malformed = onMalformed;
  }

  step(response: Buffer | undefined): Promise<SaslStep> | SaslStep {
    if (this.#over) return malformed('a response after the end of the exchange');
    if (response && response.length > MAX_RESPONSE)
      return this.#note(malformed('a response that is too long'));
    const step = this.#exchange.step(response);
    return step instanceof Promise ? step.then((settled) => this.#note(settled)) : this.#note(step);
  }

  #note(step: SaslStep): SaslStep {
    if (step.kind !== 'challenge') this.#over = true;
    if (step.kind === 'failure' && step.reply.refusal === 'A304') this.#malformed(step);
    return step;
  }
}

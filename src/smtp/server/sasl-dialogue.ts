import { type Reply, refuse } from '../reply.ts';
import type { SaslExchange, SaslStep } from './handler.ts';

/** What AUTH or a response leads to; a challenge is the base64 after `334 `. */
export type SaslOutcome =
  | { kind: 'challenge'; text: string }
  | { kind: 'success'; identity: unknown }
  | { kind: 'failure'; reply: Reply };

/** RFC 4954 §4: a line of an exchange may hold 12288 octets, whatever the limit for other commands is. */
export const SASL_LINE = 12288;

// SCRAM and LOGIN need two; an exchange without end must not hold a connection
const LONGEST_EXCHANGE = 8;

/** One AUTH exchange on the wire (RFC 4954 §4): base64, cancelling, and data that comes with success. */
export class SaslDialogue {
  readonly #exchange: SaslExchange;
  /** Set when the mechanism has succeeded and the client must still acknowledge its last data. */
  #granted: { identity: unknown } | undefined;
  #responses = 0;

  constructor(exchange: SaslExchange) {
    this.#exchange = exchange;
  }

  /** With the initial response as AUTH carried it: `=` is an empty one, undefined none. */
  begin(initial: string | undefined): SaslOutcome | Promise<SaslOutcome> {
    if (initial === undefined) return this.#step(undefined);
    return this.respond(initial === '=' ? '' : initial, true);
  }

  respond(line: string, initial = false): SaslOutcome | Promise<SaslOutcome> {
    if (line === '*' && !initial) return fail(refuse('A305'));
    const response = decodeBase64(line);
    if (!response) return fail(refuse('A304', 'the response is not base64'));
    if (this.#granted) {
      return response.length === 0
        ? { kind: 'success', identity: this.#granted.identity }
        : fail(refuse('A304', 'the last response is not empty'));
    }
    if (++this.#responses > LONGEST_EXCHANGE) return fail(refuse('A304', 'the exchange is too long'));
    return this.#step(response);
  }

  #step(response: Buffer | undefined): SaslOutcome | Promise<SaslOutcome> {
    const step = this.#exchange.step(response);
    return step instanceof Promise ? step.then((result) => this.#outcome(result)) : this.#outcome(step);
  }

  #outcome(step: SaslStep): SaslOutcome {
    switch (step.kind) {
      case 'challenge':
        return { kind: 'challenge', text: step.data.toString('base64') };
      case 'success':
        if (!step.data) return { kind: 'success', identity: step.identity };
        // RFC 4422 §3.1 item 5 by way of RFC 4954 §4: SMTP has no place for data with success
        this.#granted = { identity: step.identity };
        return { kind: 'challenge', text: step.data.toString('base64') };
      case 'failure':
        return step;
    }
  }
}

function fail(reply: Reply): SaslOutcome {
  return { kind: 'failure', reply };
}

/** Strict base64 with its padding; Buffer.from alone would skip what it does not know. */
function decodeBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}

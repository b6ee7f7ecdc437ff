import type { SaslExchange, SaslStep } from '../../smtp/server/handler.ts';
import { malformed, textOf } from './malformed.ts';
import type { PasswordCheck } from './plain.ts';

/**
 * LOGIN, which no RFC describes (draft-murchison-sasl-login): many devices know nothing else. They look for
 * these very prompts.
 */
export class LoginExchange implements SaslExchange {
  readonly #check: PasswordCheck;
  #account: string | undefined;

  constructor(check: PasswordCheck) {
    this.#check = check;
  }

  step(response: Buffer | undefined): Promise<SaslStep> | SaslStep {
    if (!response) return { kind: 'challenge', data: Buffer.from('Username:') };
    const text = textOf(response);
    if (!text) return malformed('LOGIN with an empty answer, or one that is not UTF-8');
    if (this.#account === undefined) {
      this.#account = text;
      return { kind: 'challenge', data: Buffer.from('Password:') };
    }
    return this.#check(this.#account, text);
  }
}

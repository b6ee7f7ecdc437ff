import type { SaslExchange, SaslStep } from '../../smtp/server/handler.ts';
import { malformed, textOf } from './malformed.ts';

/** Answers what follows from an account name and a password. */
export type PasswordCheck = (account: string, password: string, actFor?: string) => Promise<SaslStep>;

/** PLAIN, RFC 4616: authorization identity, NUL, account, NUL, password. */
export class PlainExchange implements SaslExchange {
  readonly #check: PasswordCheck;

  constructor(check: PasswordCheck) {
    this.#check = check;
  }

  step(response: Buffer | undefined): Promise<SaslStep> | SaslStep {
    if (!response) return { kind: 'challenge', data: Buffer.alloc(0) };
    const first = response.indexOf(0);
    const second = response.indexOf(0, first + 1);
    if (first < 0 || second < 0) return malformed('PLAIN without two NUL characters');
    const actFor = textOf(response.subarray(0, first));
    const account = textOf(response.subarray(first + 1, second));
    const password = textOf(response.subarray(second + 1));
    if (actFor === undefined || account === undefined || password === undefined) {
      return malformed('PLAIN with text that is not UTF-8, or with a third NUL');
    }
    if (account === '' || password === '') return malformed('PLAIN without account or password');
    return this.#check(account, password, actFor === '' ? undefined : actFor);
  }
}

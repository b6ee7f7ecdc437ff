/**
 * What one message may cost in DNS: time, questions, and the size of each answer. A message's author chooses the
 * names that its verification asks for, and often their name servers too; beyond the budget every question fails as
 * temporary, so that nothing passes for want of an answer.
 */
import { isIPv4, isIPv6 } from 'node:net';

import type { Clock, Timer } from '../platform/clock.ts';
import { parseAddress } from '../platform/ip-address.ts';
import {
  bothFamilies,
  type MxRecord,
  ResolveError,
  type Resolver,
  type TtlListener,
} from '../platform/resolver.ts';

export interface LookupLimits {
  /**
   * Milliseconds spent waiting for DNS, all questions of the message together; those asked at the same time count once.
   * RFC 7208 §4.6.4 wants at least 20 seconds.
   */
  time: number;
  queries: number;
  /** Records of one answer. */
  records: number;
  /** Octets of all records of one answer; a DNS message has 65,535 at most. */
  octets: number;
}

export type LookupLimit = keyof LookupLimits;

/** More than the whole of SPF, DKIM, DMARC, ARC and a few lists need for an honest message. */
const LOOKUP_LIMITS: Readonly<LookupLimits> = {
  time: 20_000,
  queries: 250,
  records: 1000,
  octets: 65_535,
};

/** A question that the budget did not allow, or whose answer was beyond it. */
export class LookupLimitError extends ResolveError {
  readonly limit: LookupLimit;
  constructor(limit: LookupLimit, message: string) {
    super('temporary', message);
    this.limit = limit;
  }
}

export interface LookupsOptions {
  resolver: Resolver;
  clock: Clock;
  limits?: Partial<LookupLimits>;
}

/**
 * The form in which a name is asked for: lower case, no final dot. Undefined when it can be no name in DNS
 * (RFC 1035 §3.1: labels of 1 to 63 octets, 253 characters in all), or has octets that no honest name has.
 */
export function queryName(name: string): string | undefined {
  const length = name.endsWith('.') ? name.length - 1 : name.length;
  if (length < 1 || length > 253) return undefined;
  const bare = name.slice(0, length).toLowerCase();
  // a backslash would be read as an escape by resolvers
  if (!/^[\x20-\x5b\x5d-\x7e]+$/.test(bare)) return undefined;
  return bare.split('.').every((label) => label.length >= 1 && label.length <= 63) ? bare : undefined;
}

/** A resolver with a budget; make one for each message. Every method rejects with ResolveError, and with nothing else. */
export class Lookups implements Resolver {
  readonly clock: Clock;
  readonly #resolver: Resolver;
  readonly #limits: LookupLimits;
  readonly #waiting = new Set<(error: ResolveError) => void>();
  #queries = 0;
  /** Milliseconds spent before the questions that wait now. */
  #spent = 0;
  #since = 0;
  #timer: Timer | undefined;
  #exceeded: LookupLimit | undefined;

  constructor({ resolver, clock, limits }: LookupsOptions) {
    this.#resolver = resolver;
    this.clock = clock;
    this.#limits = { ...LOOKUP_LIMITS, ...limits };
  }

  /** Questions asked so far. */
  get queries(): number {
    return this.#queries;
  }

  /** The first limit that was met, for the journal. */
  get exceeded(): LookupLimit | undefined {
    return this.#exceeded;
  }

  mx(domain: string): Promise<MxRecord[]> {
    return this.#askName('MX', domain, (name) => this.#resolver.mx(name), isMx);
  }

  addresses(host: string): Promise<string[]> {
    return bothFamilies(this, host);
  }

  a(host: string, ttl?: TtlListener): Promise<string[]> {
    return this.#askName('A', host, (name) => this.#resolver.a(name, ttl), isIPv4);
  }

  aaaa(host: string, ttl?: TtlListener): Promise<string[]> {
    return this.#askName('AAAA', host, (name) => this.#resolver.aaaa(name, ttl), isIPv6);
  }

  ptr(address: string): Promise<string[]> {
    if (!parseAddress(address)) return Promise.reject(notAName('PTR'));
    return this.#ask('PTR', address, () => this.#resolver.ptr(address), isText);
  }

  txt(name: string): Promise<string[]> {
    return this.#askName('TXT', name, (bare) => this.#resolver.txt(bare), isText);
  }

  #askName<T>(
    type: string,
    name: string,
    query: (name: string) => Promise<T[]>,
    isRecord: (record: T) => boolean,
  ): Promise<T[]> {
    const bare = queryName(name);
    // what can not be asked does not exist (RFC 7208 §4.3 has it so for SPF), and costs nothing
    if (bare === undefined) return Promise.reject(notAName(type));
    return this.#ask(type, bare, () => query(bare), isRecord);
  }

  async #ask<T>(
    type: string,
    name: string,
    query: () => Promise<T[]>,
    isRecord: (record: T) => boolean,
  ): Promise<T[]> {
    if (this.#queries >= this.#limits.queries) throw this.#over('queries', type, name);
    if (this.#spent >= this.#limits.time) throw this.#over('time', type, name);
    this.#queries++;
    const answer = await this.#wait(type, name, query);
    this.#judge(answer, type, name, isRecord);
    return answer;
  }

  /** Waits for an answer as long as there is time left; what comes later is not heard. */
  #wait<T>(type: string, name: string, query: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (error: ResolveError): void => reject(error);
      this.#begin(fail);
      // inside a promise: what throws at once is a failure like any other
      Promise.resolve()
        .then(query)
        .then(
          (answer) => {
            this.#end(fail);
            resolve(answer);
          },
          (error: unknown) => {
            this.#end(fail);
            reject(
              error instanceof ResolveError
                ? error
                : new ResolveError('temporary', `${type} ${name}: ${String(error)}`, { cause: error }),
            );
          },
        );
    });
  }

  #begin(fail: (error: ResolveError) => void): void {
    this.#waiting.add(fail);
    if (this.#waiting.size > 1) return;
    this.#since = this.clock.monotonic();
    this.#timer = this.clock.after(this.#limits.time - this.#spent, () => {
      this.#spent = this.#limits.time;
      const error = this.#over('time', 'an answer', 'in time');
      const waiting = [...this.#waiting];
      this.#waiting.clear();
      for (const each of waiting) each(error);
    });
  }

  #end(fail: (error: ResolveError) => void): void {
    if (!this.#waiting.delete(fail) || this.#waiting.size > 0) return;
    this.#timer?.cancel();
    this.#spent += this.clock.monotonic() - this.#since;
  }

  /** @throws ResolveError for an answer of the wrong shape or beyond the limits. */
  #judge<T>(answer: T[], type: string, name: string, isRecord: (record: T) => boolean): void {
    if (!Array.isArray(answer)) throw malformed(type, name);
    if (answer.length > this.#limits.records) throw this.#over('records', type, name);
    let octets = 0;
    for (const record of answer) {
      const text = isMxShape(record) ? record.exchange : record;
      if (typeof text !== 'string') throw malformed(type, name);
      octets += text.length;
      if (octets > this.#limits.octets) throw this.#over('octets', type, name);
      if (!isRecord(record)) throw malformed(type, name);
    }
  }

  #over(limit: LookupLimit, type: string, name: string): LookupLimitError {
    this.#exceeded ??= limit;
    return new LookupLimitError(limit, `${type} ${name}: beyond the budget of one message (${limit})`);
  }
}

function isMxShape(record: unknown): record is MxRecord {
  return typeof record === 'object' && record !== null && 'exchange' in record;
}

function isMx(record: MxRecord): boolean {
  return isMxShape(record) && Number.isInteger(record.priority);
}

function isText(record: unknown): boolean {
  return typeof record === 'string';
}

function malformed(type: string, name: string): ResolveError {
  return new ResolveError('temporary', `${type} ${name}: an answer of the wrong type`);
}

function notAName(type: string): ResolveError {
  return new ResolveError('nxdomain', `${type}: not a name that can be asked for`);
}

/** DNS for tests: what is not in it does not exist, and anything can fail. */
import { bothFamilies, ResolveError } from '../platform/resolver.ts';
import type { ResolveFailure, Resolver } from '../platform/resolver.ts';

/** The records of a name, or `temporary`, `nodata`, `nxdomain`. */
export type ZoneEntry = string | string[];

const FAILURES: readonly string[] = ['temporary', 'nodata', 'nxdomain'] satisfies ResolveFailure[];
const isFailure = (text: ZoneEntry): text is ResolveFailure =>
  typeof text === 'string' && FAILURES.includes(text);

export class Zone implements Resolver {
  readonly #entries = new Map<string, string[] | ResolveFailure>();
  /** Every query in order. */
  readonly asked: string[] = [];

  /** @param entries by `TXT name`, `A name`, `AAAA name`, `MX name`, `PTR address`. */
  constructor(entries: Record<string, ZoneEntry> = {}) {
    for (const [key, value] of Object.entries(entries)) this.set(key, value);
  }

  set(key: string, value: ZoneEntry): void {
    this.#entries.set(key, isFailure(value) || Array.isArray(value) ? value : [value]);
  }

  async txt(name: string): Promise<string[]> {
    return this.#answer('TXT', name);
  }

  async addresses(host: string): Promise<string[]> {
    return bothFamilies(this, host);
  }

  async a(host: string): Promise<string[]> {
    return this.#answer('A', host);
  }

  async aaaa(host: string): Promise<string[]> {
    return this.#answer('AAAA', host);
  }

  async ptr(address: string): Promise<string[]> {
    return this.#answer('PTR', address);
  }

  async mx(domain: string): Promise<{ exchange: string; priority: number }[]> {
    return this.#answer('MX', domain).map((exchange, place) => ({ exchange, priority: 10 * (place + 1) }));
  }

  #answer(type: string, name: string): string[] {
    const key = `${type} ${name}`;
    this.asked.push(key);
    const entry = this.#entries.get(key) ?? (this.#exists(name) ? 'nodata' : 'nxdomain');
    if (Array.isArray(entry)) return entry;
    throw new ResolveError(entry, `${key}: ${entry}`);
  }

  /** RFC 8020: a name exists when it has records, or when one below it exists. */
  #exists(name: string): boolean {
    for (const [key, entry] of this.#entries) {
      const known = key.slice(key.indexOf(' ') + 1);
      if (entry !== 'nxdomain' && (known === name || known.endsWith(`.${name}`))) return true;
    }
    return false;
  }
}

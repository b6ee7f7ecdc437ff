/** The zone data of the openspf.org test suite as a resolver. */
import { parseAddress, reverseName } from '../../src/platform/ip-address.ts';
import { bothFamilies, type MxRecord, ResolveError, type Resolver } from '../../src/platform/resolver.ts';

type Value = string | [number, string] | string[];
/** `TIMEOUT` stands for every type that is not given. */
export type ZoneRecord = 'TIMEOUT' | Record<string, Value>;

const MOST_ALIASES = 8;

export class SpfZone implements Resolver {
  readonly #names: Map<string, ZoneRecord[]>;

  constructor(zone: Record<string, ZoneRecord[]>) {
    this.#names = new Map(Object.entries(zone).map(([name, records]) => [name.toLowerCase(), records]));
  }

  async mx(domain: string): Promise<MxRecord[]> {
    return this.#find('MX', domain).map((value) => {
      const [priority, exchange] = value as [number, string];
      return { priority, exchange };
    });
  }

  addresses(host: string): Promise<string[]> {
    return bothFamilies(this, host);
  }

  async a(host: string): Promise<string[]> {
    return this.#find('A', host).map(String);
  }

  async aaaa(host: string): Promise<string[]> {
    return this.#find('AAAA', host).map(String);
  }

  async ptr(address: string): Promise<string[]> {
    const parsed = parseAddress(address);
    if (!parsed) throw new ResolveError('nxdomain', address);
    return this.#find('PTR', reverseName(parsed)).map(String);
  }

  async txt(name: string): Promise<string[]> {
    return this.#find('TXT', name).map((value) => (Array.isArray(value) ? value.join('') : value));
  }

  #find(type: string, name: string, aliases = 0): Value[] {
    const records = this.#names.get(name.toLowerCase().replace(/\.$/, ''));
    if (!records) throw new ResolveError('nxdomain', name);
    const named = records.filter((record) => record !== 'TIMEOUT');
    const [alias] = valuesOf(named, 'CNAME');
    if (alias !== undefined) {
      if (aliases === MOST_ALIASES) throw new ResolveError('temporary', `${name}: a loop of aliases`);
      return this.#find(type, String(alias), aliases + 1);
    }
    let found = valuesOf(named, type);
    // the suite's records of type SPF stand for TXT too, unless TXT is given
    if (type === 'TXT' && found.length === 0) found = valuesOf(named, 'SPF');
    found = found.filter((value) => value !== 'NONE');
    if (found.length > 0) return found;
    throw new ResolveError(records.includes('TIMEOUT') ? 'temporary' : 'nodata', name);
  }
}

function valuesOf(records: Record<string, Value>[], type: string): Value[] {
  return records.flatMap((record) => (type in record ? [record[type] as Value] : []));
}

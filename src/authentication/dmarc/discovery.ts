/**
 * Where the policy for a domain is published, and to whom the domain belongs: the DNS tree walk of RFC 9989 §4.10.
 * Each name is asked for once, however many walks a message needs.
 */
import { isIP } from 'node:net';

import { ResolveError } from '../../platform/resolver.ts';
import { isDmarcRecord, parseDmarcRecord } from './record.ts';
import type { DmarcRecord } from './record.ts';

/** Rejects with ResolveError, and with nothing else. */
export interface TxtLookup {
  txt(name: string): Promise<string[]>;
}

export interface FoundRecord {
  /** Without `_dmarc.` */
  domain: string;
  record: DmarcRecord;
}

/** What lies on the way from a domain to the root, the longest name first. */
export interface Walk {
  found: FoundRecord[];
  /** Nobody could tell what a name of the walk has: the walk ended there. */
  failure?: ResolveError;
}

export interface Discovery {
  /** The record that applies; absent: there is none. */
  applies?: FoundRecord;
  /** Absent when the walk failed above the domain's own record. */
  organisation?: string;
  /** Why the organisational domain is not known. */
  failure?: ResolveError;
}

/** §4.10 step 4: a name of eight labels and more is shortened to seven at once, which makes eight queries at most. */
const WALKED_LABELS = 7;
/** RFC 1035 §2.3.4 */
const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;

export class DmarcDiscovery {
  readonly #lookup: TxtLookup;
  readonly #records = new Map<string, Promise<DmarcRecord | undefined>>();
  readonly #walks = new Map<string, Promise<Walk>>();

  constructor(lookup: TxtLookup) {
    this.#lookup = lookup;
  }

  /**
   * The one record at `_dmarc.` and the domain; undefined when there is none, or more than one (§4.10 step 2).
   * @throws ResolveError `temporary`: nobody could tell.
   */
  recordAt(domain: string): Promise<DmarcRecord | undefined> {
    let record = this.#records.get(domain);
    if (!record) {
      record = this.#ask(domain);
      this.#records.set(domain, record);
    }
    return record;
  }

  /** How many domains were walked up from. */
  get walks(): number {
    return this.#walks.size;
  }

  /** Walks from a domain to the top-level domain, or to a record with `psd=y` or `psd=n`. */
  walk(domain: string): Promise<Walk> {
    let walk = this.#walks.get(domain);
    if (!walk) {
      walk = this.#walk(domain);
      this.#walks.set(domain, walk);
    }
    return walk;
  }

  /**
   * The record that applies to mail of a domain (§4.10.1), and its organisational domain.
   * @throws ResolveError when it is not known whether there is a record.
   */
  async discover(domain: string): Promise<Discovery> {
    const { found, failure } = await this.walk(domain);
    const own = found[0]?.domain === domain ? found[0] : undefined;
    if (failure) {
      // what is above can not change which record applies, only who else aligns
      if (own) return { applies: own, failure };
      throw failure;
    }
    const organisation = organisationOf(domain, found);
    const last = found.at(-1);
    const applies =
      own ??
      found.find((one) => one.domain === organisation) ??
      // a walk ends at psd=y, so that it can only be the last
      (last?.record.psd === 'y' ? last : undefined);
    return applies ? { applies, organisation } : { organisation };
  }

  async #walk(domain: string): Promise<Walk> {
    const found: FoundRecord[] = [];
    let labels = domain.split('.');
    while (labels.length > 0) {
      const name = labels.join('.');
      let record: DmarcRecord | undefined;
      try {
        record = await this.recordAt(name);
      } catch (error) {
        if (!(error instanceof ResolveError)) throw error;
        return { found, failure: error };
      }
      if (record) found.push({ domain: name, record });
      if (record && record.psd !== 'u') break;
      labels = labels.length > WALKED_LABELS ? labels.slice(-WALKED_LABELS) : labels.slice(1);
    }
    return { found };
  }

  async #ask(domain: string): Promise<DmarcRecord | undefined> {
    const name = `_dmarc.${domain}`;
    // a name that DNS can not hold has no record; a resolver might call that a failure
    if (name.length > LONGEST_NAME || !domain.split('.').every(isLabel)) return undefined;
    let texts: string[];
    try {
      texts = await this.#lookup.txt(name);
    } catch (error) {
      if (!(error instanceof ResolveError) || error.failure === 'temporary') throw error;
      return undefined;
    }
    const records = texts.filter(isDmarcRecord);
    return records.length === 1 ? parseDmarcRecord(records[0]!) : undefined;
  }
}

const isLabel = (label: string): boolean => label.length > 0 && label.length <= LONGEST_LABEL;

/** Whether a domain is a name of DNS and not an address literal. */
export function isDomainName(domain: string): boolean {
  return domain !== '' && !domain.startsWith('[') && isIP(domain) === 0;
}

/** §4.10.2, over a walk that did not fail. */
function organisationOf(domain: string, found: FoundRecord[]): string {
  for (const one of found) {
    if (one.record.psd === 'n') return one.domain;
    // a public suffix does not make itself the domain below it
    if (one.record.psd === 'y' && one.domain !== domain) {
      return domain
        .split('.')
        .slice(-(one.domain.split('.').length + 1))
        .join('.');
    }
  }
  return found.at(-1)?.domain ?? domain;
}

/** One evaluation of check_host() (RFC 7208 §4.6, §5, §6), with the limits of §4.6.4 over all of its records. */
import {
  addressLabels,
  addressText,
  type IpAddress,
  parseAddress,
  sameNetwork,
} from '../../platform/ip-address.ts';
import { ResolveError } from '../../platform/resolver.ts';
import { LookupLimitError, type Lookups } from '../lookups.ts';
import {
  expandName,
  expandText,
  type MacroLetter,
  type MacroString,
  type MacroValues,
  parseMacroString,
  usesAny,
} from './macro.ts';
import { type Mechanism, parseRecord, type Qualifier, selectRecords } from './record.ts';

/** Terms that make DNS queries, in all records of one check. */
const MOST_TERMS = 10;
/** Of these, terms that find nothing. */
const MOST_VOID = 2;
/** MX and PTR names looked at for one term. */
const MOST_NAMES = 10;
const LONGEST_EXPLANATION = 400;

/** What ends an evaluation without a verdict; the message is a sentence for a person. */
export class SpfStop extends Error {
  readonly result: 'temperror' | 'permerror';
  constructor(result: 'temperror' | 'permerror', message: string) {
    super(message);
    this.result = result;
  }
}

export interface Verdict {
  result: Qualifier;
  mechanism?: string;
  /** `exp=` of the record that decided, and the domain of that record. */
  explanationSpec?: { spec: MacroString; domain: string };
}

export interface SpfInputs {
  address: IpAddress;
  /** Local part of the sender. */
  local: string;
  senderDomain: string;
  helo: string;
  receiver: string;
}

const P: ReadonlySet<MacroLetter> = new Set(['p']);
const LOCAL: ReadonlySet<MacroLetter> = new Set(['s', 'l']);

export class Evaluation {
  /** Terms evaluated so far that need DNS. */
  terms = 0;
  #void = 0;
  readonly #inputs: SpfInputs;
  readonly #lookups: Lookups;
  #claimed: Promise<string[]> | undefined;
  /** By name: whether it has the client's address. */
  readonly #validated = new Map<string, boolean>();

  constructor(inputs: SpfInputs, lookups: Lookups) {
    this.#inputs = inputs;
    this.#lookups = lookups;
  }

  /**
   * Undefined: the domain has no record.
   * @throws SpfStop
   */
  async checkHost(domain: string): Promise<Verdict | undefined> {
    const texts = selectRecords(await this.#found(domain, this.#lookups.txt(domain)));
    if (texts.length === 0) return undefined;
    // RFC 7208 §4.5
    if (texts.length > 1) throw permanent(`${domain} has ${texts.length} SPF records; there must be one.`);
    const record = parseRecord(texts[0]!);
    if ('problem' in record) throw permanent(`The SPF record of ${domain} is not valid: ${record.problem}.`);
    for (const mechanism of record.mechanisms) {
      if (await this.#matches(mechanism, domain)) {
        const spec = record.explanation;
        return {
          result: mechanism.qualifier,
          mechanism: mechanism.text,
          ...(spec ? { explanationSpec: { spec, domain } } : {}),
        };
      }
    }
    // RFC 7208 §4.7
    return record.redirect ? this.#redirect(record.redirect, domain) : { result: 'neutral' };
  }

  /** What the domain says about its `fail` (RFC 7208 §6.2); undefined where it says nothing that can be used. */
  async explain({ explanationSpec }: Verdict): Promise<string | undefined> {
    if (!explanationSpec) return undefined;
    const { spec, domain } = explanationSpec;
    try {
      const name = await this.#target(spec, domain);
      const texts = name === undefined ? [] : await this.#lookups.txt(name);
      const text = texts.length === 1 ? texts[0]! : '';
      const segments = /^[\x20-\x7e]+$/.test(text) ? parseMacroString(text) : undefined;
      if (!segments) return undefined;
      const values = await this.#values(segments, domain);
      // what macros stand for may be anything that a client said
      return expandText(segments, values, LONGEST_EXPLANATION).replace(/[^\x20-\x7e]/g, '?');
    } catch (error) {
      // the verdict stands without its explanation
      if (error instanceof ResolveError || error instanceof SpfStop) return undefined;
      throw error;
    }
  }

  async #redirect(spec: MacroString, domain: string): Promise<Verdict> {
    this.#count();
    const target = await this.#target(spec, domain);
    const verdict = target === undefined ? undefined : await this.checkHost(target);
    // RFC 7208 §6.1
    if (!verdict) throw permanent(`${domain} redirects to ${target ?? 'no name'}, which has no SPF record.`);
    return verdict;
  }

  async #matches(mechanism: Mechanism, domain: string): Promise<boolean> {
    const { address } = this.#inputs;
    if (mechanism.kind === 'all') return true;
    if (mechanism.kind === 'ip') return sameNetwork(address, mechanism.network, mechanism.bits);
    this.#count();
    const target = mechanism.target ? await this.#target(mechanism.target, domain) : domain;
    // RFC 8616 §4: a local part that is not ASCII is no label that could have been meant
    if (target === undefined) return false;
    switch (mechanism.kind) {
      case 'include': {
        const verdict = await this.checkHost(target);
        if (!verdict) throw permanent(`${domain} includes ${target}, which has no SPF record.`);
        return verdict.result === 'pass';
      }
      case 'exists':
        // RFC 7208 §5.7: A, whatever the client's family
        return this.#nonVoid(await this.#found(target, this.#lookups.a(target))).length > 0;
      case 'a': {
        const found = this.#nonVoid(await this.#addresses(target));
        return found.some((text) => this.#within(text, mechanism));
      }
      case 'mx':
        return this.#matchesMx(target, mechanism);
      case 'ptr':
        return this.#matchesPtr(target);
    }
  }

  async #matchesMx(target: string, mechanism: Extract<Mechanism, { kind: 'a' | 'mx' }>): Promise<boolean> {
    const hosts = this.#nonVoid(await this.#found(target, this.#lookups.mx(target)));
    // RFC 7208 §4.6.4
    if (hosts.length > MOST_NAMES) {
      throw permanent(`${target} has ${hosts.length} MX records; SPF allows ${MOST_NAMES}.`);
    }
    for (const { exchange } of hosts) {
      // RFC 7505: a null MX
      if (exchange === '' || exchange === '.') continue;
      const found = await this.#addresses(exchange);
      if (found.some((text) => this.#within(text, mechanism))) return true;
    }
    return false;
  }

  async #matchesPtr(target: string): Promise<boolean> {
    const claimed = this.#nonVoid(await this.#claimedNames());
    const wanted = claimed.filter((name) => isWithin(name, target));
    return (await this.#firstValidated(wanted)) !== undefined;
  }

  #within(text: string, { cidr }: Extract<Mechanism, { kind: 'a' | 'mx' }>): boolean {
    const { address } = this.#inputs;
    const found = parseAddress(text);
    return found !== undefined && sameNetwork(address, found, address.family === 4 ? cidr.v4 : cidr.v6);
  }

  #addresses(name: string): Promise<string[]> {
    return this.#found(name, this.#query(name));
  }

  #query(name: string): Promise<string[]> {
    return this.#inputs.address.family === 4 ? this.#lookups.a(name) : this.#lookups.aaaa(name);
  }

  /** RFC 7208 §5: what does not exist is an answer without records; what nobody can tell ends the evaluation. */
  async #found<T>(name: string, answer: Promise<T[]>): Promise<T[]> {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof ResolveError)) throw error;
      if (error.failure !== 'temporary') return [];
      throw unanswered(name, error);
    }
  }

  #count(): void {
    if (++this.terms > MOST_TERMS) {
      throw permanent(`The SPF records need more than ${MOST_TERMS} terms with DNS queries.`);
    }
  }

  /** Counts a term that found nothing; its own question counts, those for the names of MX and PTR do not. */
  #nonVoid<T>(answer: T[]): T[] {
    if (answer.length === 0 && ++this.#void > MOST_VOID) {
      throw permanent(`More than ${MOST_VOID} terms of the SPF records name what does not exist.`);
    }
    return answer;
  }

  /** The name that a domain-spec stands for here; undefined when it can not be a name in DNS by RFC 8616 §4. */
  async #target(spec: MacroString, domain: string): Promise<string | undefined> {
    if (/[^\0-\x7f]/.test(this.#inputs.local) && usesAny(spec, LOCAL)) return undefined;
    return expandName(spec, await this.#values(spec, domain));
  }

  async #values(segments: MacroString, domain: string): Promise<MacroValues> {
    const { address, local, senderDomain, helo, receiver } = this.#inputs;
    const validated = usesAny(segments, P) ? await this.#validatedName(domain) : '';
    return {
      s: `${local}@${senderDomain}`,
      l: local,
      o: senderDomain,
      d: domain,
      // of no case in DNS; upper case is what receivers have always shown
      i: addressLabels(address).join('.').toUpperCase(),
      p: validated,
      v: address.family === 4 ? 'in-addr' : 'ip6',
      h: helo,
      c: addressText(address),
      r: receiver,
      t: String(Math.floor(this.#lookups.clock.now() / 1000)),
    };
  }

  /** RFC 7208 §7.3: the domain itself before its subdomains, these before any other. */
  async #validatedName(domain: string): Promise<string> {
    const claimed = await this.#claimedNames();
    const rank = (name: string): number =>
      isWithin(name, domain) ? (name.length > domain.length ? 1 : 0) : 2;
    const ordered = claimed.toSorted((a, b) => rank(a) - rank(b));
    return (await this.#firstValidated(ordered)) ?? 'unknown';
  }

  /** Names that PTR records claim, ten at most; no names when nobody can tell (RFC 7208 §5.5). */
  #claimedNames(): Promise<string[]> {
    this.#claimed ??= this.#lookups.ptr(addressText(this.#inputs.address)).then(
      (names) => names.slice(0, MOST_NAMES).map((name) => name.toLowerCase().replace(/\.$/, '')),
      (error: unknown) => skipped(error, []),
    );
    return this.#claimed;
  }

  /** The first of these names that has the client's address. */
  async #firstValidated(names: string[]): Promise<string | undefined> {
    for (const name of names) {
      const known = this.#validated.get(name) ?? (await this.#validate(name));
      this.#validated.set(name, known);
      if (known) return name;
    }
    return undefined;
  }

  async #validate(name: string): Promise<boolean> {
    const found = await this.#query(name).catch((error: unknown) => skipped(error, []));
    return found.some((text) => this.#isClient(text));
  }

  #isClient(text: string): boolean {
    const found = parseAddress(text);
    return found !== undefined && sameNetwork(found, this.#inputs.address, 8 * found.octets.length);
  }
}

/** RFC 7208 §5.5: a failed query for PTR, or for a name out of it, is passed over; the end of the budget is not. */
function skipped<T>(error: unknown, instead: T): T {
  if (error instanceof LookupLimitError) throw unanswered('the names of the client', error);
  if (error instanceof ResolveError) return instead;
  throw error;
}

function isWithin(name: string, domain: string): boolean {
  const parent = domain.toLowerCase();
  return name === parent || name.endsWith(`.${parent}`);
}

function permanent(message: string): SpfStop {
  return new SpfStop('permerror', message);
}

function unanswered(name: string, error: ResolveError): SpfStop {
  return new SpfStop(
    'temperror',
    error instanceof LookupLimitError
      ? `The check needs more of DNS than one message may cost (${error.limit}), at ${name}.`
      : `DNS gave no answer for ${name}.`,
  );
}

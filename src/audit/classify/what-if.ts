import type { Tenant } from '../../edge/tenant.ts';
import type { Fact } from '../facts/fact.ts';
import { belongingOf, domainOf } from '../facts/own-domains.ts';
import { decideOn, type Organisation } from './decision.ts';

/** What switching the rule on would do to the mail of one accepted domain. */
export interface DomainEffect {
  domain: string;
  /** Messages that would be refused, as proven. */
  refused: number;
  /** Messages that may be refused: the evidence lacks something. */
  perhaps: number;
  /** More that would be refused if subdomains of this domain matched (`MatchSubDomains`). */
  withSubdomains: number;
  /** Mail that shows the domain in From and that the rule lets in all the same: its envelope is of others. */
  untouched: number;
}

/** Adds up, domain by domain, what the rule would do; a table of counts, whatever the number of messages. */
export class WhatIf {
  readonly #organisation: Organisation;
  readonly #matching: Organisation;
  readonly #effects = new Map<string, DomainEffect>();

  constructor(organisation: Organisation) {
    this.#organisation = organisation;
    this.#matching = { ...organisation, tenant: withSubdomains(organisation.tenant) };
    for (const { name } of organisation.tenant.domains)
      this.#effects.set(name, { domain: name, refused: 0, perhaps: 0, withSubdomains: 0, untouched: 0 });
  }

  /** @param decision on the fact, where it was made already; @param times how many there are of its manner */
  add(fact: Fact, decision = decideOn(fact, this.#organisation), times = 1): void {
    const { told } = fact;
    const count = (told.count ?? 1) * times;
    const { tenant } = this.#organisation;
    const { outcome } = decision;
    const sender = told.p1 || told.sender || told.p2;
    if (outcome !== 'not') {
      const effect = this.#of(tenant, sender ?? told.recipient);
      if (effect) effect[outcome === 'direct-send' ? 'refused' : 'perhaps'] += count;
      return;
    }
    if (belongingOf(tenant, sender) === 'subdomain' && decideOn(fact, this.#matching).outcome !== 'not') {
      const effect = this.#of(this.#matching.tenant, sender);
      if (effect) effect.withSubdomains += count;
    }
    const anonymous = told.connector === undefined || told.connector === 'none';
    const author = told.p2 ?? told.sender;
    if (anonymous && told.p1 !== undefined && author && belongingOf(tenant, author) === 'own') {
      const effect = this.#of(tenant, author);
      if (effect) effect.untouched += count;
    }
  }

  get effects(): DomainEffect[] {
    return [...this.#effects.values()];
  }

  #of(tenant: Tenant, address: string | undefined): DomainEffect | undefined {
    if (!address) return undefined;
    const domain = domainOf(address);
    const names = tenant.domains
      .map(({ name }) => name)
      .filter((name) => domain === name || domain.endsWith(`.${name}`));
    const longest = names.sort((a, b) => b.length - a.length)[0];
    return longest === undefined ? undefined : this.#effects.get(longest);
  }
}

function withSubdomains(tenant: Tenant): Tenant {
  return { ...tenant, domains: tenant.domains.map((domain) => ({ ...domain, matchSubDomains: true })) };
}

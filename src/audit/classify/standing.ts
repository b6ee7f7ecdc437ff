import type { Suspicion } from '../campaigns/campaigns.ts';
import type { Fact } from '../facts/fact.ts';
import { domainOf } from '../facts/own-domains.ts';
import { ABUSE, type AbuseScore, abuseOf, isExcused } from './abuse.ts';
import { type Decision, decideOn, type Organisation } from './decision.ts';
import type { Message } from './ledger.ts';
import type { Manner } from './manner.ts';
import type { Places } from './places.ts';
import type { About } from './profile.ts';
import type { Traits } from './traits.ts';

/** What follows from a message, and from all of its manner, once it is known who sends from where. */
export interface Judged {
  traits: Traits;
  decision: Decision;
  abuse: AbuseScore;
}

export interface Verdict extends Judged {
  /** Of being part of a campaign. */
  suspicion: Suspicion | undefined;
  /** Says too little to make a campaign, but may be part of one. */
  mayBelong: boolean;
}

/** Judges by manner: once for all messages that are alike. */
export class Standings {
  readonly #organisation: Organisation;
  readonly #places: Places;
  readonly #approved: ((sender: string) => boolean) | undefined;
  readonly #known: Standing[] = [];

  /** @param places everything that came before; @param approved whether an administrator has approved a sender */
  constructor(
    organisation: Organisation,
    places: Places,
    approved: ((sender: string) => boolean) | undefined,
  ) {
    this.#organisation = organisation;
    this.#places = places;
    this.#approved = approved;
  }

  of(manner: Manner): Standing {
    const { number } = manner;
    const known = number === undefined ? undefined : this.#known[number];
    if (known) return known;
    const standing = new Standing(manner, this.#organisation, this.#places);
    if (number !== undefined) this.#known[number] = standing;
    return standing;
  }

  verdict(message: Message, standing: Standing): Verdict {
    return standing.verdict(this.#approved?.(standing.key(message)) ?? false);
  }
}

/** How messages of one manner stand. */
export class Standing {
  readonly manner: Manner;
  readonly about: Omit<About, 'sentBefore'>;
  readonly #places: Places;
  readonly #traits: Traits;
  readonly #verdicts: (Verdict | undefined)[] = [];
  /** Of the sender; undefined where the author has a say in it. */
  readonly #key: string | undefined;

  constructor(manner: Manner, organisation: Organisation, places: Places) {
    const { fact } = manner;
    const { told } = fact;
    this.manner = manner;
    this.#places = places;
    this.#traits = placed(manner, places);
    this.#key = places.tellsAuthorsApart(this.#traits) ? undefined : keyOf(fact, this.#traits, places);
    const connector = places.usualConnector(told);
    const sender = told.p1 || told.sender || told.p2;
    this.about = {
      decision: decideOn(fact, organisation, {
        ...(connector !== undefined && { connector }),
        foreignEnvelope: places.usesForeignEnvelope(told),
      }),
      unmarked: places.isUnmarked(told),
      ...(sender && { domain: domainOf(sender) }),
    };
  }

  /** Of the sender that a message of this manner belongs to, where it is no part of a campaign. */
  key(message: Message): string {
    return this.#key ?? keyOf(message.fact, this.#traits, this.#places);
  }

  /** @param approved whether its sender is */
  verdict(approved: boolean): Verdict {
    const known = this.#verdicts[Number(approved)];
    if (known) return known;
    const { fact } = this.manner;
    const traits = this.#traits;
    const places = this.#places;
    const abuse = abuseOf(fact, traits, { places, approved });
    const verdict: Verdict = {
      traits,
      decision: this.about.decision,
      abuse,
      suspicion: suspicionOf(fact, traits, abuse, places),
      mayBelong: mayBelong(fact, traits, abuse, places),
    };
    this.#verdicts[Number(approved)] = verdict;
    return verdict;
  }
}

/** A message whose own words name no service, from a network that is one's; or whose address comes by a connector. */
function placed({ fact, traits: alone }: Manner, places: Places): Traits {
  const connected =
    alone.anonymous && (places.usualConnector(fact.told) !== undefined || places.isUnmarked(fact.told));
  const traits = connected ? { ...alone, anonymous: false } : alone;
  if (traits.service || fact.told.helo) return traits;
  const service = places.of(traits)?.service;
  return service ? { ...traits, service } : traits;
}

/**
 * Stable from run to run: the service by name, or network and HELO pattern; and the way its mail takes, because one
 * network may forward, answer meetings and send by itself.
 */
function keyOf({ told }: Fact, traits: Traits, places: Places): string {
  const flow = places.flow(told, traits) ?? (traits.p2 === 'own' ? 'own' : 'other');
  return `${identityOf(told, traits, places)}|${flow}`;
}

function identityOf(told: Fact['told'], traits: Traits, places: Places): string {
  if (traits.service) return `service ${traits.service.name}`;
  if (traits.place === '') {
    if (told.connector !== undefined && told.connector !== 'none' && told.connector !== 'internal-relay')
      return `connector ${told.connector.name ?? told.connector.type ?? 'unnamed'}`;
    return `sender ${told.p1 || told.sender || told.p2 || 'unknown'}`;
  }
  return `${traits.place} ${places.helo(told, traits)}`.trim();
}

/**
 * What may be part of a campaign: to oneself or with many signs, from no network that is known for weeks. Few signs are
 * enough for a weak suspicion where the network was hardly seen on another day; where it was, there has to be one that honest
 * devices do not show.
 */
function suspicionOf(
  fact: Fact,
  traits: Traits,
  { score, isTelling }: AbuseScore,
  places: Places,
): Suspicion | undefined {
  if (fact.told.count !== undefined || !traits.anonymous) return undefined;
  if (isExcused(traits) || places.isEstablished(traits)) return undefined;
  if (isKnownService(traits, places)) return undefined;
  const isNew = places.isNew(traits);
  if (!isNew && !isTelling) return undefined;
  const { dmarc, compauth } = fact.told;
  // newness and a lure alone are also what a simulated attack shows, until its host has said its name
  const isEvident = traits.self || fact.told.helo !== undefined || dmarc === 'fail' || compauth === 'fail';
  if (!isEvident) return undefined;
  // an attack strikes once; who comes back to people who are not written to in their own name, and has no name, may be ordered
  if (!traits.self && fact.told.helo === undefined && places.comesBack(traits)) return undefined;
  if (score >= ABUSE - 1 || (traits.self && score >= 3)) return 'strong';
  return score >= 2 && isNew ? 'weak' : undefined;
}

/** What says too little to make a campaign, but may be part of one that others have shown at its place. */
function mayBelong({ told }: Fact, traits: Traits, { score }: AbuseScore, places: Places): boolean {
  if (told.count !== undefined || !traits.anonymous || score < 2) return false;
  return !isExcused(traits) && traits.service === undefined && places.isNew(traits);
}

/** A service that is one, as far as can be told: not one who has come just now and writes to people in their own name. */
function isKnownService(traits: Traits, places: Places): boolean {
  const { doubtful, self, service } = traits;
  if (!service || service.kind === 'cloud' || doubtful) return false;
  return !self || service.kind === 'awareness' || !places.isNew(traits);
}

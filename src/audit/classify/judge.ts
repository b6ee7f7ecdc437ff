import type { Fact } from '../facts/fact.ts';
import { domainOf } from '../facts/own-domains.ts';
import { placeOf } from '../facts/public-address.ts';
import { type Campaign, CampaignSearch, type Suspicion } from '../campaigns/campaigns.ts';
import { ABUSE, type AbuseScore, abuseOf, isHiddenByAllowList } from './abuse.ts';
import { type Classification, type ClassContext, classify, type SenderClass } from './class-rules.ts';
import { type Decision, decideOn, type Organisation } from './decision.ts';
import { Places } from './places.ts';
import { Profile } from './profile.ts';
import { type Traits, traitsOf } from './traits.ts';

const DAY = 86_400_000;
/** Of one network in the sample of others' mail, below which its share says nothing. */
const FEWEST_SAMPLES = 5;
/** Message-IDs that are looked up at a time. */
const MOST_IDS = 50_000;

/** Where facts come from; scanned three times, always in the same order. */
export interface FactSource {
  scan(): AsyncIterable<Fact>;
  /** Which of these Message-IDs the organisation itself had sent before. */
  sentBefore(ids: Iterable<string>): Promise<ReadonlySet<string>>;
  /** Addresses that mail of others comes from, with their shares in a sample. */
  foreignSamples(): Promise<ReadonlyMap<string, number>>;
}

export interface JudgedSender {
  profile: Profile;
  classification: Classification;
}

export interface Judgement {
  senders: JudgedSender[];
  campaigns: Campaign[];
  /** Suspect messages beyond what a search for campaigns holds; not zero: some campaigns may be told too small. */
  suspectsLeftOut: number;
  places: Places;
  /** Key of the sender that a fact belongs to, as the run just ended has grouped them. */
  senderOf(fact: Fact): string;
  /** The first and last moment of the evidence. */
  first: number;
  last: number;
}

/** What the caller looks at in each message on the way; nothing is kept of it here. */
export type Witness = (
  fact: Fact,
  traits: Traits,
  decision: Decision,
  abuse: AbuseScore,
  sender: string,
) => void;

/**
 * Judges all facts. First who sends from where and since when, then which messages look like abuse and form campaigns,
 * then who the senders are. Memory grows with senders and suspects, not with messages.
 */
export async function judge(
  source: FactSource,
  organisation: Organisation,
  { approved, witness }: { approved?: (sender: string) => boolean; witness?: Witness } = {},
): Promise<Judgement> {
  const places = new Places();
  const ids = new Set<string>();
  const sent = new Set<string>();
  const lookUp = async () => {
    for (const id of await source.sentBefore(ids)) sent.add(id);
    ids.clear();
  };
  for await (const fact of source.scan()) {
    const traits = traitsOf(fact, organisation);
    places.add(fact, traits);
    if (traits.anonymous && fact.told.messageId) ids.add(fact.told.messageId);
    if (ids.size >= MOST_IDS) await lookUp();
  }
  await lookUp();

  const gateways = gatewaysOf(await source.foreignSamples());
  const search = new CampaignSearch();
  for await (const fact of source.scan()) {
    const traits = placedTraits(fact, organisation, places);
    const abuse = abuseOf(fact, traits, {
      places,
      approved: approved?.(keyOf(fact, traits, places)) ?? false,
    });
    const suspicion = suspicionOf(fact, traits, abuse, places);
    if (suspicion && !sent.has(fact.told.messageId ?? '')) search.add(fact, traits, suspicion);
  }
  const campaigns = search.find();

  const profiles = new Map<string, Profile>();
  // what reports count are the same messages from afar: it describes only who is not known more closely
  const reported = new Map<string, Profile>();
  const grouped = (fact: Fact, traits: Traits, abuse: AbuseScore): { key: string; campaign?: Campaign } => {
    const isSuspect =
      suspicionOf(fact, traits, abuse, places) !== undefined && !sent.has(fact.told.messageId ?? '');
    const campaign = isSuspect
      ? search.of(fact, traits)
      : mayBelong(fact, traits, abuse, places) && !sent.has(fact.told.messageId ?? '')
        ? search.at(fact, traits)
        : undefined;
    if (campaign) return { key: `campaign ${campaign.id}`, campaign };
    return { key: keyOf(fact, traits, places) };
  };
  for await (const fact of source.scan()) {
    const traits = placedTraits(fact, organisation, places);
    const abuse = abuseOf(fact, traits, {
      places,
      approved: approved?.(keyOf(fact, traits, places)) ?? false,
    });
    const { key, campaign } = grouped(fact, traits, abuse);
    const connector = places.usualConnector(fact.told);
    const decision = decideOn(fact, organisation, {
      ...(connector !== undefined && { connector }),
      foreignEnvelope: places.usesForeignEnvelope(fact.told),
    });
    const known = fact.told.count === undefined ? profiles : reported;
    let profile = known.get(key);
    if (!profile) known.set(key, (profile = new Profile(key)));
    const sender = fact.told.p1 || fact.told.sender || fact.told.p2;
    profile.add(fact, traits, {
      decision,
      sentBefore: sent.has(fact.told.messageId ?? ''),
      unmarked: places.isUnmarked(fact.told),
      ...(sender && { domain: domainOf(sender) }),
    });
    if (campaign) profile.campaigns.add(campaign.id);
    if (abuse.score >= ABUSE && !sent.has(fact.told.messageId ?? '')) {
      profile.abusive += fact.told.count ?? 1;
      for (const reason of abuse.reasons) profile.abuseReasons.add(reason);
      if (isHiddenByAllowList(fact.told)) profile.hiddenAbuse++;
    }
    witness?.(fact, traits, decision, abuse, key);
  }
  for (const [key, profile] of reported) {
    const closer = profiles.get(key);
    if (closer) closer.absorb(profile);
    else profiles.set(key, profile);
  }
  const span = places.last > places.first ? (places.last - places.first) / DAY : 0;
  const own = organisation.tenant.domains.map(({ name }) => name);
  const context: ClassContext = { gateways, connected: places.connected, own, span };
  return {
    senders: likeNeighbours(
      [...profiles.values()].map((profile) => ({ profile, classification: classify(profile, context) })),
    ),
    campaigns,
    suspectsLeftOut: search.leftOut,
    places,
    senderOf(fact) {
      const traits = placedTraits(fact, organisation, places);
      const abuse = abuseOf(fact, traits, {
        places,
        approved: approved?.(keyOf(fact, traits, places)) ?? false,
      });
      return grouped(fact, traits, abuse).key;
    },
    first: places.first,
    last: places.last,
  };
}

/** A message whose own words name no service, from a network that is one's; or whose address comes by a connector. */
function placedTraits(fact: Fact, organisation: Organisation, places: Places): Traits {
  const alone = traitsOf(fact, organisation);
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
 * enough for a weak suspicion where the network was never seen on another day.
 */
function suspicionOf(
  fact: Fact,
  traits: Traits,
  { score }: AbuseScore,
  places: Places,
): Suspicion | undefined {
  if (fact.told.count !== undefined || !traits.anonymous) return undefined;
  if (traits.notice || traits.calendar || traits.list || places.isEstablished(traits)) return undefined;
  if (isKnownService(traits, places)) return undefined;
  const { dmarc, compauth } = fact.told;
  // newness and a lure alone are also what a simulated attack shows, until its host has said its name
  const isEvident = traits.self || fact.told.helo !== undefined || dmarc === 'fail' || compauth === 'fail';
  if (!isEvident) return undefined;
  if (score >= ABUSE - 1 || (traits.self && score >= 3)) return 'strong';
  return score >= 2 && (places.of(traits)?.days.size ?? 9) <= 2 ? 'weak' : undefined;
}

/** Who shows nothing but a network is what all others are who come from it in the same way. */
function likeNeighbours(senders: readonly JudgedSender[]): JudgedSender[] {
  const byPlace = new Map<string, Set<SenderClass>>();
  for (const { profile, classification } of senders) {
    if (classification.class === 'unknown' || classification.class === 'attack') continue;
    for (const place of profile.places.top(5)) {
      const key = `${place} ${flowOf(profile)}`;
      byPlace.set(key, (byPlace.get(key) ?? new Set()).add(classification.class));
    }
  }
  return senders.map((sender) => {
    const { profile, classification } = sender;
    const [place, ...more] = profile.places.top(2);
    if (classification.class !== 'unknown' || place === undefined || more.length > 0) return sender;
    const [only, ...others] = byPlace.get(`${place} ${flowOf(profile)}`) ?? [];
    if (only === undefined || others.length > 0) return sender;
    const reasons = ['all others of its network who send in the same way are'];
    return { profile, classification: { ...classification, class: only, confidence: 0.3, reasons } };
  });
}

function flowOf({ key }: Profile): string {
  return key.slice(key.lastIndexOf('|') + 1);
}

/** What says too little to make a campaign, but may be part of one that others have shown at its place. */
function mayBelong({ told }: Fact, traits: Traits, { score }: AbuseScore, places: Places): boolean {
  if (told.count !== undefined || !traits.anonymous || score < 2) return false;
  if (traits.notice || traits.calendar || traits.list || traits.service) return false;
  return (places.of(traits)?.days.size ?? 9) <= 2;
}

/** A service that is one, as far as can be told: not one who has come just now and writes to people in their own name. */
function isKnownService(traits: Traits, places: Places): boolean {
  const { doubtful, self, service } = traits;
  if (!service || service.kind === 'cloud' || doubtful) return false;
  return !self || service.kind === 'awareness' || (places.of(traits)?.days.size ?? 9) > 2;
}

/** Networks that a third or more of the mail of others comes from: what stands in front of the service. */
function gatewaysOf(samples: ReadonlyMap<string, number>): ReadonlySet<string> {
  const byPlace = new Map<string, number>();
  let total = 0;
  for (const [address, count] of samples) {
    const place = placeOf(address);
    byPlace.set(place, (byPlace.get(place) ?? 0) + count);
    total += count;
  }
  return new Set(
    [...byPlace]
      .filter(([, count]) => count >= FEWEST_SAMPLES && count / total > 0.3)
      .map(([place]) => place),
  );
}

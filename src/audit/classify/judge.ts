import { hashOf } from '../facts/hash.ts';
import { placeOf } from '../facts/public-address.ts';
import { type Campaign, CampaignSearch } from '../campaigns/campaigns.ts';
import { ABUSE, isHiddenByAllowList } from './abuse.ts';
import { type Classification, type ClassContext, classify, type SenderClass } from './class-rules.ts';
import type { Organisation } from './decision.ts';
import { type FactScan, Ledger, type Message } from './ledger.ts';
import { Places } from './places.ts';
import { Profile } from './profile.ts';
import { type Judged, type Standing, Standings, type Verdict } from './standing.ts';

const DAY = 86_400_000;
/** Of one network in the sample of others' mail, below which its share says nothing. */
const FEWEST_SAMPLES = 5;
/** Message-IDs that are looked up at a time. */
const MOST_IDS = 262_144;

/** Where facts come from. */
export interface FactSource extends FactScan {
  /** Which messages the organisation itself had sent before. @param messages hashes of their Message-IDs */
  sentBefore(messages: Float64Array): Promise<ReadonlySet<number>>;
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
  /** The first and last moment of the evidence. */
  first: number;
  last: number;
}

/**
 * What the caller looks at in each message on the way; nothing is kept of it here. Messages of one manner that are judged alike
 * come with the same `judged`.
 */
export type Witness = (message: Message, judged: Judged, sender: string) => void;

export interface JudgeOptions {
  approved?: (sender: string) => boolean;
  witness?: Witness;
  /** Looked at now and then: it ends the judging. */
  signal?: AbortSignal;
}

/**
 * Judges all facts. First who sends from where and since when, then which messages look like abuse and form campaigns,
 * then who the senders are. Memory grows with senders and suspects; what is remembered of messages is bounded.
 */
export async function judge(
  source: FactSource,
  organisation: Organisation,
  { approved, witness, signal }: JudgeOptions = {},
): Promise<Judgement> {
  const places = new Places();
  const sent = new SentBefore(source);
  const ledger = await Ledger.read(
    source,
    organisation,
    ({ manner, fact }) => {
      places.add(fact, manner.traits);
      return manner.traits.anonymous ? sent.ask(fact.told.messageId) : undefined;
    },
    signal,
  );
  await sent.answered();

  const standings = new Standings(organisation, places, approved);
  const search = new CampaignSearch();
  for await (const block of ledger.blocks()) {
    for (const message of block) {
      const { traits, suspicion } = standings.verdict(message, standings.of(message.manner));
      if (suspicion && !sent.has(message)) search.add(message.fact, traits, suspicion);
    }
  }
  const campaigns = search.find();

  const senders = new Senders();
  for await (const block of ledger.blocks()) {
    for (const message of block) {
      const standing = standings.of(message.manner);
      const verdict = standings.verdict(message, standing);
      const sentBefore = sent.has(message);
      const campaign = sentBefore ? undefined : campaignOf(message, verdict, search);
      const key = campaign ? `campaign ${campaign.id}` : standing.key(message);
      const profile = senders.add(key, message, standing, verdict, sentBefore);
      if (campaign) profile.campaigns.add(campaign.id);
      if (verdict.abuse.score >= ABUSE && !sentBefore) {
        profile.abusive += message.manner.fact.told.count ?? 1;
        for (const reason of verdict.abuse.reasons) profile.abuseReasons.add(reason);
        if (isHiddenByAllowList(message.manner.fact.told)) profile.hiddenAbuse++;
      }
      witness?.(message, verdict, key);
    }
  }
  const span = places.last > places.first ? (places.last - places.first) / DAY : 0;
  const own = organisation.tenant.domains.map(({ name }) => name);
  const gateways = gatewaysOf(await source.foreignSamples());
  const context: ClassContext = { gateways, connected: places.connected, own, span };
  return {
    senders: likeNeighbours(
      senders.profiles().map((profile) => ({ profile, classification: classify(profile, context) })),
    ),
    campaigns,
    suspectsLeftOut: search.leftOut,
    places,
    first: places.first,
    last: places.last,
  };
}

function campaignOf(message: Message, verdict: Verdict, search: CampaignSearch): Campaign | undefined {
  if (verdict.suspicion !== undefined) return search.of(message.fact, verdict.traits);
  return verdict.mayBelong ? search.at(message.fact, verdict.traits) : undefined;
}

/** Messages that the organisation itself had sent before. */
class SentBefore {
  readonly #source: FactSource;
  readonly #wanted = new Float64Array(MOST_IDS);
  #asked = 0;
  readonly #found = new Set<number>();

  constructor(source: FactSource) {
    this.#source = source;
  }

  /** @returns a promise where it has to be waited for */
  ask(messageId: string | undefined): Promise<void> | undefined {
    if (!messageId) return undefined;
    this.#wanted[this.#asked++] = hashOf(messageId);
    return this.#asked === MOST_IDS ? this.answered() : undefined;
  }

  async answered(): Promise<void> {
    if (this.#asked === 0) return;
    for (const hash of await this.#source.sentBefore(this.#wanted.subarray(0, this.#asked)))
      this.#found.add(hash);
    this.#asked = 0;
  }

  has(message: Message): boolean {
    if (this.#found.size === 0) return false;
    const { messageId } = message.fact.told;
    return messageId ? this.#found.has(hashOf(messageId)) : false;
  }
}

/** Profiles of senders in the making. */
class Senders {
  readonly #profiles = new Map<string, Profile>();
  /** What reports count are the same messages from afar: it describes only who is not known more closely. */
  readonly #reported = new Map<string, Profile>();
  /** Messages of one manner and sender, of which the first is in the profile with all that it tells. */
  readonly #alike = new Map<Standing, Map<string, { profile: Profile; verdict: Verdict; more: number }>>();

  add(key: string, message: Message, standing: Standing, verdict: Verdict, sentBefore: boolean): Profile {
    const { about, manner } = standing;
    let alike = this.#alike.get(standing);
    const known = alike?.get(key);
    if (known) {
      known.more++;
      known.profile.addOwn(message.fact, { sentBefore });
      return known.profile;
    }
    const profile = this.#of(key, manner.fact.told.count === undefined ? this.#profiles : this.#reported);
    profile.add(message.fact, verdict.traits, { ...about, sentBefore });
    if (manner.number !== undefined) {
      if (!alike) this.#alike.set(standing, (alike = new Map()));
      alike.set(key, { profile, verdict, more: 0 });
    }
    return profile;
  }

  /** Call once, after all messages. */
  profiles(): Profile[] {
    for (const [{ about, manner }, alike] of this.#alike)
      for (const { profile, verdict, more } of alike.values())
        if (more > 0) profile.addAlike(manner.fact, verdict.traits, about, more);
    for (const [key, profile] of this.#reported) {
      const closer = this.#profiles.get(key);
      if (closer) closer.absorb(profile);
      else this.#profiles.set(key, profile);
    }
    return [...this.#profiles.values()];
  }

  #of(key: string, profiles: Map<string, Profile>): Profile {
    let profile = profiles.get(key);
    if (!profile) profiles.set(key, (profile = new Profile(key)));
    return profile;
  }
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

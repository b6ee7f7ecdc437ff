import { isWithin } from '../../edge/connector.ts';
import { hasVendorName, isLocalName, isNameOfLine } from './host-names.ts';
import { doubtsOf, type Lack } from './doubts.ts';
import type { Profile } from './profile.ts';

/** What a sender is. */
export const SENDER_CLASSES = [
  'service',
  'service-own-path',
  'reinjection',
  'forwarding',
  'mailing-list',
  'calendar',
  'hybrid',
  'internal-relay',
  'in-service',
  'cloud',
  'awareness',
  'own-gateway',
  'device',
  'attack',
  'partner-connector',
  'unknown',
] as const;

export type SenderClass = (typeof SENDER_CLASSES)[number];

export interface ClassRule {
  class: SenderClass;
  points: number;
  reason: string;
  when(profile: Profile, context: ClassContext): boolean;
}

export interface ClassContext {
  /** Networks that most mail of others comes from. */
  gateways: ReadonlySet<string>;
  /** Networks that mail comes from by a connector, for a part at least. */
  connected: ReadonlySet<string>;
  /** The organisation's domains. */
  own: readonly string[];
  /** Days that the evidence spans. */
  span: number;
}

const most = (profile: Profile, count: number) => profile.share(count) > 0.5;
const ownEnvelope = (profile: Profile) => profile.belongs('p1', 'own') > 0.5;
/** Own in the envelope, or nobody told the envelope and the author is. */
const ownSender = (profile: Profile) =>
  ownEnvelope(profile) || (profile.belongs('p1', 'unknown') === 1 && profile.belongs('p2', 'own') > 0.5);
const isAnonymous = (profile: Profile) => most(profile, profile.anonymous);
/** By the connectors that are told; nobody may have told that of each message. */
const isOfOwnServers = (profile: Profile) =>
  profile.onPremises > 0 &&
  2 * profile.onPremises > profile.connectors.entries.reduce((sum, [, count]) => sum + count, 0);
const isPlain = (profile: Profile) =>
  isAnonymous(profile) &&
  !most(profile, profile.calendar) &&
  !most(profile, profile.list) &&
  !most(profile, profile.notice);

/** The signatures, as rules that add up; the class with most points is the sender's. */
export const CLASS_RULES: readonly ClassRule[] = [
  {
    class: 'hybrid',
    points: 8,
    reason: 'attributed to own servers by a connector',
    when: (p) => !isAnonymous(p) && isOfOwnServers(p),
  },
  {
    class: 'internal-relay',
    points: 8,
    reason: 'default connector without a client before the front door',
    when: (p) => most(p, p.internalRelay),
  },
  {
    class: 'partner-connector',
    points: 6,
    reason: 'a partner connector matches',
    when: (p) => !isAnonymous(p) && !isOfOwnServers(p) && !most(p, p.internalRelay),
  },
  {
    class: 'in-service',
    points: 7,
    reason: 'null sender, or an address of Microsoft',
    when: (p) => most(p, p.notice),
  },
  {
    class: 'in-service',
    points: 2,
    reason: 'no client: made inside of the service',
    when: (p) => most(p, p.notice) && p.places.size === 0,
  },
  {
    class: 'calendar',
    points: 7,
    reason: 'answers to meetings, over servers of others',
    when: (p) => most(p, p.calendar),
  },
  { class: 'mailing-list', points: 6, reason: 'has the marks of a list', when: (p) => most(p, p.list) },
  {
    class: 'mailing-list',
    points: 1,
    reason: "the envelope is the list's own",
    when: (p) => most(p, p.list) && p.belongs('p1', 'foreign') > 0.5,
  },
  {
    class: 'mailing-list',
    points: 7,
    reason: 'many own authors in the envelopes of one stranger',
    when: (p) =>
      isPlain(p) &&
      p.service === undefined &&
      p.belongs('p1', 'foreign') > 0.5 &&
      p.belongs('p2', 'own') > 0.5 &&
      p.addresses.size <= 5 &&
      p.authors.size >= Math.max(5, p.all / 5),
  },
  {
    class: 'awareness',
    points: 9,
    reason: 'a service for security awareness',
    when: (p) => isAnonymous(p) && p.service?.kind === 'awareness',
  },
  {
    class: 'reinjection',
    points: 6,
    reason: 'a service for signatures, DLP or encryption',
    when: (p) => isAnonymous(p) && p.service?.kind === 'reinjection',
  },
  {
    class: 'reinjection',
    points: 4,
    reason: 'mail that the organisation had sent comes back',
    when: (p) => isAnonymous(p) && p.service?.kind === 'reinjection' && p.share(p.sentBefore) > 0.2,
  },
  {
    class: 'reinjection',
    points: 8,
    reason: 'mail that the organisation had sent comes back from the network of a connector, beside it',
    when: (p, { connected }) =>
      isAnonymous(p) && p.share(p.sentBefore) > 0.2 && p.places.top(5).some((place) => connected.has(place)),
  },
  {
    class: 'own-gateway',
    points: 11,
    reason: 'most mail of others comes from the same network',
    when: (p, { gateways }) => isAnonymous(p) && p.places.top(5).some((place) => gateways.has(place)),
  },
  {
    class: 'own-gateway',
    points: 5,
    reason: 'a service that stands in front of Exchange Online',
    when: (p) => isAnonymous(p) && p.service?.kind === 'gateway',
  },
  {
    class: 'forwarding',
    points: 7,
    reason: 'the organisation had sent these messages before',
    when: (p) =>
      isPlain(p) && p.places.size > 0 && p.share(p.sentBefore) > 0.3 && p.service?.kind !== 'reinjection',
  },
  {
    class: 'forwarding',
    points: 6,
    reason: 'many own senders over hosts of others, that SPF does not know',
    when: (p, context) =>
      isPlain(p) &&
      ownSender(p) &&
      p.service === undefined &&
      hasVendorName(p, context) &&
      p.heloForms.among('name') > 0.5 &&
      p.share(p.device) < 0.3 &&
      p.authors.size >= 5 &&
      p.spf.among('fail', 'softfail') > 0.5,
  },
  {
    class: 'forwarding',
    points: 4,
    reason: 'hardly two messages of one author, signed by the organisation',
    when: (p, context) =>
      isPlain(p) &&
      ownEnvelope(p) &&
      p.service === undefined &&
      hasVendorName(p, context) &&
      signsItself(p) &&
      p.authors.size >= Math.max(5, p.all / 3),
  },
  {
    class: 'mailing-list',
    points: 6,
    reason: 'many own authors, and subjects that begin with the name of a list',
    when: (p) =>
      isPlain(p) &&
      p.belongs('p1', 'unknown') > 0.5 &&
      p.authors.size >= 5 &&
      p.addresses.size <= 5 &&
      bearTags(p),
  },
  {
    class: 'hybrid',
    points: 5,
    reason: 'mail of many own authors from one address, which no mailbox of the service had sent before',
    when: (p) =>
      isPlain(p) &&
      ownSender(p) &&
      most(p, p.connectorUntold) &&
      p.service === undefined &&
      p.addresses.size <= 2 &&
      p.authors.size >= Math.max(10, p.all / 5) &&
      p.self * 10 < p.all &&
      p.share(p.sentBefore) < 0.1 &&
      p.share(p.device) < 0.1 &&
      (p.helos.size === 0 || p.heloForms.among('name') > 0.5) &&
      !bearTags(p),
  },
  {
    class: 'internal-relay',
    points: 5,
    reason: 'no client address: it did not come in over the internet',
    when: (p) => isAnonymous(p) && most(p, p.blank),
  },
  {
    class: 'forwarding',
    points: 5,
    reason: 'servers of a mailbox provider, with an own envelope',
    when: (p) => isPlain(p) && ownSender(p) && p.service?.kind === 'mailbox-provider',
  },
  {
    class: 'service',
    points: 6,
    reason: 'a known service with the bare own domain in the envelope',
    when: (p) => isPlain(p) && ownSender(p) && p.service?.kind === 'mail-service',
  },
  {
    class: 'service-own-path',
    points: 6,
    reason: 'own author, the return path is a subdomain or of a service',
    when: (p) => isPlain(p) && p.belongs('p1', 'foreign') + p.belongs('p1', 'subdomain') > 0.5,
  },
  {
    class: 'service-own-path',
    points: 2,
    reason: 'a known service',
    when: (p) =>
      p.belongs('p1', 'foreign') + p.belongs('p1', 'subdomain') > 0.5 && p.service?.kind === 'mail-service',
  },
  {
    class: 'cloud',
    points: 6,
    reason: 'servers of Azure with the own domain',
    when: (p) => isPlain(p) && ownSender(p) && p.service?.kind === 'cloud',
  },
  {
    class: 'service',
    points: 3,
    reason: 'hosts with names of one other organisation, over several addresses',
    when: (p, context) =>
      isPlain(p) &&
      ownSender(p) &&
      p.service === undefined &&
      hasVendorName(p, context) &&
      (p.addresses.size > 2 || signsItself(p)),
  },
  {
    class: 'service',
    points: 4,
    reason: 'calls itself a host of another organisation',
    when: (p, context) =>
      isPlain(p) &&
      ownSender(p) &&
      p.service === undefined &&
      p.heloForms.among('name') > 0.5 &&
      p.share(p.device) < 0.3 &&
      hasVendorName(p, context) &&
      !p.helos.top(5).some((helo) => isLocalName(helo)),
  },
  {
    class: 'service',
    points: 4,
    reason: 'few authors over several addresses of one network, or signed; nobody told its name',
    when: (p) =>
      isPlain(p) &&
      ownSender(p) &&
      p.service === undefined &&
      p.helos.size === 0 &&
      p.authors.size <= 3 &&
      (p.addresses.size > 2 || signsItself(p)) &&
      p.share(p.device) < 0.3,
  },
  {
    class: 'service',
    points: 4,
    reason: 'its address bears the name of another organisation; nobody told its own',
    when: (p, context) =>
      isPlain(p) &&
      ownSender(p) &&
      p.service === undefined &&
      p.helos.size === 0 &&
      p.share(p.device) < 0.3 &&
      hasVendorName(p, context) &&
      !p.ptrs.top(5).some((name) => isNameOfLine(name, p.addresses.top(5))),
  },
  {
    class: 'service',
    points: 2,
    reason: 'signed for the own domain by a host of others',
    when: (p, context) => isPlain(p) && ownSender(p) && hasVendorName(p, context) && signsItself(p),
  },
  {
    class: 'device',
    points: 2,
    reason: 'own sender, few addresses',
    when: (p) => isPlain(p) && ownSender(p) && p.service === undefined && p.addresses.size <= 2,
  },
  {
    class: 'device',
    points: 2,
    reason: 'its name is that of a machine in a local network',
    when: (p) =>
      isPlain(p) &&
      ownSender(p) &&
      p.service === undefined &&
      p.heloForms.among('short', 'literal', 'private-literal') > 0.5,
  },
  {
    class: 'device',
    points: 2,
    reason: 'its words are those of a device',
    when: (p) => isPlain(p) && ownSender(p) && p.service === undefined && p.share(p.device) > 0.3,
  },
  {
    class: 'device',
    points: 1,
    reason: 'steady: it sends on many days',
    when: (p, { span }) =>
      isPlain(p) && ownSender(p) && p.service === undefined && p.days.size >= Math.min(8, span / 4),
  },
  {
    class: 'device',
    points: 1,
    reason: 'as regular as a clock',
    when: (p) =>
      isPlain(p) && ownSender(p) && p.service === undefined && p.days.size < 8 && (p.interval ?? 1) > 1,
  },
  {
    class: 'device',
    points: 1,
    reason: 'its host is of the own domain',
    when: (p, { own }) =>
      isPlain(p) &&
      ownSender(p) &&
      p.service === undefined &&
      own.some((domain) => p.helos.top(5).some((helo) => isWithin(helo.toLowerCase(), domain))),
  },
  {
    class: 'attack',
    points: 12,
    reason: 'part of a campaign',
    when: (p) => p.share(p.campaigns.entries.reduce((sum, [, count]) => sum + count, 0)) > 0.5,
  },
  {
    class: 'attack',
    points: 9,
    reason: 'most messages bear the signs of abuse',
    when: (p) => most(p, p.abusive),
  },
];

/** `[devel] ...`: as managers of lists begin the subjects of one list. */
function bearTags(p: Profile): boolean {
  const tags = p.subjects
    .top(20)
    .map((subject) => /^(?:(?:re|aw|fwd?|tr):\s*)*\[([^\]]{2,40})\]/i.exec(subject)?.[1]);
  return tags.length > 0 && tags.every((tag) => tag !== undefined && tag === tags[0]);
}

function signsItself(p: Profile): boolean {
  const told = p.dkim.entries.reduce((sum, [, count]) => sum + count, 0);
  return p.dkim.of('pass') > told / 2;
}

export interface Classification {
  class: SenderClass;
  /** 0 to 1: how far the class stands before the next, and how much there is to judge by. */
  confidence: number;
  reasons: string[];
  /** All classes that it may be as far as the evidence goes, this one first; `unknown` is none. */
  candidates: SenderClass[];
  /** What would tell them apart. */
  lacks: Lack[];
}

/** The class whose signature fits best; below three points none does. */
export function classify(profile: Profile, context: ClassContext): Classification {
  const scores = new Map<SenderClass, { points: number; reasons: string[] }>();
  for (const rule of CLASS_RULES) {
    if (!rule.when(profile, context)) continue;
    const score = scores.get(rule.class) ?? { points: 0, reasons: [] };
    score.points += rule.points;
    score.reasons.push(rule.reason);
    scores.set(rule.class, score);
  }
  const ranked = [...scores].sort(([, a], [, b]) => b.points - a.points);
  const [best, next] = ranked;
  if (!best || best[1].points < 3)
    return {
      class: 'unknown',
      confidence: 0,
      reasons: ['nothing fits'],
      ...doubtsOf('unknown', profile, context),
    };
  const lead = (best[1].points - (next?.[1].points ?? 0)) / best[1].points;
  const amount = Math.min(1, 0.5 + Math.log10(1 + profile.all) / 4);
  return {
    class: best[0],
    confidence: Math.round((0.4 + 0.6 * lead) * amount * 100) / 100,
    reasons: best[1].reasons,
    ...doubtsOf(best[0], profile, context),
  };
}

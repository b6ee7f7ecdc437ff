import type { ClassContext, SenderClass } from './class-rules.ts';
import { hasVendorName, isLocalName } from './host-names.ts';
import type { Profile } from './profile.ts';

/** What the evidence does not tell of a sender, where it keeps classes apart. */
export const LACKS = ['connector', 'envelope', 'address', 'name', 'sent', 'time', 'message'] as const;
export type Lack = (typeof LACKS)[number];

/** Classes that the evidence can't tell from the one that fits best, because it lacks something. */
interface Doubt {
  lack: Lack;
  /** Of which classes it may really be another. */
  of: readonly SenderClass[];
  or(profile: Profile, context: ClassContext): readonly SenderClass[];
}

const NAMED_BY_NOTHING = ['device', 'cloud', 'service', 'unknown'] as const;
/** Evidence of all mail: what the organisation sends, which tells what comes back, and what others send to it. */
const TELLS_SENT = ['trace', 'trace-extended', 'trace-enhanced', 'email-events'];
/** From here on authors are people rather than functions. */
const MANY_AUTHORS = 5;
/** Below it the habits of a sender do not show. */
const FEW = 10;

/** The name of an address may be that of the line; only the client tells its own. */
const isNameless = (p: Profile): boolean => p.service === undefined && p.helos.size === 0;
/** Of so many messages it is known: others of the same sender came in the same way. */
const HABIT = 3;
const isUntold = (p: Profile, count: number): boolean =>
  p.share(count) > 0.5 && p.messages + p.counted - count < HABIT;
const isBrief = (p: Profile): boolean => p.days.size <= 2;
const passes = (p: Profile, which: 'spf' | 'dkim'): boolean =>
  2 * p[which].of('pass') > p[which].entries.reduce((sum, [, count]) => sum + count, 0);

/** From here on one batch does not come from so many networks. */
const MANY_NETWORKS = 3;
/** To people in their own names, without a word of a device, or from everywhere at once: nothing of one's own does that. */
const isUnmistakable = (p: Profile): boolean =>
  p.places.size >= MANY_NETWORKS || (p.self * 2 >= p.all && p.share(p.device) <= 0.3);
/** So many people in a day or two are what an attack reaches; days that evidence has to span for that to be new. */
const MANY_RECIPIENTS = 5;
const A_WEEK = 7;

const DOUBTS: readonly Doubt[] = [
  {
    // a batch to everybody, the first scans of a new copier: what is let go as an attack is nobody's any more
    lack: 'time',
    of: ['attack'],
    or: (p) => (isUnmistakable(p) ? [] : ['device', 'service']),
  },
  {
    lack: 'connector',
    of: [...NAMED_BY_NOTHING, 'forwarding', 'reinjection', 'calendar', 'mailing-list', 'service-own-path'],
    or: (p) => (isUntold(p, p.connectorUntold) ? ['partner-connector', 'hybrid'] : []),
  },
  {
    // the front door's mark is no documented one
    lack: 'connector',
    of: ['partner-connector'],
    or: (p) => (p.share(p.unmarked) > 0.5 ? ['service', 'device', 'reinjection'] : []),
  },
  {
    lack: 'connector',
    of: ['hybrid'],
    or: (p) => (isUntold(p, p.connectorUntold) ? ['partner-connector', 'device'] : []),
  },
  {
    lack: 'envelope',
    of: [...NAMED_BY_NOTHING, 'hybrid', 'forwarding', 'mailing-list'],
    or: (p) =>
      !isUntold(p, p.p1.of('unknown'))
        ? []
        : p.authors.size >= MANY_AUTHORS
          ? ['mailing-list', 'service-own-path']
          : ['service-own-path'],
  },
  {
    lack: 'address',
    of: NAMED_BY_NOTHING,
    or: (p) => (p.addresses.size === 0 ? ['device', 'service', 'internal-relay'] : []),
  },
  {
    lack: 'name',
    of: NAMED_BY_NOTHING,
    or(p) {
      if (!isNameless(p) || p.share(p.device) > 0.3) return [];
      if (isBrief(p)) return ['attack', 'awareness', 'device', 'service'];
      return p.addresses.size > 2 ? ['service', 'cloud'] : ['device', 'service', 'cloud'];
    },
  },
  {
    // a simulated attack looks like any other, but for whom it pretends to come from
    lack: 'name',
    of: ['attack'],
    or: (p) => (isNameless(p) && p.self * 2 < p.all ? ['awareness'] : []),
  },
  {
    // who adds a signature breaks the one that was there
    lack: 'name',
    of: ['forwarding'],
    or: (p) => (isNameless(p) && !passes(p, 'dkim') ? ['reinjection'] : []),
  },
  {
    lack: 'sent',
    of: NAMED_BY_NOTHING,
    or: (p) =>
      p.service === undefined &&
      p.authors.size >= MANY_AUTHORS &&
      !p.kinds.entries.some(([kind]) => TELLS_SENT.includes(kind))
        ? ['forwarding', 'reinjection']
        : [],
  },
  {
    // what stands before the service is known by the mail of others that it brings
    lack: 'sent',
    of: ['service'],
    or: (p) =>
      p.service === undefined && !p.kinds.entries.some(([kind]) => TELLS_SENT.includes(kind))
        ? ['own-gateway']
        : [],
  },
  {
    // a few messages from a host of others: what comes back looks the same, until somebody tells what was sent
    lack: 'sent',
    of: ['device', 'service'],
    or: (p, context) =>
      p.service === undefined &&
      p.all < FEW &&
      hasVendorName(p, context) &&
      !p.helos.top(5).some(isLocalName) &&
      !passes(p, 'spf')
        ? ['forwarding']
        : [],
  },
  {
    // reports count, and samples are a few: how mail looks is told by neither
    lack: 'message',
    of: [...NAMED_BY_NOTHING, 'forwarding', 'calendar', 'in-service', 'service-own-path', 'mailing-list'],
    or: (p) =>
      p.messages === 0 || p.kinds.entries.every(([kind]) => kind === 'change-optics')
        ? ['calendar', 'forwarding', 'reinjection', 'attack', 'awareness', 'own-gateway']
        : [],
  },
  {
    lack: 'time',
    of: ['device', 'service'],
    // anybody can call itself a copier, and write as one does
    or: (p, { span }) =>
      p.service === undefined &&
      !passes(p, 'spf') &&
      (p.all <= 2 || (isBrief(p) && span >= A_WEEK && p.recipients.size >= MANY_RECIPIENTS))
        ? ['attack']
        : [],
  },
];

/**
 * Every class that a sender may be as far as the evidence goes, the best first, and what would tell. One class means that
 * the evidence tells.
 */
export function doubtsOf(
  best: SenderClass,
  profile: Profile,
  context: ClassContext,
): { candidates: SenderClass[]; lacks: Lack[] } {
  const candidates = new Set<SenderClass>(best === 'unknown' ? [] : [best]);
  const lacks = new Set<Lack>();
  for (const { lack, of, or } of DOUBTS) {
    if (!of.includes(best)) continue;
    const others = or(profile, context);
    for (const other of others) candidates.add(other);
    if (others.length > 0) lacks.add(lack);
  }
  if (candidates.size === 0) candidates.add('unknown');
  // evidence that would change nothing is not asked for
  return { candidates: [...candidates], lacks: candidates.size > 1 ? [...lacks] : [] };
}

import { isPublicAddress } from './public-address.ts';
import type { Observation } from '../evidence/observation.ts';
import type { Tenant } from '../../edge/tenant.ts';
import { type Belonging, belongingOf } from './own-domains.ts';

/** Mail that can't be Direct Send is counted and not kept. */
export type Relevance =
  | 'keep'
  /** Sent inside the service, by its own mailboxes. */
  | 'internal'
  /** To others. */
  | 'outgoing'
  /** From others, in name and envelope. */
  | 'foreign'
  /** In from outside, to a domain that nobody named: the front door takes mail for accepted domains only. */
  | 'unnamed';

/** Whether a message has to be kept whole: an own domain in P1 or P2 over a way in, or nobody can say. */
export function relevanceOf(tenant: Tenant, observation: Observation): Relevance {
  const { p1, p2, sender, recipient } = observation;
  return relevanceAmong(
    observation,
    belongingOf(tenant, p1),
    belongingOf(tenant, p2 ?? sender),
    belongingOf(tenant, recipient || undefined),
  );
}

/** The same where it is known already to whom the addresses belong. */
export function relevanceAmong(
  { kind, direction, connector, address }: Pick<Observation, 'kind' | 'direction' | 'connector' | 'address'>,
  p1: Belonging,
  p2: Belonging,
  recipient: Belonging,
): Relevance {
  if (kind === 'dmarc' || kind === 'inbound-report' || kind === 'change-optics' || kind === 'notification')
    return 'keep';
  const own = isOurs(p1) || isOurs(p2);
  if (direction === 'originating' || direction === 'intra-org' || direction === 'outgoing') {
    const throughConnector = connector !== undefined && connector !== 'none';
    // Defender calls some anonymous mail intra-org: an address of the internet betrays it
    const fromOutside = direction === 'intra-org' && address !== undefined && isPublicAddress(address);
    if (!throughConnector && !fromOutside) return direction === 'outgoing' ? 'outgoing' : 'internal';
  }
  if (recipient === 'foreign')
    return direction === 'incoming' && connector === 'none' ? 'unnamed' : 'outgoing';
  // a trace leaves the address of mail from mailboxes blank
  if (kind === 'trace' && address === '' && isOurs(p2)) return 'internal';
  if (own) return 'keep';
  if (p2 !== 'unknown') return 'foreign';
  if (p1 !== 'unknown' && kind !== 'trace-detail' && kind !== 'message') return 'foreign';
  return 'keep';
}

function isOurs(belonging: string): boolean {
  return belonging === 'own' || belonging === 'subdomain';
}

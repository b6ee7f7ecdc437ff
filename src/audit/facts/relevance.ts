import { isPublicAddress } from './public-address.ts';
import type { Observation } from '../evidence/observation.ts';
import type { Tenant } from '../../edge/tenant.ts';
import { belongingOf } from './own-domains.ts';

/** Mail that can't be Direct Send is counted and not kept. */
export type Relevance =
  | 'keep'
  /** Sent inside the service, by its own mailboxes. */
  | 'internal'
  /** To others. */
  | 'outgoing'
  /** From others, in name and envelope. */
  | 'foreign';

/** Whether a message has to be kept whole: an own domain in P1 or P2 over a way in, or nobody can say. */
export function relevanceOf(tenant: Tenant, observation: Observation): Relevance {
  const { kind, direction, connector, address, recipient } = observation;
  if (kind === 'dmarc' || kind === 'inbound-report' || kind === 'change-optics' || kind === 'notification')
    return 'keep';
  const p1 = belongingOf(tenant, observation.p1);
  const p2 = belongingOf(tenant, observation.p2 ?? observation.sender);
  const own = isOurs(p1) || isOurs(p2);
  if (direction === 'originating' || direction === 'intra-org' || direction === 'outgoing') {
    const throughConnector = connector !== undefined && connector !== 'none';
    // Defender calls some anonymous mail intra-org: an address of the internet betrays it
    const fromOutside = direction === 'intra-org' && address !== undefined && isPublicAddress(address);
    if (!throughConnector && !fromOutside) return direction === 'outgoing' ? 'outgoing' : 'internal';
  }
  if (recipient && belongingOf(tenant, recipient) === 'foreign') return 'outgoing';
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

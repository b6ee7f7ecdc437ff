import { inNetworks } from '../submission/network.ts';
import { certificateMatches, type Client, isWithin, partnerConnector } from './connector.ts';
import {
  type AcceptedDomain,
  acceptedDomain,
  type InboundConnector,
  type Tenant,
  tenantOf,
} from './tenant.ts';

/** Whose message it is, and by what right. */
export type Attribution =
  /** From the tenant's own servers: it may go anywhere. */
  | { kind: 'originating'; tenant: Tenant; connector: InboundConnector; by: 'certificate' | 'address' }
  /** To the tenant; `connector` when a partner was identified, otherwise anonymous. */
  | { kind: 'incoming'; tenant: Tenant; domain: AcceptedDomain; connector?: InboundConnector }
  /** Nobody's: neither the client nor the recipient belongs to a tenant. */
  | { kind: 'none' };

/** Whether a connector identifies the client: one's own server, or a partner's. */
export function isVouched(attribution: Attribution): boolean {
  return (
    attribution.kind === 'originating' ||
    (attribution.kind === 'incoming' && attribution.connector !== undefined)
  );
}

export interface Question {
  client: Client;
  /** Domain of the envelope sender, lower case, A-labels; empty for the null sender. */
  senderDomain: string;
  /** Domain of the recipient, in the same form. */
  recipientDomain: string;
}

/**
 * Finds the tenant in the order of Exchange Online: own servers by certificate, own servers by address and envelope
 * sender, then the recipient. The name by which the client found the server, its EHLO and the header From have no say.
 * Source: Exchange Team, "Office 365 Message Attribution"; order of ties: Microsoft 365 message centre MC1226222.
 */
export function attribute(tenants: readonly Tenant[], question: Question): Attribution {
  return (
    originatingByCertificate(tenants, question) ??
    originatingByAddress(tenants, question) ??
    incoming(tenants, question)
  );
}

/** The most specific name wins: a connector for `relay.contoso.com` before one for `*.contoso.com`. */
function originatingByCertificate(tenants: readonly Tenant[], { client }: Question): Attribution | undefined {
  let best: { tenant: Tenant; connector: InboundConnector; weight: number } | undefined;
  for (const { tenant, connector } of ownServers(tenants)) {
    const { certificateName } = connector;
    if (certificateName === undefined || !certificateMatches(certificateName, client.certificateNames))
      continue;
    const wildcard = certificateName.startsWith('*.');
    const domain = (wildcard ? certificateName.slice(2) : certificateName).toLowerCase();
    // a certificate for a domain that is not the tenant's proves nothing of the tenant
    if (!tenant.domains.some(({ name }) => isWithin(domain, name))) continue;
    const weight = domain.length * 2 + (wildcard ? 0 : 1);
    if (weight > (best?.weight ?? 0)) best = { tenant, connector, weight };
  }
  return best && { kind: 'originating', tenant: best.tenant, connector: best.connector, by: 'certificate' };
}

/** Addresses may be shared by tenants, so the envelope sender has to say whose it is; the null sender does not. */
function originatingByAddress(
  tenants: readonly Tenant[],
  { client, senderDomain }: Question,
): Attribution | undefined {
  if (senderDomain === '') return undefined;
  for (const { tenant, connector } of ownServers(tenants)) {
    if (!inNetworks(client.address, connector.senderAddresses)) continue;
    if (acceptedDomain(tenant, senderDomain))
      return { kind: 'originating', tenant, connector, by: 'address' };
  }
  return undefined;
}

function incoming(
  tenants: readonly Tenant[],
  { client, senderDomain, recipientDomain }: Question,
): Attribution {
  const owner = tenantOf(tenants, recipientDomain);
  if (!owner) return { kind: 'none' };
  const connector = partnerConnector(owner.tenant, client, senderDomain);
  return { kind: 'incoming', ...owner, ...(connector && { connector }) };
}

function* ownServers(tenants: readonly Tenant[]): Iterable<{ tenant: Tenant; connector: InboundConnector }> {
  for (const tenant of tenants) {
    for (const connector of tenant.connectors) {
      if (connector.enabled && connector.type === 'on-premises') yield { tenant, connector };
    }
  }
}

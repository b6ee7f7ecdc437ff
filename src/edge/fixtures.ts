import type { Client } from './connector.ts';
import type { FrontDoorQuestion } from './front-door.ts';
import type { AcceptedDomain, InboundConnector, Organization, Tenant } from './tenant.ts';

export const LISTED = '192.0.2.9';
export const UNLISTED = '198.51.100.7';

export function acceptedDomainOf(name: string, options: Partial<AcceptedDomain> = {}): AcceptedDomain {
  return { name, type: 'authoritative', matchSubDomains: false, ...options };
}

export function connectorOf(options: Partial<InboundConnector> = {}): InboundConnector {
  return {
    name: 'connector',
    enabled: true,
    type: 'partner',
    senderDomains: ['*'],
    senderAddresses: [],
    requireTls: false,
    restrictToAddresses: false,
    restrictToCertificate: false,
    ...options,
  };
}

export function tenantWith(
  connectors: InboundConnector[] = [],
  organization: Partial<Organization> = {},
  domains: AcceptedDomain[] = [acceptedDomainOf('contoso.test'), acceptedDomainOf('contoso.example')],
): Tenant {
  return {
    id: '11111111-1111-4111-8111-111111111111',
    name: 'contoso',
    domains,
    connectors,
    organization: {
      rejectDirectSend: true,
      honourDmarcReject: 'reject',
      mxPointsHere: true,
      ownDomainSpoof: 'off',
      displayNameSpoof: 'off',
      safeSenders: [],
      trustedSealers: [],
      ...organization,
    },
  };
}

export function clientOf(options: Partial<Client> = {}): Client {
  return { address: UNLISTED, tls: false, certificateNames: [], ...options };
}

export function questionOf(options: Partial<FrontDoorQuestion> = {}): FrontDoorQuestion {
  return {
    client: clientOf(),
    senderDomain: 'contoso.test',
    recipientDomain: 'contoso.test',
    recipientExists: true,
    ...options,
  };
}

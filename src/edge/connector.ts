import { inNetworks } from '../submission/network.ts';
import type { InboundConnector, Tenant } from './tenant.ts';

/** What is known of the client, as far as connectors ask: never what it calls itself, never a header. */
export interface Client {
  address: string;
  tls: boolean;
  /** Common name and DNS names of its certificate, lower case; empty unless the chain leads to a trusted root. */
  certificateNames: readonly string[];
}

/**
 * Whether a certificate of these names proves `wanted`, which may be `*.contoso.com`: that covers the domain itself
 * and every name below it. A wildcard in the certificate covers one label (RFC 6125 §6.4.3).
 */
export function certificateMatches(wanted: string | undefined, names: readonly string[]): boolean {
  if (wanted === undefined) return false;
  const pattern = wanted.toLowerCase();
  return names.some((name) => {
    if (name === pattern) return true;
    if (pattern.startsWith('*.')) {
      const bare = name.startsWith('*.') ? name.slice(2) : name;
      return isWithin(bare, pattern.slice(2));
    }
    return name.startsWith('*.') && pattern.slice(pattern.indexOf('.') + 1) === name.slice(2);
  });
}

/** Whether the connector is for this envelope sender. The null sender has no domain: only `*` is for it. */
function isForSender({ senderDomains }: InboundConnector, domain: string): boolean {
  return senderDomains.some((pattern) => {
    if (pattern === '*') return true;
    if (domain === '') return false;
    const wanted = pattern.toLowerCase();
    return wanted.startsWith('*.') ? isWithin(domain, wanted.slice(2)) : domain === wanted;
  });
}

/**
 * The tenant's partner connector that identifies the client, by certificate or address; the more certain first.
 * Sender domains alone identify nobody. An address identifies without `RestrictDomainsToIPAddresses` too: see
 * `OPEN_QUESTIONS` in ./open-questions.ts.
 */
export function partnerConnector(
  tenant: Tenant,
  client: Client,
  senderDomain: string,
): InboundConnector | undefined {
  const candidates = tenant.connectors.filter(
    (connector) =>
      connector.enabled &&
      connector.type === 'partner' &&
      isForSender(connector, senderDomain) &&
      (client.tls || !connector.requireTls),
  );
  return (
    candidates.find(({ certificateName }) => certificateMatches(certificateName, client.certificateNames)) ??
    candidates.find(({ senderAddresses }) => inNetworks(client.address, senderAddresses))
  );
}

/** The restricted partner connector that this client would have had to satisfy, when none identifies it. */
export function lockdown(tenant: Tenant, client: Client, senderDomain: string): InboundConnector | undefined {
  return tenant.connectors.find(
    (connector) =>
      connector.enabled &&
      connector.type === 'partner' &&
      isForSender(connector, senderDomain) &&
      ((connector.restrictToAddresses && !inNetworks(client.address, connector.senderAddresses)) ||
        (connector.restrictToCertificate &&
          !certificateMatches(connector.certificateName, client.certificateNames))),
  );
}

/** `contoso.com` and what ends in `.contoso.com`. */
export function isWithin(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}

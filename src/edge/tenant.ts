/**
 * An organisation as a front door sees it. Names and meanings are those of Exchange Online
 * (`Get-AcceptedDomain`, `Get-InboundConnector`, `Get-OrganizationConfig`), so that a lab and an edge decide alike.
 */
export interface Tenant {
  /** GUID in lower case; stable. */
  id: string;
  /** `contoso` */
  name: string;
  domains: readonly AcceptedDomain[];
  connectors: readonly InboundConnector[];
  organization: Organization;
}

export interface AcceptedDomain {
  /** Lower case, A-labels. */
  name: string;
  /**
   * Authoritative: all recipients are known here, others are refused. Internal relay: some live elsewhere, so that
   * an unknown one is taken and sent on.
   */
  type: 'authoritative' | 'internal-relay';
  /** Subdomains count as this domain (`MatchSubDomains`). */
  matchSubDomains: boolean;
}

export interface InboundConnector {
  name: string;
  enabled: boolean;
  /** Partner: another organisation or a service, whose mail stays incoming. On-premises: one's own servers. */
  type: 'partner' | 'on-premises';
  /** Envelope senders that a partner connector is for: `*`, `contoso.com`, `*.contoso.com` (with the domain itself). */
  senderDomains: readonly string[];
  /** CIDR blocks. */
  senderAddresses: readonly string[];
  /** `relay.contoso.com` or `*.contoso.com`; absent: certificates are not looked at. */
  certificateName?: string;
  /** Partner only: without TLS it does not match. */
  requireTls: boolean;
  /** Partner only: mail of its domains from another address is refused. */
  restrictToAddresses: boolean;
  /** Partner only: mail of its domains without the certificate is refused. */
  restrictToCertificate: boolean;
}

export interface Organization {
  /** Anonymous mail whose envelope sender is an accepted domain is refused. */
  rejectDirectSend: boolean;
  /** What happens to mail that fails a DMARC policy of `reject`: refused, or held in quarantine. */
  honourDmarcReject: 'reject' | 'quarantine';
  /** MX records lead here, so that the address of the client is that of the sender. */
  mxPointsHere: boolean;
  /** What happens to mail that shows an own domain, or a name below one, in its From field and does not prove it. */
  ownDomainSpoof: SpoofAction;
  /** The same for an own address or domain in the display name, and for domains that look like an own one. */
  displayNameSpoof: SpoofAction;
  /** Addresses and domains whose mail is not marked as junk; they count only where DMARC proves the author. */
  safeSenders: readonly string[];
  /** Domains whose ARC seal lets pass what their own changes have broken. */
  trustedSealers: readonly string[];
}

export type SpoofAction = 'off' | 'junk' | 'quarantine' | 'refuse';

/** The accepted domain that `domain` belongs to, or undefined. @param domain lower case, A-labels */
export function acceptedDomain(tenant: Tenant, domain: string): AcceptedDomain | undefined {
  let best: AcceptedDomain | undefined;
  for (const candidate of tenant.domains) {
    const { name, matchSubDomains } = candidate;
    if (domain === name) return candidate;
    if (matchSubDomains && domain.endsWith(`.${name}`) && name.length > (best?.name.length ?? 0))
      best = candidate;
  }
  return best;
}

/** The tenant that owns a recipient's domain: an exact name before the subdomains of another. */
export function tenantOf(
  tenants: readonly Tenant[],
  domain: string,
): { tenant: Tenant; domain: AcceptedDomain } | undefined {
  let best: { tenant: Tenant; domain: AcceptedDomain } | undefined;
  for (const tenant of tenants) {
    const found = acceptedDomain(tenant, domain);
    if (found && found.name.length > (best?.domain.name.length ?? 0)) best = { tenant, domain: found };
  }
  return best;
}

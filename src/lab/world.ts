/**
 * Who there is in the lab at its first start: two organisations, their people, who sends for them, and who attacks
 * them. Addresses are those of documentation (RFC 5737), names those of tests (RFC 6761): none can be anybody's.
 */
import type { InboundConnector, Organization, Tenant } from '../edge/tenant.ts';
import type { ZoneRecords } from './dns/zone.ts';
import type { Mailbox, SigningParty } from './lab.ts';

/** Where each party connects from. */
export const ADDRESSES = {
  /** The office of contoso.test, behind which its printer stands; listed in SPF. */
  printer: '203.0.113.25',
  /** The lab's relay; listed in SPF. */
  relay: '198.51.100.10',
  /** The payroll service, which is known by a partner connector; listed in SPF. */
  application: '198.51.100.40',
  /** The newsletter service; listed in SPF by its include. */
  newsletter: '192.0.2.50',
  /** A university that forwards mail of its alumni, envelope and all. */
  forwarder: '192.0.2.80',
  /** A rented server without a name. */
  attacker: '198.51.100.66',
  /** Another, whose owner has a domain of his own with everything that passes. */
  bulkSender: '203.0.113.200',
  /** The owner of a domain that looks like contoso.test. */
  lookalike: '203.0.113.201',
} as const;

export const NAMES = {
  relay: 'relay.contoso.test',
  application: 'app.payroll.test',
  newsletter: 'mta1.newsletter.test',
  newsletterReturnPath: 'bounce.newsletter.test',
  forwarder: 'mx.alumni.test',
  bulkSender: 'mail.bulk-sender.test',
  lookalike: 'mail.cont0so.test',
  lookalikeDomain: 'cont0so.test',
  /** Ends the names of front doors: MX of the tenants, in their certificate. */
  endpoints: 'mail.protection.lab.test',
} as const;

/** Who signs with which domain and selector. The relay has its own keys, which its domain registry holds. */
export const SIGNERS: Readonly<Record<Exclude<SigningParty, 'relay'>, { domain: string; selector: string }>> =
  {
    newsletter: { domain: 'contoso.test', selector: 'nl1' },
    newsletterService: { domain: 'newsletter.test', selector: 'mta' },
    tenant: { domain: 'contoso.test', selector: 'selector1' },
    attacker: { domain: NAMES.lookalikeDomain, selector: 'k1' },
  };

export const PRINTER = 'scanner@contoso.test';

export const MAILBOXES: readonly Mailbox[] = [
  { address: 'anna.keller@contoso.test', name: 'Anna Keller', kind: 'user', tenant: 'contoso' },
  { address: 'paul.moreau@contoso.test', name: 'Paul Moreau', kind: 'user', tenant: 'contoso' },
  { address: 'invoices@contoso.test', name: 'Invoices', kind: 'shared', tenant: 'contoso' },
  { address: 'nora.lindt@fabrikam.test', name: 'Nora Lindt', kind: 'user', tenant: 'fabrikam' },
  { address: 'orders@fabrikam.test', name: 'Orders', kind: 'shared', tenant: 'fabrikam' },
];

const ORGANIZATION: Organization = {
  rejectDirectSend: false,
  honourDmarcReject: 'reject',
  mxPointsHere: true,
  ownDomainSpoof: 'off',
  displayNameSpoof: 'off',
  safeSenders: [],
  trustedSealers: [],
};

const PARTNER: Omit<InboundConnector, 'name'> = {
  enabled: true,
  type: 'partner',
  senderDomains: ['contoso.test'],
  senderAddresses: [],
  requireTls: true,
  restrictToAddresses: false,
  restrictToCertificate: false,
};

export const TENANTS: readonly Tenant[] = [
  {
    id: '5a1c3d2e-0b7f-4c59-9e1d-c0a7050c0a70',
    name: 'contoso',
    domains: [{ name: 'contoso.test', type: 'authoritative', matchSubDomains: false }],
    connectors: [
      { ...PARTNER, name: 'Payroll service', certificateName: NAMES.application },
      { ...PARTNER, name: 'Postern relay', certificateName: NAMES.relay },
    ],
    organization: ORGANIZATION,
  },
  {
    id: '7f0e9d8c-6b5a-4948-8372-fab21ca3fab2',
    name: 'fabrikam',
    domains: [{ name: 'fabrikam.test', type: 'authoritative', matchSubDomains: false }],
    connectors: [],
    organization: ORGANIZATION,
  },
];

/** `contoso.test` is reached at `contoso-test.mail.protection.lab.test`. */
export function endpointOf(domain: string): string {
  return `${domain.replaceAll('.', '-')}.${NAMES.endpoints}`;
}

const OUTBOUND = '192.0.2.128/25';

/** What the name server knows at the first start; keys come on top. */
export function firstRecords(): ZoneRecords {
  const { printer, relay, application, newsletter, forwarder, bulkSender, lookalike } = ADDRESSES;
  const hosts: [name: string, address: string][] = [
    ['office.contoso.test', printer],
    [NAMES.relay, relay],
    [NAMES.application, application],
    [NAMES.newsletter, newsletter],
    [NAMES.forwarder, forwarder],
    [NAMES.bulkSender, bulkSender],
    [NAMES.lookalike, lookalike],
  ];
  const records: ZoneRecords = {
    'contoso.test': {
      MX: [`0 ${endpointOf('contoso.test')}`],
      TXT: [
        `v=spf1 ip4:${printer} ip4:${relay} ip4:${application} include:spf.newsletter.test include:spf.protection.lab.test ~all`,
      ],
    },
    '_dmarc.contoso.test': { TXT: ['v=DMARC1; p=none; rua=mailto:dmarc@contoso.test'] },
    'fabrikam.test': {
      MX: [`0 ${endpointOf('fabrikam.test')}`],
      TXT: ['v=spf1 include:spf.protection.lab.test -all'],
    },
    '_dmarc.fabrikam.test': { TXT: ['v=DMARC1; p=reject'] },
    'spf.protection.lab.test': { TXT: [`v=spf1 ip4:${OUTBOUND} -all`] },
    // the endpoints answer on loopback, whatever address their clients are given
    [endpointOf('contoso.test')]: { A: ['127.0.0.1'] },
    [endpointOf('fabrikam.test')]: { A: ['127.0.0.1'] },
    'payroll.test': { TXT: [`v=spf1 ip4:${application} -all`] },
    'spf.newsletter.test': { TXT: [`v=spf1 ip4:${newsletter} -all`] },
    'newsletter.test': { TXT: ['v=spf1 include:spf.newsletter.test -all'] },
    [NAMES.newsletterReturnPath]: { TXT: ['v=spf1 include:spf.newsletter.test -all'] },
    'alumni.test': { TXT: [`v=spf1 ip4:${forwarder} -all`] },
    'bulk-sender.test': { TXT: [`v=spf1 ip4:${bulkSender} -all`] },
    '_dmarc.bulk-sender.test': { TXT: ['v=DMARC1; p=reject'] },
    [NAMES.lookalikeDomain]: { TXT: [`v=spf1 ip4:${lookalike} -all`] },
    [`_dmarc.${NAMES.lookalikeDomain}`]: { TXT: ['v=DMARC1; p=reject'] },
  };
  for (const [name, address] of hosts) {
    records[name] = { ...records[name], A: [address] };
    records[`${address.split('.').reverse().join('.')}.in-addr.arpa`] = { PTR: [name] };
  }
  return records;
}

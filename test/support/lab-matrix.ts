/** What Exchange Online's front door decides, case by case, as far as public documentation and transcripts tell. */
import { domainToASCII } from 'node:url';
import type { InboundConnector } from '../../src/edge/tenant.ts';
import type { StoredMessage } from '../../src/lab/lab.ts';
import { ADDRESSES } from '../../src/lab/world.ts';

export const OWN = 'paul.moreau@contoso.test';
export const BOSS = 'anna.keller@contoso.test';
const FOREIGN = 'someone@bulk-sender.test';
const IDN = domainToASCII('contosö.test');

export interface LabCase {
  /** Number in the matrix. */
  number: string;
  title: string;
  rejectDirectSend: boolean;
  from: string;
  headerFrom?: string | null;
  to?: string;
  connectors?: (Partial<InboundConnector> & { name: string })[];
  domains?: { name: string; matchSubDomains?: boolean }[];
  settings?: Record<string, string>;
  address?: string;
  /** STARTTLS; with a certificate of this name. */
  tls?: true | string;
  expect: RegExp;
  at?: 'rcpt';
  landed?: Partial<StoredMessage['verdict']> & { folder?: string };
}

const PARTNER = {
  name: 'Partner',
  type: 'partner',
  senderDomains: ['contoso.test'],
} as const;
const LOCKDOWN = {
  name: 'Lockdown',
  type: 'partner',
  senderDomains: ['*'],
  senderAddresses: ['203.0.113.0/24'],
  restrictToAddresses: true,
} as const;

export const DIRECT_SEND =
  /^550 5\.7\.68 TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources \[LAB\w+\.\S+ \d{4}-\d\d-\d\dT[\d:.]+Z 08DE[0-9A-F]{12}\]$/;
const LOCKED =
  /^550 5\.7\.51 TenantInboundAttribution; There is a partner connector configured that matched the message's recipient domain\. The connector had either the RestrictDomainsToIPAddresses or RestrictDomainsToCertificate set \[/;
export const TAKEN =
  /^250 2\.6\.0 <\S+> \[InternalId=\d+, Hostname=\S+\] \d+ bytes in [\d.]+, [\d.]+ KB\/sec Queued mail for delivery$/;

export const CASES: LabCase[] = [
  {
    number: '1',
    title: 'own sender, nobody vouches, rule off',
    rejectDirectSend: false,
    from: OWN,
    expect: TAKEN,
    landed: {
      folder: 'Inbox',
      directionality: 'Incoming',
      directSend: true,
      spf: 'softfail',
      dmarc: 'fail',
      compauth: 'fail',
      reason: '601',
    },
  },
  { number: '2', title: 'the same, rule on', rejectDirectSend: true, from: OWN, expect: DIRECT_SEND },
  {
    number: '3',
    title: 'foreign envelope, own From',
    rejectDirectSend: true,
    from: FOREIGN,
    headerFrom: BOSS,
    expect: TAKEN,
    landed: { folder: 'Inbox', directSend: false, dmarc: 'fail', action: 'none' },
  },
  {
    number: '4',
    title: 'own envelope, foreign From',
    rejectDirectSend: true,
    from: OWN,
    headerFrom: FOREIGN,
    expect: DIRECT_SEND,
  },
  {
    number: '5',
    title: 'subdomain, which does not count as accepted',
    rejectDirectSend: true,
    from: 'x@sub.contoso.test',
    headerFrom: OWN,
    expect: TAKEN,
    landed: { directSend: false },
  },
  {
    number: '6',
    title: 'subdomain with MatchSubDomains',
    rejectDirectSend: true,
    from: 'x@sub.contoso.test',
    headerFrom: OWN,
    domains: [{ name: 'contoso.test', matchSubDomains: true }],
    expect: DIRECT_SEND,
  },
  {
    number: '7',
    title: 'null sender',
    rejectDirectSend: true,
    from: '',
    headerFrom: OWN,
    expect: TAKEN,
    landed: { directSend: false, open: ['null-sender'] },
  },
  {
    number: '8',
    title: 'partner connector by certificate',
    rejectDirectSend: true,
    from: OWN,
    connectors: [{ ...PARTNER, certificateName: 'app.partner.test', restrictToCertificate: true }],
    tls: 'app.partner.test',
    expect: TAKEN,
    landed: { connector: 'Partner', directionality: 'Incoming', directSend: false },
  },
  {
    number: '9',
    title: 'the same without the certificate',
    rejectDirectSend: true,
    from: OWN,
    connectors: [{ ...PARTNER, certificateName: 'app.partner.test', restrictToCertificate: true }],
    tls: true,
    expect: LOCKED,
  },
  {
    number: '10',
    title: 'partner connector that names sender domains only',
    rejectDirectSend: true,
    from: OWN,
    connectors: [{ ...PARTNER, requireTls: false }],
    expect: DIRECT_SEND,
  },
  {
    number: '11',
    title: 'partner connector by address',
    rejectDirectSend: true,
    from: OWN,
    connectors: [{ ...PARTNER, requireTls: false, senderAddresses: ['198.51.100.0/24'] }],
    expect: TAKEN,
    landed: { connector: 'Partner' },
  },
  {
    number: '12',
    title: 'on-premises connector by address',
    rejectDirectSend: true,
    from: OWN,
    connectors: [{ name: 'Own servers', type: 'on-premises', senderAddresses: ['198.51.100.0/24'] }],
    expect: TAKEN,
    landed: { directionality: 'Originating', connector: 'Own servers', directSend: false },
  },
  ...[true, false].map((rejectDirectSend) => ({
    number: '13',
    title: `lockdown, foreign sender from elsewhere, rule ${rejectDirectSend ? 'on' : 'off'}`,
    rejectDirectSend,
    from: FOREIGN,
    connectors: [LOCKDOWN],
    expect: LOCKED,
  })),
  {
    number: '14',
    title: 'lockdown comes before the rule',
    rejectDirectSend: true,
    from: OWN,
    connectors: [LOCKDOWN],
    expect: LOCKED,
  },
  ...[true, false].map((rejectDirectSend) => ({
    number: '15',
    title: `to the outside, rule ${rejectDirectSend ? 'on' : 'off'}: at the end of DATA`,
    rejectDirectSend,
    from: OWN,
    to: 'someone@elsewhere.test',
    expect: /^550 5\.7\.64 TenantAttribution; Relay Access Denied SMTP \[/,
  })),
  ...[true, false].map((rejectDirectSend) => ({
    number: '16',
    title: `unknown recipient, rule ${rejectDirectSend ? 'on' : 'off'}: at RCPT`,
    rejectDirectSend,
    from: OWN,
    to: 'nobody@contoso.test',
    at: 'rcpt' as const,
    expect: /^550 5\.4\.1 \[nobody@contoso\.test\]: Recipient address rejected: Access denied \[/,
  })),
  {
    number: '17',
    title: 'SPF and DMARC pass: no exemption',
    rejectDirectSend: true,
    from: OWN,
    address: ADDRESSES.printer,
    expect: DIRECT_SEND,
  },
  {
    number: '17b',
    title: 'which would have passed',
    rejectDirectSend: false,
    from: OWN,
    address: ADDRESSES.printer,
    expect: TAKEN,
    landed: { spf: 'pass', dmarc: 'pass', compauth: 'pass', reason: '100' },
  },
  {
    number: '18',
    title: 'another accepted domain',
    rejectDirectSend: true,
    from: 'x@contoso-shop.test',
    domains: [{ name: 'contoso-shop.test' }],
    expect: DIRECT_SEND,
  },
  {
    number: '19',
    title: 'in capitals',
    rejectDirectSend: true,
    from: 'PAUL.MOREAU@CONTOSO.TEST',
    headerFrom: OWN,
    expect: DIRECT_SEND,
  },
  {
    number: '19b',
    title: 'internationalised, in capitals',
    rejectDirectSend: true,
    from: `X@${IDN.toUpperCase()}`,
    headerFrom: OWN,
    domains: [{ name: 'contosö.test' }],
    expect: DIRECT_SEND,
  },
  {
    number: '20',
    title: 'into another tenant, whose rule is off',
    rejectDirectSend: true,
    from: OWN,
    to: 'nora.lindt@fabrikam.test',
    expect: TAKEN,
    landed: { directSend: false },
  },
  ...[true, false].map((rejectDirectSend) => ({
    number: '21',
    title: `no From, rule ${rejectDirectSend ? 'on' : 'off'}`,
    rejectDirectSend,
    from: FOREIGN,
    headerFrom: null,
    expect: /^550 5\.7\.512 Access denied, message must be RFC 5322 section 3\.6\.2 compliant \[/,
  })),
  {
    number: '22',
    title: 'DMARC p=reject, honoured',
    rejectDirectSend: false,
    from: OWN,
    settings: { DmarcPolicy: 'reject' },
    expect:
      /^550 5\.7\.509 Access denied, sending domain \[contoso\.test\] does not pass DMARC verification and has a DMARC policy of reject\.(?: \[[^\]]+\]){3}$/,
  },
  {
    number: '22b',
    title: 'DMARC p=reject, into quarantine',
    rejectDirectSend: false,
    from: OWN,
    settings: { DmarcPolicy: 'reject', HonorDmarcPolicy: 'quarantine' },
    expect: TAKEN,
    landed: { folder: 'Quarantine', dmarc: 'fail', action: 'oreject', compauth: 'fail', reason: '010' },
  },
  {
    number: '22c',
    title: 'DMARC p=quarantine',
    rejectDirectSend: false,
    from: OWN,
    settings: { DmarcPolicy: 'quarantine' },
    expect: TAKEN,
    landed: { folder: 'Junk', action: 'quarantine', reason: '010' },
  },
];

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDomain } from '../smtp/syntax/domain.ts';
import type { Client } from './connector.ts';
import {
  acceptedDomainOf,
  clientOf,
  connectorOf,
  LISTED,
  questionOf,
  tenantWith,
  UNLISTED,
} from './fixtures.ts';
import { decide, type FrontDoorRefusal } from './front-door.ts';
import type { InboundConnector, Tenant } from './tenant.ts';

const CERTIFICATE = 'relay.contoso.test';
const withCertificate = clientOf({ tls: true, certificateNames: [CERTIFICATE] });
const byCertificate = connectorOf({
  senderDomains: ['contoso.test'],
  certificateName: CERTIFICATE,
  requireTls: true,
});

interface Row {
  what: string;
  tenant: Tenant;
  others?: Tenant[];
  sender: string;
  recipient?: string;
  recipientExists?: boolean;
  client?: Client;
  expect: FrontDoorRefusal | 'incoming' | 'originating' | 'partner';
  open?: string[];
}

const fabrikam: Tenant = {
  ...tenantWith([], { rejectDirectSend: false }, [acceptedDomainOf('fabrikam.test')]),
  id: '22222222-2222-4222-8222-222222222222',
  name: 'fabrikam',
};

const subdomains = (matchSubDomains: boolean): Tenant =>
  tenantWith([], {}, [acceptedDomainOf('contoso.test', { matchSubDomains })]);

// what a front door has to do, one row a case; the numbers are those of the published matrix of Direct Send
const ROWS: Row[] = [
  {
    what: '1 rule off',
    tenant: tenantWith([], { rejectDirectSend: false }),
    sender: 'contoso.test',
    expect: 'incoming',
  },
  { what: '2 rule on', tenant: tenantWith(), sender: 'contoso.test', expect: 'E201' },
  {
    what: '3 foreign envelope; the header has no say',
    tenant: tenantWith(),
    sender: 'attacker.test',
    expect: 'incoming',
  },
  {
    what: '5 subdomain, not matched',
    tenant: subdomains(false),
    sender: 'mail.contoso.test',
    expect: 'incoming',
  },
  { what: '6 subdomain, matched', tenant: subdomains(true), sender: 'mail.contoso.test', expect: 'E201' },
  {
    what: '6b the end of a name is no subdomain',
    tenant: subdomains(true),
    sender: 'notcontoso.test',
    expect: 'incoming',
  },
  { what: '7 null sender', tenant: tenantWith(), sender: '', expect: 'incoming', open: ['null-sender'] },
  {
    what: '8 partner by certificate',
    tenant: tenantWith([byCertificate]),
    sender: 'contoso.test',
    client: withCertificate,
    expect: 'partner',
  },
  {
    what: '9 partner by certificate, restricted, none shown',
    tenant: tenantWith([{ ...byCertificate, restrictToCertificate: true }]),
    sender: 'contoso.test',
    client: clientOf({ tls: true }),
    expect: 'E202',
  },
  {
    what: '10 sender domains alone identify nobody',
    tenant: tenantWith([connectorOf({ senderDomains: ['contoso.test'] })]),
    sender: 'contoso.test',
    expect: 'E201',
  },
  {
    what: '11 partner by network',
    tenant: tenantWith([connectorOf({ senderAddresses: ['192.0.2.0/24'] })]),
    sender: 'contoso.test',
    client: clientOf({ address: LISTED }),
    expect: 'partner',
    open: ['address-without-restriction'],
  },
  {
    what: '12 own servers by address',
    tenant: tenantWith([connectorOf({ type: 'on-premises', senderAddresses: [`${LISTED}/32`] })]),
    sender: 'contoso.test',
    client: clientOf({ address: LISTED }),
    expect: 'originating',
  },
  {
    what: '13 lockdown, another address',
    tenant: tenantWith([connectorOf({ restrictToAddresses: true, senderAddresses: ['192.0.2.0/24'] })], {
      rejectDirectSend: false,
    }),
    sender: 'attacker.test',
    expect: 'E202',
  },
  {
    what: '14 lockdown before Direct Send',
    tenant: tenantWith([connectorOf({ restrictToAddresses: true, senderAddresses: ['192.0.2.0/24'] })]),
    sender: 'contoso.test',
    expect: 'E202',
  },
  {
    what: '15 to the outside',
    tenant: tenantWith(),
    sender: 'contoso.test',
    recipient: 'gmail.test',
    expect: 'E203',
  },
  {
    what: '16 unknown, authoritative',
    tenant: tenantWith(),
    sender: 'contoso.test',
    recipientExists: false,
    expect: 'E204',
  },
  {
    what: '16b unknown, internal relay',
    tenant: tenantWith([], { rejectDirectSend: false }, [
      acceptedDomainOf('contoso.test', { type: 'internal-relay' }),
    ]),
    sender: 'contoso.test',
    recipientExists: false,
    expect: 'incoming',
  },
  { what: '18 another accepted domain', tenant: tenantWith(), sender: 'contoso.example', expect: 'E201' },
  { what: '19 upper case', tenant: tenantWith(), sender: parseDomain('CONTOSO.Test') ?? '', expect: 'E201' },
  {
    what: '19b internationalised',
    tenant: tenantWith([], {}, [acceptedDomainOf('xn--bcher-kva.test')]),
    sender: parseDomain('Bücher.test') ?? '',
    recipient: 'xn--bcher-kva.test',
    expect: 'E201',
  },
  {
    what: '20 into another tenant',
    tenant: tenantWith(),
    others: [fabrikam],
    sender: 'contoso.test',
    recipient: 'fabrikam.test',
    expect: 'incoming',
  },
  {
    what: 'a disabled connector',
    tenant: tenantWith([{ ...byCertificate, enabled: false }]),
    sender: 'contoso.test',
    client: withCertificate,
    expect: 'E201',
  },
  {
    what: 'a partner without the TLS that it must have',
    tenant: tenantWith([connectorOf({ senderAddresses: ['192.0.2.0/24'], requireTls: true })]),
    sender: 'contoso.test',
    client: clientOf({ address: LISTED }),
    expect: 'E201',
  },
  {
    what: 'own servers by certificate, null sender, to the outside',
    tenant: tenantWith([connectorOf({ type: 'on-premises', certificateName: '*.contoso.test' })]),
    sender: '',
    recipient: 'gmail.test',
    client: withCertificate,
    expect: 'originating',
  },
  {
    what: 'own servers by address, null sender: only the certificate has that right',
    tenant: tenantWith([connectorOf({ type: 'on-premises', senderAddresses: [`${LISTED}/32`] })]),
    sender: '',
    recipient: 'gmail.test',
    client: clientOf({ address: LISTED }),
    expect: 'E203',
  },
  {
    what: 'own servers by address, a sender who is not the tenant',
    tenant: tenantWith([connectorOf({ type: 'on-premises', senderAddresses: [`${LISTED}/32`] })]),
    sender: 'attacker.test',
    recipient: 'gmail.test',
    client: clientOf({ address: LISTED }),
    expect: 'E203',
  },
  {
    what: 'own servers by a certificate of a domain that is not accepted',
    tenant: tenantWith([connectorOf({ type: 'on-premises', certificateName: 'relay.attacker.test' })]),
    sender: 'contoso.test',
    client: clientOf({ tls: true, certificateNames: ['relay.attacker.test'] }),
    expect: 'E201',
  },
];

for (const {
  what,
  tenant,
  others = [],
  sender,
  recipient,
  recipientExists,
  client,
  expect,
  open = [],
} of ROWS) {
  test(`front door: ${what}`, () => {
    const decision = decide(
      [tenant, ...others],
      questionOf({
        senderDomain: sender,
        ...(recipient !== undefined && { recipientDomain: recipient }),
        ...(recipientExists !== undefined && { recipientExists }),
        ...(client && { client }),
      }),
    );
    assert.equal(decision.refusal ?? shapeOf(decision.attribution), expect);
    if (decision.refusal === undefined) assert.deepEqual(decision.open, open);
  });
}

function shapeOf(attribution: ReturnType<typeof decide>['attribution']): string {
  return attribution.kind === 'incoming' && attribution.connector ? 'partner' : attribution.kind;
}

test('two tenants list one address: the envelope sender says whose message it is', () => {
  const shared = connectorOf({ type: 'on-premises', senderAddresses: [LISTED] });
  const contoso = tenantWith([shared]);
  const other = { ...fabrikam, connectors: [shared] };
  const decision = decide(
    [contoso, other],
    questionOf({
      senderDomain: 'fabrikam.test',
      recipientDomain: 'gmail.test',
      client: clientOf({ address: LISTED }),
    }),
  );
  assert.equal(decision.attribution.kind === 'originating' && decision.attribution.tenant.name, 'fabrikam');
});

test('the more specific certificate name wins', () => {
  const wide = connectorOf({ name: 'wide', type: 'on-premises', certificateName: '*.contoso.test' });
  const exact = connectorOf({ name: 'exact', type: 'on-premises', certificateName: CERTIFICATE });
  for (const connectors of [
    [wide, exact],
    [exact, wide],
  ]) {
    const { attribution } = decide([tenantWith(connectors)], questionOf({ client: withCertificate }));
    assert.equal(attribution.kind === 'originating' && attribution.connector.name, 'exact');
  }
});

// Every combination, against rules that are written a second time, in the words of the table and without its code.
const SENDERS = ['contoso.test', 'contoso.example', 'sub.contoso.test', 'attacker.test', ''] as const;
const RECIPIENTS = ['known', 'unknown', 'unknown at relay', 'outside', 'other tenant'] as const;
const CLIENTS = ['plain', 'tls', 'tls with certificate', 'tls with another certificate'] as const;
const KINDS = [
  'partner by certificate',
  'partner by address',
  'partner by sender domain alone',
  'partner restricted to certificate',
  'partner restricted to address',
  'everybody restricted to address',
  'own by certificate',
  'own by address',
  'disabled',
] as const;
type Kind = (typeof KINDS)[number];

function made(kind: Kind, requireTls: boolean): InboundConnector {
  const own = ['contoso.test', 'contoso.example'];
  const certificate = { certificateName: CERTIFICATE, senderDomains: own, requireTls };
  const address = { senderAddresses: ['192.0.2.0/24'], senderDomains: own, requireTls };
  switch (kind) {
    case 'partner by certificate':
      return connectorOf(certificate);
    case 'partner by address':
      return connectorOf(address);
    case 'partner by sender domain alone':
      return connectorOf({ senderDomains: own, requireTls });
    case 'partner restricted to certificate':
      return connectorOf({ ...certificate, restrictToCertificate: true });
    case 'partner restricted to address':
      return connectorOf({ ...address, restrictToAddresses: true });
    case 'everybody restricted to address':
      return connectorOf({ ...address, senderDomains: ['*'], restrictToAddresses: true });
    case 'own by certificate':
      return connectorOf({ type: 'on-premises', certificateName: CERTIFICATE });
    case 'own by address':
      return connectorOf({ type: 'on-premises', senderAddresses: ['192.0.2.0/24'] });
    case 'disabled':
      return connectorOf({
        enabled: false,
        senderAddresses: ['0.0.0.0/0'],
        senderDomains: ['*'],
        restrictToAddresses: true,
      });
  }
}

interface Facts {
  rule: boolean;
  kinds: Kind[];
  requireTls: boolean;
  matchSubDomains: boolean;
  sender: (typeof SENDERS)[number];
  recipient: (typeof RECIPIENTS)[number];
  client: (typeof CLIENTS)[number];
  listed: boolean;
}

function expected({
  rule,
  kinds,
  requireTls,
  matchSubDomains,
  sender,
  recipient,
  client,
  listed,
}: Facts): string {
  const has = (kind: Kind): boolean => kinds.includes(kind);
  const proven = client === 'tls with certificate';
  const named = sender === 'contoso.test' || sender === 'contoso.example';
  const accepted = named || (sender === 'sub.contoso.test' && matchSubDomains);
  const encrypted = client !== 'plain' || !requireTls;

  const originating = (has('own by certificate') && proven) || (has('own by address') && listed && accepted);
  if (originating) return recipient === 'unknown' ? 'E204' : 'originating';
  if (recipient === 'outside') return 'E203';
  if (recipient === 'other tenant') return 'incoming';
  if (recipient === 'unknown') return 'E204';

  const partnerProven =
    named &&
    encrypted &&
    proven &&
    (has('partner by certificate') || has('partner restricted to certificate'));
  const partnerListed =
    encrypted &&
    listed &&
    ((named && (has('partner by address') || has('partner restricted to address'))) ||
      has('everybody restricted to address'));
  if (partnerProven || partnerListed) return 'partner';
  if (named && has('partner restricted to certificate') && !proven) return 'E202';
  if (named && has('partner restricted to address') && !listed) return 'E202';
  if (has('everybody restricted to address') && !listed) return 'E202';
  return rule && accepted ? 'E201' : 'incoming';
}

const RECIPIENT_DOMAINS: Record<Facts['recipient'], string> = {
  known: 'contoso.test',
  unknown: 'contoso.test',
  'unknown at relay': 'relay.example',
  outside: 'gmail.test',
  'other tenant': 'fabrikam.test',
};

const CLIENT_FACTS: Record<Facts['client'], Partial<Client>> = {
  plain: {},
  tls: { tls: true },
  'tls with certificate': { tls: true, certificateNames: [CERTIFICATE] },
  'tls with another certificate': { tls: true, certificateNames: ['relay.attacker.test'] },
};

test('front door: every combination of rule, sender, connectors, TLS, address and recipient', () => {
  const booleans = [false, true];
  const sets: Kind[][] = [[], ...KINDS.map((kind) => [kind])];
  for (const [index, first] of KINDS.entries())
    for (const second of KINDS.slice(index + 1)) sets.push([first, second]);
  let combinations = 0;
  const wrong: string[] = [];
  for (const kinds of sets) {
    for (const rule of booleans) {
      for (const matchSubDomains of booleans) {
        for (const requireTls of booleans) {
          const tenants = [
            tenantWith(
              kinds.map((kind) => made(kind, requireTls)),
              { rejectDirectSend: rule },
              [
                acceptedDomainOf('contoso.test', { matchSubDomains }),
                acceptedDomainOf('contoso.example'),
                acceptedDomainOf('relay.example', { type: 'internal-relay' }),
              ],
            ),
            fabrikam,
          ];
          for (const sender of SENDERS) {
            for (const recipient of RECIPIENTS) {
              for (const client of CLIENTS) {
                for (const listed of booleans) {
                  combinations += 1;
                  const facts = {
                    rule,
                    kinds,
                    requireTls,
                    matchSubDomains,
                    sender,
                    recipient,
                    client,
                    listed,
                  };
                  const decision = decide(
                    tenants,
                    questionOf({
                      senderDomain: sender,
                      recipientDomain: RECIPIENT_DOMAINS[recipient],
                      recipientExists: !recipient.startsWith('unknown'),
                      client: clientOf({ ...CLIENT_FACTS[client], address: listed ? LISTED : UNLISTED }),
                    }),
                  );
                  const got = decision.refusal ?? shapeOf(decision.attribution);
                  if (got !== expected(facts))
                    wrong.push(`${JSON.stringify(facts)}: ${got}, not ${expected(facts)}`);
                }
              }
            }
          }
        }
      }
    }
  }
  assert.deepEqual(wrong.slice(0, 5), []);
  assert.equal(combinations, 46 * 8 * 5 * 5 * 4 * 2);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientOf, connectorOf, LISTED, questionOf, tenantWith } from './fixtures.ts';
import { decide } from './front-door.ts';
import { type Evidence, type Judgement, judge } from './judgement.ts';
import type { Organization } from './tenant.ts';

type Dmarc = Evidence['dmarc'];
const dmarc = (result: Dmarc['result'], policy?: Dmarc['policy'], aligned: Dmarc['aligned'] = []): Dmarc => ({
  result,
  ...(policy && { policy }),
  aligned,
  text: `dmarc ${result}`,
});
const PASS = dmarc('pass', 'reject', [{ mechanism: 'dkim', domain: 'contoso.test', mode: 'strict' }]);
const STRICT: Partial<Organization> = { ownDomainSpoof: 'quarantine', displayNameSpoof: 'junk' };

interface Row {
  what: string;
  organization?: Partial<Organization>;
  partner?: boolean;
  sender?: string;
  author?: string;
  dmarc: Dmarc;
  imitation?: Evidence['imitation'];
  sealedBy?: string;
  unsignedFields?: string[];
  marks?: string[];
  expect: Partial<Judgement>;
}

const ROWS: Row[] = [
  {
    what: 'foreign, no policy',
    author: 'a@news.test',
    dmarc: dmarc('none'),
    expect: { placement: 'deliver' },
  },
  { what: 'foreign, proven', author: 'a@news.test', dmarc: PASS, expect: { placement: 'deliver' } },
  {
    what: 'foreign, fails reject',
    author: 'a@bank.test',
    dmarc: dmarc('fail', 'reject'),
    expect: { refusal: 'E206' },
  },
  {
    what: 'foreign, fails reject, honoured by quarantine',
    organization: { honourDmarcReject: 'quarantine' },
    author: 'a@bank.test',
    dmarc: dmarc('fail', 'reject'),
    expect: { placement: 'quarantine' },
  },
  {
    what: 'foreign, fails quarantine',
    author: 'a@bank.test',
    dmarc: dmarc('fail', 'quarantine'),
    expect: { placement: 'junk' },
  },
  {
    what: 'foreign, fails none',
    author: 'a@bank.test',
    dmarc: dmarc('fail', 'none'),
    expect: { placement: 'deliver' },
  },
  {
    what: 'foreign, nobody can say',
    author: 'a@bank.test',
    dmarc: dmarc('temperror'),
    expect: { refusal: 'E221' },
  },
  {
    what: 'foreign, nobody can say, policy none',
    author: 'a@bank.test',
    dmarc: dmarc('temperror', 'none'),
    expect: { placement: 'deliver' },
  },
  {
    what: 'own in both, unproven',
    dmarc: dmarc('fail', 'none'),
    expect: { placement: 'quarantine', spoof: 'envelope' },
  },
  {
    what: 'own in From alone',
    sender: 'attacker.test',
    dmarc: dmarc('none'),
    expect: { placement: 'quarantine', spoof: 'header' },
  },
  {
    what: 'own, null sender',
    sender: '',
    dmarc: dmarc('none'),
    expect: { placement: 'quarantine', spoof: 'header' },
  },
  {
    what: 'own, refused where so set',
    organization: { ownDomainSpoof: 'refuse' },
    dmarc: dmarc('none'),
    expect: { refusal: 'E220', spoof: 'envelope' },
  },
  {
    what: 'own, watched only',
    organization: { ownDomainSpoof: 'off' },
    dmarc: dmarc('none'),
    expect: { placement: 'deliver', spoof: 'envelope' },
  },
  {
    what: 'a name below an own domain, which nothing proves',
    author: 'boss@hr.contoso.test',
    sender: 'attacker.test',
    dmarc: dmarc('fail', 'none'),
    expect: { placement: 'quarantine', spoof: 'header', imitates: 'hr.contoso.test' },
  },
  {
    what: 'a name below an own domain, proven',
    author: 'boss@hr.contoso.test',
    dmarc: PASS,
    expect: { placement: 'deliver', spoof: undefined },
  },
  {
    what: 'a name that only ends like an own domain',
    author: 'boss@notcontoso.test',
    sender: 'attacker.test',
    dmarc: dmarc('fail', 'none'),
    expect: { placement: 'deliver', spoof: undefined },
  },
  { what: 'own, proven', dmarc: PASS, expect: { placement: 'deliver', spoof: undefined } },
  { what: 'own, nobody can say', dmarc: dmarc('temperror', 'none'), expect: { refusal: 'E221' } },
  {
    what: 'own, watched only, but its policy is reject and nobody can say',
    organization: { ownDomainSpoof: 'off' },
    dmarc: dmarc('temperror', 'reject'),
    expect: { refusal: 'E221' },
  },
  {
    what: 'own, by an identified partner',
    partner: true,
    dmarc: dmarc('fail', 'reject'),
    expect: { placement: 'deliver', spoof: undefined },
  },
  { what: 'own, p=reject', dmarc: dmarc('fail', 'reject'), expect: { refusal: 'E206', spoof: 'envelope' } },
  {
    what: 'own, p=reject, broken by a trusted sealer',
    dmarc: dmarc('fail', 'reject'),
    sealedBy: 'lists.test',
    expect: { placement: 'deliver', refusal: undefined },
  },
  {
    what: 'a trusted seal is no answer to a name server that does not answer',
    dmarc: dmarc('temperror', 'reject'),
    sealedBy: 'lists.test',
    expect: { refusal: 'E221' },
  },
  {
    what: 'replayed with a second Subject',
    author: 'a@news.test',
    dmarc: PASS,
    unsignedFields: ['subject'],
    expect: { placement: 'junk', spoof: undefined },
  },
  {
    what: 'from a client that is marked, proven',
    author: 'a@news.test',
    dmarc: PASS,
    marks: ['the client calls itself localhost'],
    expect: { placement: 'junk', refusal: undefined },
  },
  {
    what: 'from a client that is marked, with a trusted seal',
    author: 'a@news.test',
    dmarc: dmarc('fail', 'reject'),
    sealedBy: 'list.test',
    marks: ['the client calls itself localhost'],
    expect: { placement: 'junk' },
  },
  {
    what: 'from a client that is marked, a safe sender that is proven',
    organization: { safeSenders: ['news.test'] },
    author: 'a@news.test',
    dmarc: PASS,
    marks: ['the client calls itself localhost'],
    expect: { placement: 'deliver' },
  },
  {
    what: 'from a client that is marked, a safe sender that is not proven',
    organization: { safeSenders: ['news.test'] },
    author: 'a@news.test',
    dmarc: dmarc('none'),
    marks: ['the client calls itself localhost'],
    expect: { placement: 'junk' },
  },
  {
    what: 'from a client that is marked, and would be refused all the same',
    author: 'a@news.test',
    dmarc: dmarc('fail', 'reject'),
    marks: ['the client calls itself localhost'],
    expect: { refusal: 'E206' },
  },
  {
    what: 'from a client that is marked, a partner',
    partner: true,
    author: 'a@news.test',
    dmarc: dmarc('none'),
    marks: ['the client calls itself localhost'],
    expect: { placement: 'deliver' },
  },
  {
    what: 'display name, proven foreign author',
    author: 'boss@mail.test',
    dmarc: PASS,
    imitation: { kind: 'display-name', of: 'boss@contoso.test' },
    expect: { placement: 'junk', spoof: 'display-name' },
  },
  {
    what: 'display name of a safe sender that is proven',
    organization: { safeSenders: ['mail.test'] },
    author: 'boss@mail.test',
    dmarc: PASS,
    imitation: { kind: 'display-name', of: 'boss@contoso.test' },
    expect: { placement: 'deliver' },
  },
  {
    what: 'a safe sender that is not proven',
    organization: { safeSenders: ['bank.test'] },
    author: 'a@bank.test',
    dmarc: dmarc('fail', 'quarantine'),
    expect: { placement: 'junk' },
  },
  {
    what: 'an own domain as safe sender does not help',
    organization: { safeSenders: ['contoso.test'] },
    dmarc: dmarc('fail', 'none'),
    expect: { placement: 'quarantine' },
  },
  {
    what: 'lookalike',
    author: 'a@c0ntoso.test',
    dmarc: dmarc('none'),
    imitation: { kind: 'lookalike', of: 'contoso.test' },
    expect: { placement: 'junk', spoof: 'lookalike' },
  },
  {
    what: 'lookalike that fails quarantine: the stronger counts',
    organization: { displayNameSpoof: 'quarantine' },
    author: 'a@c0ntoso.test',
    dmarc: dmarc('fail', 'quarantine'),
    imitation: { kind: 'lookalike', of: 'contoso.test' },
    expect: { placement: 'quarantine', spoof: 'lookalike' },
  },
];

for (const {
  what,
  organization,
  partner,
  sender = 'contoso.test',
  author = 'boss@contoso.test',
  expect,
  ...rest
} of ROWS) {
  test(`judged: ${what}`, () => {
    const connectors = partner ? [connectorOf({ senderAddresses: [LISTED] })] : [];
    const tenant = tenantWith(connectors, { rejectDirectSend: false, ...STRICT, ...organization });
    const decision = decide(
      [tenant],
      questionOf({ senderDomain: sender, client: clientOf({ address: LISTED }) }),
    );
    const authorDomain = author.slice(author.indexOf('@') + 1);
    const judgement = judge({ decision, tenant, senderDomain: sender, author, authorDomain, ...rest });
    for (const [name, value] of Object.entries(expect))
      assert.equal(judgement[name as keyof Judgement], value, name);
    if (judgement.placement !== 'deliver' || judgement.refusal) assert.ok(judgement.reasons.length > 0);
  });
}

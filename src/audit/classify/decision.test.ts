import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptedDomainOf, connectorOf, tenantWith } from '../../edge/fixtures.ts';
import type { EvidenceKind } from '../evidence/observation.ts';
import { factOf, type Told } from '../facts/fact.ts';
import { decideOn } from './decision.ts';
import { WhatIf } from './what-if.ts';

const organisation = { tenant: tenantWith([], { rejectDirectSend: false }), connectorsKnown: false };
const whole: Told = {
  at: 1,
  p1: 'scanner@contoso.test',
  p2: 'scanner@contoso.test',
  recipient: 'joe@contoso.test',
  address: '203.0.113.25',
  helo: 'MFP-3F',
  connector: 'none',
  direction: 'incoming',
};
const fact = (told: Partial<Told>, kind: EvidenceKind = 'trace-detail') =>
  factOf({ kind, file: 1, row: 1, ...whole, ...told });

describe('Direct Send, decided from evidence', () => {
  const table: [string, Partial<Told>, string, string[]][] = [
    ['own envelope, no connector, an address', {}, 'direct-send', []],
    [
      'SPF, DKIM and DMARC pass: no exemption',
      { spf: 'pass', dkim: 'pass', dmarc: 'pass' },
      'direct-send',
      [],
    ],
    ['own envelope behind a strange author', { p2: 'a@else.example' }, 'direct-send', []],
    ['another own domain than the recipient', { p1: 'a@contoso.example' }, 'direct-send', []],
    ['upper case', { p1: 'a@CONTOSO.test' }, 'direct-send', []],
    ['strange envelope behind an own author', { p1: 'a@else.example' }, 'not', []],
    ['subdomain that does not match', { p1: 'a@news.contoso.test' }, 'not', []],
    ['null sender', { p1: '' }, 'not', []],
    ['partner connector', { connector: { name: 'X', type: 'Partner' } }, 'not', []],
    [
      'on-premises connector',
      { connector: { name: 'X', type: 'OnPremises' }, direction: 'originating' },
      'not',
      [],
    ],
    ['internal relay', { connector: 'internal-relay' }, 'not', []],
    ['originating', { direction: 'originating' }, 'not', []],
    ['recipient elsewhere', { recipient: 'a@else.example' }, 'not', []],
    ['no address at all', { address: '' }, 'not', []],
    ['intra-org, from the internet', { direction: 'intra-org' }, 'direct-send', []],
    ['no word of the envelope', { p1: undefined }, 'candidate', ['p1']],
    ['no word of connectors', { connector: undefined }, 'candidate', ['connector']],
    ['no word of the address', { address: undefined }, 'candidate', ['address']],
    ['an inner address only', { address: '10.1.2.3' }, 'candidate', ['address']],
    [
      "Microsoft's own verdict stands for the envelope",
      { p1: undefined, extra: { Tag: 'DRS' } },
      'direct-send',
      [],
    ],
    [
      'of a strange author it tells that the envelope was own, and not whose',
      { p1: undefined, p2: 'a@else.example', extra: { Tag: 'DRS' } },
      'candidate',
      ['p1'],
    ],
    ['another verdict does not', { p1: undefined, extra: { Tag: 'OMC' } }, 'candidate', ['p1']],
  ];
  for (const [name, told, outcome, missing] of table) {
    it(`${name}: ${outcome}`, () => {
      const decision = decideOn(fact(told), organisation);
      assert.deepEqual([decision.outcome, decision.missing], [outcome, missing]);
    });
  }

  it('is refused by the same rule as at the edge', () => {
    assert.equal(decideOn(fact({}), organisation).rule.refusal, 'E201');
    assert.equal(decideOn(fact({ p1: 'a@else.example' }), organisation).rule.refusal, undefined);
  });

  it('looks at the connectors of today only where the evidence is silent', () => {
    const tenant = tenantWith([connectorOf({ name: 'HQ', senderAddresses: ['203.0.113.0/24'] })]);
    const known = { tenant, connectorsKnown: true };
    assert.equal(decideOn(fact({ connector: undefined }), known).outcome, 'not');
    assert.equal(
      decideOn(fact({ connector: undefined }), { tenant, connectorsKnown: false }).outcome,
      'candidate',
    );
    assert.equal(decideOn(fact({}), known).outcome, 'direct-send');
  });

  it('a trace with a blank address is of a mailbox', () =>
    assert.equal(
      decideOn(fact({ address: '', connector: undefined, p1: undefined }, 'trace'), organisation).outcome,
      'not',
    ));
});

describe('what the rule would do', () => {
  it('is told for each domain, with subdomains as a what-if', () => {
    const what = new WhatIf(organisation);
    for (const told of [
      {},
      { p1: 'a@contoso.example' },
      { p1: undefined },
      { p1: 'x@news.contoso.test' },
      { p1: 'x@else.example' },
      { connector: { type: 'Partner' } },
      { p1: '@contoso.test', recipient: undefined, connector: undefined, count: 40 },
    ])
      what.add(fact(told));
    assert.deepEqual(what.effects, [
      { domain: 'contoso.test', refused: 1, perhaps: 41, withSubdomains: 1, untouched: 2 },
      { domain: 'contoso.example', refused: 1, perhaps: 0, withSubdomains: 0, untouched: 0 },
    ]);
  });

  it('counts subdomains where they match already', () => {
    const tenant = tenantWith([], {}, [acceptedDomainOf('contoso.test', { matchSubDomains: true })]);
    const what = new WhatIf({ tenant, connectorsKnown: false });
    what.add(fact({ p1: 'x@news.contoso.test' }));
    assert.deepEqual(what.effects, [
      { domain: 'contoso.test', refused: 1, perhaps: 0, withSubdomains: 0, untouched: 0 },
    ]);
  });
});

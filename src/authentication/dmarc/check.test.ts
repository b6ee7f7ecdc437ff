import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Zone } from '../zone.fixture.ts';
import type { ZoneEntry } from '../zone.fixture.ts';
import { checkDmarc } from './check.ts';
import type { DmarcInput, DmarcResult } from './check.ts';

const none = { dkim: [] };
const spf = (
  domain: string,
  result: 'pass' | 'temperror' | 'softfail' = 'pass',
): Omit<DmarcInput, 'domain'> => ({
  spf: { result, domain },
  dkim: [],
});
const signed = (...domains: string[]): Omit<DmarcInput, 'domain'> => ({
  dkim: domains.map((domain) => ({ result: 'pass', domain, selector: 's' })),
});

interface Case {
  name: string;
  zone: Record<string, ZoneEntry>;
  domain: string;
  by: Omit<DmarcInput, 'domain'>;
  expect: [
    result: DmarcResult['result'],
    policy?: string | undefined,
    tag?: string | undefined,
    recordDomain?: string | undefined,
    organisation?: string | undefined,
  ];
}

const reject = 'v=DMARC1; p=reject';
const corp = { 'TXT _dmarc.corp.test': reject };
const exists = { 'A a.corp.test': '192.0.2.1' };
const CASES: Case[] = [
  // where the record is
  {
    name: 'no record anywhere',
    zone: {},
    domain: 'a.corp.test',
    by: none,
    expect: ['none', undefined, undefined, undefined, 'a.corp.test'],
  },
  {
    name: 'own record',
    zone: corp,
    domain: 'corp.test',
    by: none,
    expect: ['fail', 'reject', 'p', 'corp.test', 'corp.test'],
  },
  {
    name: 'inherited',
    zone: corp,
    domain: 'a.b.corp.test',
    by: none,
    expect: ['fail', 'reject', 'p', 'corp.test', 'corp.test'],
  },
  {
    name: 'upper case, final dot',
    zone: corp,
    domain: 'A.Corp.Test.',
    by: none,
    expect: ['fail', 'reject', 'p', 'corp.test'],
  },
  { name: 'an address literal', zone: corp, domain: '[192.0.2.1]', by: none, expect: ['none'] },
  {
    name: 'the record of a domain in between is not inherited',
    zone: { ...corp, 'TXT _dmarc.b.corp.test': 'v=DMARC1; p=none' },
    domain: 'a.b.corp.test',
    by: none,
    expect: ['fail', 'reject', 'p', 'corp.test', 'corp.test'],
  },
  {
    name: 'unless it says psd=n',
    zone: { ...corp, 'TXT _dmarc.b.corp.test': 'v=DMARC1; p=quarantine; psd=n' },
    domain: 'a.b.corp.test',
    by: none,
    expect: ['fail', 'quarantine', 'p', 'b.corp.test', 'b.corp.test'],
  },
  {
    name: 'a public suffix has the last word',
    zone: { 'TXT _dmarc.test': 'v=DMARC1; p=none; sp=quarantine; psd=y' },
    domain: 'a.corp.test',
    by: none,
    expect: ['fail', 'quarantine', 'sp', 'test', 'corp.test'],
  },
  {
    name: 'but none over an organisation with a record',
    zone: { ...corp, 'TXT _dmarc.test': 'v=DMARC1; p=none; psd=y' },
    domain: 'a.corp.test',
    by: none,
    expect: ['fail', 'reject', 'p', 'corp.test', 'corp.test'],
  },
  {
    name: 'a record of an upper domain that says nothing of psd',
    zone: { ...corp, 'TXT _dmarc.test': 'v=DMARC1; p=none' },
    domain: 'a.corp.test',
    by: none,
    expect: ['fail', 'none', 'p', 'test', 'test'],
  },
  {
    name: 'mail of the public suffix itself',
    zone: { 'TXT _dmarc.test': 'v=DMARC1; p=reject; psd=y' },
    domain: 'test',
    by: none,
    expect: ['fail', 'reject', 'p', 'test', 'test'],
  },
  {
    name: 'two records are none',
    zone: { 'TXT _dmarc.corp.test': [reject, 'v=DMARC1; p=none'] },
    domain: 'corp.test',
    by: none,
    expect: ['none', undefined, undefined, undefined, 'corp.test'],
  },
  {
    name: 'two records: the walk goes on',
    zone: { ...corp, 'TXT _dmarc.a.corp.test': [reject, reject] },
    domain: 'a.corp.test',
    by: none,
    expect: ['fail', 'reject', 'p', 'corp.test'],
  },
  {
    name: 'other records beside it do not count',
    zone: { 'TXT _dmarc.corp.test': ['v=spf1 -all', reject, 'x'] },
    domain: 'corp.test',
    by: none,
    expect: ['fail', 'reject', 'p'],
  },
  {
    name: 'a wildcard TXT record is no DMARC record',
    zone: { 'TXT _dmarc.a.corp.test': 'v=spf1 -all', ...corp },
    domain: 'a.corp.test',
    by: none,
    expect: ['fail', 'reject', 'p', 'corp.test'],
  },
  {
    name: 'a name that DNS can not hold',
    zone: corp,
    domain: `${'x'.repeat(64)}.corp.test`,
    by: none,
    expect: ['fail', 'reject', 'p', 'corp.test'],
  },
  // which policy
  {
    name: 'sp for a subdomain',
    zone: { 'TXT _dmarc.corp.test': 'v=DMARC1; p=none; sp=reject' },
    domain: 'a.corp.test',
    by: none,
    expect: ['fail', 'reject', 'sp'],
  },
  {
    name: 'sp is not for the domain itself',
    zone: { 'TXT _dmarc.corp.test': 'v=DMARC1; p=none; sp=reject' },
    domain: 'corp.test',
    by: none,
    expect: ['fail', 'none', 'p'],
  },
  {
    name: 'sp of a subdomain is ignored',
    zone: { ...corp, 'TXT _dmarc.b.corp.test': 'v=DMARC1; p=none; sp=none' },
    domain: 'a.b.corp.test',
    by: none,
    expect: ['fail', 'reject', 'p'],
  },
  {
    name: 'np for a name that does not exist',
    zone: { 'TXT _dmarc.corp.test': 'v=DMARC1; p=none; sp=quarantine; np=reject' },
    domain: 'a.corp.test',
    by: none,
    expect: ['fail', 'reject', 'np'],
  },
  {
    name: 'np not for a name with an address',
    zone: { 'TXT _dmarc.corp.test': 'v=DMARC1; p=none; sp=quarantine; np=reject', ...exists },
    domain: 'a.corp.test',
    by: none,
    expect: ['fail', 'quarantine', 'sp'],
  },
  {
    name: 'np not for a name with MX alone',
    zone: {
      'TXT _dmarc.corp.test': 'v=DMARC1; p=none; np=reject',
      'MX a.corp.test': 'mx.corp.test',
      'A a.corp.test': 'nxdomain',
    },
    domain: 'a.corp.test',
    by: none,
    expect: ['fail', 'none', 'p'],
  },
  {
    name: 'np not for a name that only has names below it',
    zone: { 'TXT _dmarc.corp.test': 'v=DMARC1; p=none; np=reject', 'TXT x.a.corp.test': 'x' },
    domain: 'a.corp.test',
    by: none,
    expect: ['fail', 'none', 'p'],
  },
  {
    name: 'np not for the domain itself',
    zone: { 'TXT _dmarc.corp.test': 'v=DMARC1; p=none; np=reject' },
    domain: 'corp.test',
    by: none,
    expect: ['fail', 'none', 'p'],
  },
  {
    name: 'np=none weakens for names that do not exist',
    zone: { 'TXT _dmarc.corp.test': 'v=DMARC1; p=reject; np=none' },
    domain: 'a.corp.test',
    by: none,
    expect: ['fail', 'none', 'np'],
  },
  {
    name: 't=y: reject becomes quarantine',
    zone: { 'TXT _dmarc.corp.test': 'v=DMARC1; p=reject; t=y' },
    domain: 'corp.test',
    by: none,
    expect: ['fail', 'quarantine', 'p'],
  },
  {
    name: 't=y: quarantine becomes none',
    zone: { 'TXT _dmarc.corp.test': 'v=DMARC1; p=none; sp=quarantine; t=y' },
    domain: 'a.corp.test',
    by: none,
    expect: ['fail', 'none', 'sp'],
  },
  {
    name: 'pct=0 means nothing any more',
    zone: { 'TXT _dmarc.corp.test': 'v=DMARC1; p=reject; pct=0' },
    domain: 'corp.test',
    by: none,
    expect: ['fail', 'reject', 'p'],
  },
  {
    name: 'no usable policy',
    zone: { 'TXT _dmarc.corp.test': 'v=DMARC1; p=bad' },
    domain: 'corp.test',
    by: spf('corp.test'),
    expect: ['permerror', undefined, undefined, 'corp.test'],
  },
  {
    name: 'no usable policy, but reports',
    zone: { 'TXT _dmarc.corp.test': 'v=DMARC1; p=bad; rua=mailto:a@b.test' },
    domain: 'corp.test',
    by: none,
    expect: ['fail', 'none', 'p'],
  },
  // alignment
  {
    name: 'SPF of the same domain',
    zone: corp,
    domain: 'corp.test',
    by: spf('corp.test'),
    expect: ['pass', 'reject', 'p', 'corp.test', 'corp.test'],
  },
  {
    name: 'SPF in upper case with a final dot',
    zone: corp,
    domain: 'corp.test',
    by: spf('CORP.Test.'),
    expect: ['pass', 'reject'],
  },
  {
    name: 'SPF of a subdomain',
    zone: corp,
    domain: 'corp.test',
    by: spf('bounce.corp.test'),
    expect: ['pass', 'reject'],
  },
  {
    name: 'SPF of the parent',
    zone: corp,
    domain: 'a.corp.test',
    by: spf('corp.test'),
    expect: ['pass', 'reject'],
  },
  {
    name: 'SPF of a sibling',
    zone: corp,
    domain: 'a.corp.test',
    by: spf('b.corp.test'),
    expect: ['pass', 'reject'],
  },
  {
    name: 'SPF of somebody else',
    zone: corp,
    domain: 'corp.test',
    by: spf('evil.test'),
    expect: ['fail', 'reject'],
  },
  {
    name: 'SPF of a name that ends alike',
    zone: corp,
    domain: 'corp.test',
    by: spf('evilcorp.test'),
    expect: ['fail', 'reject'],
  },
  {
    name: 'SPF of a name that begins alike',
    zone: corp,
    domain: 'corp.test',
    by: spf('corp.test.evil.test'),
    expect: ['fail', 'reject'],
  },
  {
    name: 'SPF softfail',
    zone: corp,
    domain: 'corp.test',
    by: spf('corp.test', 'softfail'),
    expect: ['fail', 'reject'],
  },
  {
    name: 'SPF that passes for no domain',
    zone: corp,
    domain: 'corp.test',
    by: { spf: { result: 'pass', domain: '' }, dkim: [] },
    expect: ['fail', 'reject'],
  },
  {
    name: 'SPF that passes for the top-level domain',
    zone: corp,
    domain: 'corp.test',
    by: spf('test'),
    expect: ['fail', 'reject'],
  },
  {
    name: 'aspf=s',
    zone: { 'TXT _dmarc.corp.test': `${reject}; aspf=s` },
    domain: 'corp.test',
    by: spf('a.corp.test'),
    expect: ['fail', 'reject'],
  },
  {
    name: 'aspf=s, the same',
    zone: { 'TXT _dmarc.corp.test': `${reject}; aspf=s` },
    domain: 'corp.test',
    by: spf('corp.test'),
    expect: ['pass', 'reject'],
  },
  {
    name: 'aspf=s says nothing of DKIM',
    zone: { 'TXT _dmarc.corp.test': `${reject}; aspf=s` },
    domain: 'corp.test',
    by: signed('a.corp.test'),
    expect: ['pass', 'reject'],
  },
  {
    name: 'adkim=s',
    zone: { 'TXT _dmarc.corp.test': `${reject}; adkim=s` },
    domain: 'corp.test',
    by: signed('a.corp.test'),
    expect: ['fail', 'reject'],
  },
  {
    name: 'the last of many signatures',
    zone: corp,
    domain: 'corp.test',
    by: signed('x.test', 'y.test', 'corp.test'),
    expect: ['pass', 'reject'],
  },
  {
    name: 'a failed signature of the domain',
    zone: corp,
    domain: 'corp.test',
    by: { dkim: [{ result: 'fail', domain: 'corp.test' }] },
    expect: ['fail', 'reject'],
  },
  {
    name: 'a signature with a body appended behind it',
    zone: corp,
    domain: 'corp.test',
    by: { dkim: [{ result: 'pass', domain: 'corp.test', unsignedOctets: 1 }] },
    expect: ['fail', 'reject'],
  },
  {
    name: 'psd=n cuts a department off',
    zone: { ...corp, 'TXT _dmarc.b.corp.test': 'v=DMARC1; p=reject; psd=n' },
    domain: 'a.b.corp.test',
    by: signed('corp.test'),
    expect: ['fail', 'reject', 'p', 'b.corp.test'],
  },
  {
    name: 'and the other way',
    zone: { ...corp, 'TXT _dmarc.b.corp.test': 'v=DMARC1; p=reject; psd=n' },
    domain: 'corp.test',
    by: signed('x.b.corp.test'),
    expect: ['fail', 'reject', 'p', 'corp.test'],
  },
  {
    name: 'customers of a public suffix do not align',
    zone: { 'TXT _dmarc.host.test': 'v=DMARC1; p=reject; psd=y' },
    domain: 'a.host.test',
    by: signed('b.host.test'),
    expect: ['fail', 'reject', 'p', 'host.test', 'a.host.test'],
  },
  {
    name: 'nor with the suffix itself',
    zone: { 'TXT _dmarc.host.test': 'v=DMARC1; p=reject; psd=y' },
    domain: 'a.host.test',
    by: signed('host.test'),
    expect: ['fail', 'reject'],
  },
  {
    name: 'within one customer they do',
    zone: { 'TXT _dmarc.host.test': 'v=DMARC1; p=reject; psd=y' },
    domain: 'x.a.host.test',
    by: signed('y.a.host.test'),
    expect: ['pass', 'reject'],
  },
  // nobody could tell
  {
    name: 'the record, temporarily',
    zone: { 'TXT _dmarc.corp.test': 'temporary' },
    domain: 'corp.test',
    by: none,
    expect: ['temperror'],
  },
  {
    name: 'the record, and SPF passes',
    zone: { 'TXT _dmarc.corp.test': 'temporary' },
    domain: 'corp.test',
    by: spf('corp.test'),
    expect: ['temperror'],
  },
  {
    name: 'the record of the organisation',
    zone: { 'TXT _dmarc.corp.test': 'temporary' },
    domain: 'a.corp.test',
    by: none,
    expect: ['temperror'],
  },
  {
    name: 'the record of the top-level domain, where nothing else is',
    zone: { 'TXT _dmarc.test': 'temporary' },
    domain: 'a.corp.test',
    by: none,
    expect: ['temperror'],
  },
  {
    name: 'what is above the own record, and nothing is proven',
    zone: { ...corp, 'TXT _dmarc.test': 'temporary' },
    domain: 'corp.test',
    by: spf('evil.example'),
    expect: ['fail', 'reject', 'p', 'corp.test'],
  },
  {
    name: 'what is above the own record, and the identifier is the same',
    zone: { ...corp, 'TXT _dmarc.test': 'temporary' },
    domain: 'corp.test',
    by: spf('corp.test'),
    expect: ['pass', 'reject'],
  },
  {
    name: 'what is above the own record, and it could matter',
    zone: { ...corp, 'TXT _dmarc.test': 'temporary' },
    domain: 'corp.test',
    by: spf('a.corp.test'),
    expect: ['temperror', 'reject', 'p'],
  },
  {
    name: 'the organisation of the identifier',
    zone: { ...corp, 'TXT _dmarc.a.corp.test': 'temporary' },
    domain: 'corp.test',
    by: spf('a.corp.test'),
    expect: ['temperror', 'reject'],
  },
  {
    name: 'the organisation of one identifier, while another aligns',
    zone: { ...corp, 'TXT _dmarc.a.corp.test': 'temporary' },
    domain: 'corp.test',
    by: { ...signed('corp.test'), spf: { result: 'pass', domain: 'a.corp.test' } },
    expect: ['pass', 'reject'],
  },
  {
    name: 'SPF of the domain',
    zone: corp,
    domain: 'corp.test',
    by: spf('corp.test', 'temperror'),
    expect: ['temperror', 'reject'],
  },
  {
    name: 'SPF of somebody else',
    zone: corp,
    domain: 'corp.test',
    by: spf('evil.test', 'temperror'),
    expect: ['fail', 'reject'],
  },
  {
    name: 'the key of an aligned signature',
    zone: corp,
    domain: 'corp.test',
    by: { dkim: [{ result: 'temperror', domain: 'a.corp.test' }] },
    expect: ['temperror', 'reject'],
  },
  {
    name: 'the key of a strange signature',
    zone: corp,
    domain: 'corp.test',
    by: { dkim: [{ result: 'temperror', domain: 'evil.test' }] },
    expect: ['fail', 'reject'],
  },
  {
    name: 'whether the name exists, where that matters',
    zone: {
      'TXT _dmarc.corp.test': 'v=DMARC1; p=none; np=reject',
      'A a.corp.test': 'temporary',
      'MX a.corp.test': 'nxdomain',
    },
    domain: 'a.corp.test',
    by: none,
    expect: ['temperror', undefined, undefined, 'corp.test'],
  },
  {
    name: 'whether the name exists, and MX shows it',
    zone: {
      'TXT _dmarc.corp.test': 'v=DMARC1; p=none; np=reject',
      'A a.corp.test': 'temporary',
      'MX a.corp.test': 'mx.test',
    },
    domain: 'a.corp.test',
    by: none,
    expect: ['fail', 'none', 'p'],
  },
  {
    name: 'whether the name exists, where it is all the same',
    zone: {
      'TXT _dmarc.corp.test': 'v=DMARC1; p=reject; np=reject',
      'A a.corp.test': 'temporary',
      'MX a.corp.test': 'temporary',
    },
    domain: 'a.corp.test',
    by: none,
    expect: ['fail', 'reject', 'p'],
  },
  {
    name: 'whether the name exists, but it is proven',
    zone: {
      'TXT _dmarc.corp.test': 'v=DMARC1; p=none; np=reject',
      'A a.corp.test': 'temporary',
      'MX a.corp.test': 'temporary',
    },
    domain: 'a.corp.test',
    by: spf('a.corp.test'),
    expect: ['pass'],
  },
];

describe('DMARC', () => {
  for (const { name, zone, domain, by, expect } of CASES) {
    test(name, async () => {
      const answer = await checkDmarc({ domain, ...by }, new Zone(zone));
      const [result, policy, tag, recordDomain, organisation] = expect;
      assert.equal(answer.result, result, answer.text);
      if (expect.length > 1) assert.equal(answer.policy, policy, answer.text);
      if (tag !== undefined) assert.equal(answer.because?.tag, tag);
      if (recordDomain !== undefined) assert.equal(answer.recordDomain, recordDomain);
      if (organisation !== undefined) assert.equal(answer.organisationalDomain, organisation);
      assert.equal(answer.aligned.length > 0, result === 'pass');
      assert.match(answer.text, /^\S.*[.)]?$/);
    });
  }

  test('the walk of a long name asks what RFC 9989 §4.10 lists', async () => {
    const zone = new Zone();
    await checkDmarc({ domain: 'a.b.c.d.e.f.g.h.i.j.mail.example.com', dkim: [] }, zone);
    assert.deepEqual(zone.asked, [
      'TXT _dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com',
      'TXT _dmarc.g.h.i.j.mail.example.com',
      'TXT _dmarc.h.i.j.mail.example.com',
      'TXT _dmarc.i.j.mail.example.com',
      'TXT _dmarc.j.mail.example.com',
      'TXT _dmarc.mail.example.com',
      'TXT _dmarc.example.com',
      'TXT _dmarc.com',
    ]);
  });

  for (const [labels, queries] of [
    [1, 1],
    [2, 2],
    [7, 7],
    [8, 8],
    [9, 8],
    [100, 8],
  ] as const) {
    test(`a name of ${labels} labels costs ${queries} queries`, async () => {
      const zone = new Zone();
      await checkDmarc({ domain: Array.from({ length: labels }, () => 'a').join('.'), dkim: [] }, zone);
      assert.equal(zone.asked.length, queries);
    });
  }

  test('no name is asked for twice, and the same domain needs one query', async () => {
    const zone = new Zone(corp);
    await checkDmarc(
      { domain: 'a.corp.test', ...signed('b.corp.test', 'c.b.corp.test', 'b.corp.test') },
      zone,
    );
    assert.equal(new Set(zone.asked).size, zone.asked.length);
    const short = new Zone(corp);
    await checkDmarc({ domain: 'corp.test', ...spf('corp.test') }, short);
    assert.deepEqual(short.asked, ['TXT _dmarc.corp.test']);
  });

  test('a thousand signatures do not become a thousand walks', async () => {
    const zone = new Zone({ ...corp });
    const many = signed(...Array.from({ length: 1000 }, (_, i) => `x${i}.y.z.corp.test`));
    const answer = await checkDmarc({ domain: 'www.corp.test', ...many }, zone);
    assert.equal(answer.result, 'pass');
    assert.ok(zone.asked.length < 20, String(zone.asked.length));
  });

  test('who aligned is named', async () => {
    const { aligned } = await checkDmarc(
      {
        domain: 'corp.test',
        spf: { result: 'pass', domain: 'b.corp.test' },
        dkim: [{ result: 'pass', domain: 'corp.test', selector: 'p1' }],
      },
      new Zone(corp),
    );
    assert.deepEqual(aligned, [
      { mechanism: 'dkim', domain: 'corp.test', selector: 'p1', mode: 'strict' },
      { mechanism: 'spf', domain: 'b.corp.test', mode: 'relaxed' },
    ]);
  });

  test('the sentence says who failed and what is asked for', async () => {
    const answer = await checkDmarc(
      { domain: 'a.corp.test', ...spf('evil.test') },
      new Zone({ 'TXT _dmarc.corp.test': 'v=DMARC1; p=reject; sp=quarantine; t=y' }),
    );
    assert.equal(
      answer.text,
      'This mail is not proven to be from a.corp.test: what is proven is evil.test, which does not align. Its owner asks for none (sp=quarantine, t=y).',
    );
  });
});

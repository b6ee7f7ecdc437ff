import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { ManualClock } from '../../platform/clock.ts';
import { type LookupLimits, Lookups } from '../lookups.ts';
import { Zone, type ZoneEntry } from '../zone.fixture.ts';
import { checkSpf, type SpfQuery, type SpfResult } from './check.ts';

type Records = Record<string, ZoneEntry>;

interface Setting extends Partial<SpfQuery> {
  limits?: Partial<LookupLimits>;
}

async function check(zone: Zone, { limits, ...query }: Setting = {}): Promise<SpfResult> {
  const lookups = new Lookups({ resolver: zone, clock: new ManualClock(), limits });
  return checkSpf(
    {
      address: '192.0.2.1',
      sender: 'user@corp.test',
      helo: 'mail.corp.test',
      receiver: 'mx.receiver.test',
      ...query,
    },
    lookups,
  );
}

const spf = (record: string, more: Records = {}): Records => ({ 'TXT corp.test': record, ...more });

describe('who is judged', () => {
  const records: Records = {
    'TXT corp.test': 'v=spf1 ip4:192.0.2.1 -all',
    'TXT mail.corp.test': 'v=spf1 ip4:192.0.2.9 -all',
  };
  const cases: [string, Setting, string, string, 'mfrom' | 'helo'][] = [
    ['a sender', {}, 'pass', 'corp.test', 'mfrom'],
    ['in upper case, with a final dot', { sender: 'User@CORP.Test.' }, 'pass', 'corp.test', 'mfrom'],
    ['without local part', { sender: '@corp.test' }, 'pass', 'corp.test', 'mfrom'],
    ['a domain alone', { sender: 'corp.test' }, 'pass', 'corp.test', 'mfrom'],
    ['two at signs', { sender: '"a@b"@corp.test' }, 'pass', 'corp.test', 'mfrom'],
    ['the null reverse-path', { sender: '' }, 'fail', 'mail.corp.test', 'helo'],
    ['a literal in HELO', { sender: '', helo: '[192.0.2.1]' }, 'none', '', 'helo'],
    ['an address in HELO', { sender: '', helo: '192.0.2.1' }, 'none', '', 'helo'],
    ['one label in HELO', { sender: '', helo: 'printer' }, 'none', '', 'helo'],
    ['no HELO', { sender: '', helo: '' }, 'none', '', 'helo'],
    ['a literal as domain', { sender: 'user@[192.0.2.1]' }, 'none', '', 'mfrom'],
    ['an empty domain', { sender: 'user@' }, 'none', '', 'mfrom'],
    ['a space in the domain', { sender: 'user@corp .test' }, 'none', '', 'mfrom'],
    ['a NUL in the domain', { sender: 'user@corp.test\0.evil.test' }, 'none', '', 'mfrom'],
    ['a line end in the domain', { sender: 'user@corp.test\r\n' }, 'none', '', 'mfrom'],
    ['a sender of a megabyte', { sender: `${'x'.repeat(1_000_000)}@corp.test` }, 'none', '', 'mfrom'],
    ['a domain without records', { sender: 'user@other.test' }, 'none', 'other.test', 'mfrom'],
    ['a mapped address', { address: '::ffff:192.0.2.1' }, 'pass', 'corp.test', 'mfrom'],
    ['an IPv6 address', { address: '2001:db8::1' }, 'fail', 'corp.test', 'mfrom'],
    ['no address', { address: 'unix' }, 'temperror', 'corp.test', 'mfrom'],
    ['an international domain', { sender: 'user@c\u00f6\u00f6p.test' }, 'none', 'xn--cp-fkaa.test', 'mfrom'],
  ];
  for (const [what, setting, result, domain, scope] of cases) {
    test(`${what}: ${result}`, async () => {
      const given = await check(new Zone(records), setting);
      assert.deepEqual([given.result, given.domain, given.scope], [result, domain, scope]);
      assert.equal(given.problem !== undefined, ['none', 'temperror', 'permerror'].includes(given.result));
    });
  }

  test('an international domain has its record in A-labels', async () => {
    const zone = new Zone({
      'TXT xn--mnchen-3ya.test': 'v=spf1 exists:%{o}.list.test -all',
      'A xn--mnchen-3ya.test.list.test': '127.0.0.2',
    });
    assert.equal((await check(zone, { sender: 'user@M\u00fcnchen.test' })).result, 'pass');
  });
});

interface Case {
  what: string;
  records: Records;
  setting?: Setting;
  expect: [result: string, mechanism?: string, lookups?: number];
}

const three = { 'MX corp.test': ['a.corp.test', 'b.corp.test', 'c.corp.test'] };
const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `n${i}.corp.test`);

const CASES: Case[] = [
  {
    what: 'the term that matches is named',
    records: spf('v=spf1 a ip4:192.0.2.0/24 -all', { 'A corp.test': '192.0.2.200' }),
    expect: ['pass', 'ip4:192.0.2.0/24', 1],
  },
  { what: 'nothing matches', records: spf('v=spf1 ip4:192.0.2.9'), expect: ['neutral', undefined, 0] },
  {
    what: 'the qualifier decides',
    records: spf('v=spf1 ~ip4:192.0.2.1 -all'),
    expect: ['softfail', '~ip4:192.0.2.1', 0],
  },
  {
    what: 'an include is named, not what is in it',
    records: spf('v=spf1 include:_spf.test -all', { 'TXT _spf.test': 'v=spf1 ip4:192.0.2.1' }),
    expect: ['pass', 'include:_spf.test', 1],
  },
  {
    what: 'a redirect: the term of the last record',
    records: spf('v=spf1 redirect=_spf.test', { 'TXT _spf.test': 'v=spf1 -all' }),
    expect: ['fail', '-all', 1],
  },
  {
    what: 'a redirect beside all',
    records: spf('v=spf1 ?all redirect=_spf.test'),
    expect: ['neutral', '?all', 0],
  },
  { what: 'an include without record', records: spf('v=spf1 include:none.test -all'), expect: ['permerror'] },
  {
    what: 'an include that includes itself',
    records: spf('v=spf1 include:corp.test -all'),
    expect: ['permerror'],
  },
  { what: 'a redirect to itself', records: spf('v=spf1 redirect=corp.test'), expect: ['permerror'] },
  {
    what: 'several records',
    records: { 'TXT corp.test': ['v=spf1 +all', 'v=spf1 -all'] },
    expect: ['permerror'],
  },
  {
    what: 'other TXT records beside it',
    records: { 'TXT corp.test': ['x=1', 'v=spf1 -all', 'v=spf2.0/pra +all'] },
    expect: ['fail', '-all'],
  },
  { what: 'nobody can tell the record', records: { 'TXT corp.test': 'temporary' }, expect: ['temperror'] },
  {
    what: 'nobody can tell an address',
    records: spf('v=spf1 a +all', { 'A corp.test': 'temporary' }),
    expect: ['temperror'],
  },
  {
    what: 'nobody can tell the mail hosts',
    records: spf('v=spf1 mx +all', { 'MX corp.test': 'temporary' }),
    expect: ['temperror'],
  },
  {
    what: 'nobody can tell one mail host',
    records: spf('v=spf1 mx +all', { ...three, 'A b.corp.test': 'temporary' }),
    expect: ['temperror'],
  },
  {
    what: 'a mail host before the one that nobody can tell',
    records: spf('v=spf1 mx -all', { ...three, 'A a.corp.test': '192.0.2.1', 'A b.corp.test': 'temporary' }),
    expect: ['pass', 'mx'],
  },
  {
    what: 'nobody can tell what exists',
    records: spf('v=spf1 -exists:x.test +all', { 'A x.test': 'temporary' }),
    expect: ['temperror'],
  },
  { what: 'two voids', records: spf('v=spf1 a:x.test exists:y.test ~all'), expect: ['softfail', '~all', 2] },
  {
    what: 'three voids',
    records: spf('v=spf1 a:x.test exists:y.test mx:z.test +all'),
    expect: ['permerror'],
  },
  {
    what: 'voids of includes count too',
    records: spf('v=spf1 a:x.test include:_spf.test +all', { 'TXT _spf.test': 'v=spf1 a:y.test a:z.test' }),
    expect: ['permerror'],
  },
  {
    what: 'mail hosts without an IPv6 address are no voids',
    records: spf('v=spf1 mx ip6:2001:db8::/32 -all', { ...three, 'A a.corp.test': '192.0.2.1' }),
    setting: { address: '2001:db8::1' },
    expect: ['pass', 'ip6:2001:db8::/32'],
  },
  {
    what: 'ten mail hosts',
    records: spf('v=spf1 mx -all', { 'MX corp.test': many(10), 'A n9.corp.test': '192.0.2.1' }),
    expect: ['pass', 'mx', 1],
  },
  {
    what: 'eleven mail hosts',
    records: spf('v=spf1 mx -all', { 'MX corp.test': many(11), 'A n0.corp.test': '192.0.2.1' }),
    expect: ['permerror'],
  },
  {
    what: 'ten names of the client',
    records: spf('v=spf1 ptr -all', { 'PTR 192.0.2.1': many(11), 'A n9.corp.test': '192.0.2.1' }),
    expect: ['pass', 'ptr', 1],
  },
  {
    what: 'the eleventh name of the client',
    records: spf('v=spf1 ptr -all', { 'PTR 192.0.2.1': many(11), 'A n10.corp.test': '192.0.2.1' }),
    expect: ['fail', '-all'],
  },
  {
    what: 'a claimed name of another',
    records: spf('v=spf1 ptr -all', { 'PTR 192.0.2.1': 'mail.corp.test', 'A mail.corp.test': '192.0.2.9' }),
    expect: ['fail', '-all'],
  },
  {
    what: 'a name that only ends alike',
    records: spf('v=spf1 ptr -all', { 'PTR 192.0.2.1': 'evilcorp.test', 'A evilcorp.test': '192.0.2.1' }),
    expect: ['fail', '-all'],
  },
  {
    what: 'nobody can tell the names of the client',
    records: spf('v=spf1 ptr -all', { 'PTR 192.0.2.1': 'temporary' }),
    expect: ['fail', '-all'],
  },
  {
    what: 'the domain itself is the validated name',
    records: spf('v=spf1 exists:%{p}.ok.test -all', {
      'PTR 192.0.2.1': ['x.test', 'a.corp.test', 'corp.test'],
      'A x.test': '192.0.2.1',
      'A a.corp.test': '192.0.2.1',
      'A corp.test': '192.0.2.1',
      'A corp.test.ok.test': '127.0.0.2',
    }),
    expect: ['pass', 'exists:%{p}.ok.test'],
  },
  {
    what: 'unknown stands for no name',
    records: spf('v=spf1 exists:%{p}.ok.test -all', { 'A unknown.ok.test': '127.0.0.2' }),
    expect: ['pass', 'exists:%{p}.ok.test'],
  },
  {
    what: 'a local part in a name',
    records: spf('v=spf1 exists:%{l}.ok.test -all', { 'A user.ok.test': '127.0.0.2' }),
    expect: ['pass', 'exists:%{l}.ok.test'],
  },
  {
    what: 'a local part that is not ASCII matches nothing',
    records: spf('v=spf1 include:%{l}.ok.test exists:%{L}.ok.test -all'),
    setting: { sender: 'us\u00e9r@corp.test' },
    expect: ['fail', '-all', 2],
  },
  {
    what: 'a redirect by such a local part',
    records: spf('v=spf1 redirect=%{l}.ok.test'),
    setting: { sender: 'us\u00e9r@corp.test' },
    expect: ['permerror'],
  },
  {
    what: 'a local part that would ask for another name',
    records: spf('v=spf1 exists:%{l}.ok.test -all', { 'A evil.test': '127.0.0.2' }),
    setting: { sender: 'evil.test\\\0@corp.test' },
    expect: ['fail', '-all'],
  },
  {
    what: 'a prefix of IPv4 is not one of IPv6',
    records: spf('v=spf1 a/0 -all', { 'AAAA corp.test': '2001:db8::2' }),
    setting: { address: '2001:db8::1' },
    expect: ['fail', '-all'],
  },
  {
    what: 'a prefix of IPv6',
    records: spf('v=spf1 a/32//64 -all', { 'AAAA corp.test': '2001:db8::2' }),
    setting: { address: '2001:db8::1' },
    expect: ['pass', 'a/32//64'],
  },
  {
    what: 'a record of 100,000',
    records: { 'TXT corp.test': Array.from({ length: 100_000 }, () => 'v=spf1 +all') },
    expect: ['temperror'],
  },
  {
    what: 'a record of a megabyte',
    records: spf(`v=spf1 ${'ip4:192.0.2.9 '.repeat(80_000)} +all`),
    expect: ['temperror'],
  },
  {
    what: '100,000 addresses',
    records: spf('v=spf1 a +all', { 'A corp.test': Array.from({ length: 100_000 }, () => '192.0.2.1') }),
    expect: ['temperror'],
  },
  {
    what: '100,000 names of the client',
    records: spf('v=spf1 -ptr +all', {
      'PTR 192.0.2.1': Array.from({ length: 100_000 }, () => 'x.corp.test'),
    }),
    expect: ['temperror'],
  },
  {
    what: 'beyond the number of queries',
    records: spf('v=spf1 mx +all', three),
    setting: { limits: { queries: 3 } },
    expect: ['temperror'],
  },
  {
    what: 'beyond the number of queries, at a name of the client',
    records: spf('v=spf1 -ptr +all', { 'PTR 192.0.2.1': many(5) }),
    setting: { limits: { queries: 4 } },
    expect: ['temperror'],
  },
  {
    what: 'an answer that is no address',
    records: spf('v=spf1 a/0 -all', { 'A corp.test': 'x.test' }),
    expect: ['temperror'],
  },
];

describe('verdicts', () => {
  for (const { what, records, setting, expect } of CASES) {
    test(`${what}: ${expect[0]}`, async () => {
      const given = await check(new Zone(records), setting);
      const problem = `${given.result}: ${given.problem}`;
      assert.deepEqual([given.result, given.mechanism], [expect[0], expect[1]], problem);
      if (expect[2] !== undefined) assert.equal(given.lookups, expect[2]);
    });
  }
});

describe('explanations', () => {
  const fail = { 'TXT corp.test': 'v=spf1 exp=why.test -all' };
  const cases: [string, Records, Setting, string | undefined][] = [
    [
      'plain',
      { ...fail, 'TXT why.test': 'Not from %{c}, at %{r}.' },
      {},
      'Not from 192.0.2.1, at mx.receiver.test.',
    ],
    ['the time', { ...fail, 'TXT why.test': '%{t}' }, {}, '1700000000'],
    [
      'what a client said is made harmless',
      { ...fail, 'TXT why.test': '%{l} %{h}' },
      { sender: 'a\r\n\u202eb@corp.test', helo: '\u001b[2J' },
      'a???b ?[2J',
    ],
    ['long', { ...fail, 'TXT why.test': '%{l} '.repeat(1000) }, {}, 'user '.repeat(80)],
    ['no such record', fail, {}, undefined],
    ['two records', { ...fail, 'TXT why.test': ['a', 'b'] }, {}, undefined],
    ['nobody can tell', { ...fail, 'TXT why.test': 'temporary' }, {}, undefined],
    ['not ASCII', { ...fail, 'TXT why.test': 'caf\u00e9' }, {}, undefined],
    ['control characters', { ...fail, 'TXT why.test': 'a\r\nb' }, {}, undefined],
    ['not a macro-string', { ...fail, 'TXT why.test': '100%' }, {}, undefined],
    [
      'of an include is not used',
      {
        'TXT corp.test': 'v=spf1 include:_spf.test -all',
        'TXT _spf.test': 'v=spf1 exp=why.test -all',
        'TXT why.test': 'x',
      },
      {},
      undefined,
    ],
    [
      'of a redirect is used',
      {
        'TXT corp.test': 'v=spf1 exp=no.test redirect=_spf.test',
        'TXT _spf.test': 'v=spf1 exp=why.test -all',
        'TXT why.test': '%{d}',
      },
      {},
      '_spf.test',
    ],
    ['only for fail', { 'TXT corp.test': 'v=spf1 exp=why.test ~all', 'TXT why.test': 'x' }, {}, undefined],
    ['beyond the budget', { ...fail, 'TXT why.test': 'x' }, { limits: { queries: 1 } }, undefined],
  ];
  for (const [what, records, setting, expected] of cases) {
    test(what, async () => {
      const { result, explanation } = await check(new Zone(records), setting);
      assert.equal(result, what === 'only for fail' ? 'softfail' : 'fail');
      assert.equal(explanation, expected);
    });
  }
});

test('problems are sentences, bounded and printable', async () => {
  const cases: [Records, RegExp][] = [
    [{}, /^corp\.test has no SPF record\.$/],
    [spf('v=spf1 a:192.0.2.1 -all'), /ip4:/],
    [
      spf('v=spf1 include:%{h}.x.test -all'),
      /^corp\.test includes \?\?\[2J\.x\.test, which has no SPF record\.$/,
    ],
    [spf(`v=spf1 ${'x'.repeat(5000)}`), /not valid/],
    [spf('v=spf1 \u001b[2J'), /not printable ASCII/],
  ];
  for (const [records, pattern] of cases) {
    const { problem = '' } = await check(new Zone(records), { helo: '\u202e\u001b[2J' });
    assert.match(problem, pattern);
    assert.match(problem, /^[\x20-\x7e]{1,500}$/);
  }
});

test('no records and no client cost more than the limits, or make it reject', async () => {
  const term = fc.constantFrom(
    'a',
    'mx',
    'ptr',
    '-ptr',
    '~a:b.test',
    'mx:b.test',
    'include:b.test',
    '?include:corp.test',
    'exists:%{p}.x',
    'redirect=b.test',
    'exp=b.test',
    'exists:%{ir}.%{l1r+-}.b.test',
    'a:%{h}',
    'ip4:192.0.2.0/24',
    'all',
    '%',
    'x=%{c}',
    'include:%{l}.test',
  );
  const record = fc.array(term, { maxLength: 14 }).map((terms) => ['v=spf1', ...terms].join(' '));
  const names = fc.constantFrom('corp.test', 'b.test', 'n1.corp.test', '');
  const address = fc.constantFrom('192.0.2.1', '192.0.2.9');
  const entry = <T extends string>(arbitrary: fc.Arbitrary<T>) =>
    fc.oneof(fc.constant<ZoneEntry>('temporary'), fc.array<string>(arbitrary, { maxLength: 12 }));
  const zone = fc.record({
    'TXT corp.test': entry(record),
    'TXT b.test': entry(record),
    'MX b.test': entry(names),
    'A b.test': entry(address),
    'A corp.test': entry(address),
    'PTR 192.0.2.1': entry(names),
  });
  await fc.assert(
    fc.asyncProperty(
      zone,
      fc.string({ maxLength: 20 }),
      fc.string({ maxLength: 20 }),
      async (records, local, helo) => {
        const resolver = new Zone(records);
        const given = await check(resolver, { sender: `${local}@corp.test`, helo });
        // ten terms with ten names each, the records, the names of the client and an explanation
        assert.ok(resolver.asked.length <= 135, String(resolver.asked.length));
        assert.ok(given.lookups <= 11);
        const text = JSON.stringify([given.problem, given.explanation, given.mechanism]);
        assert.match(text, /^[\x20-\x7e]{1,2000}$/);
      },
    ),
    { numRuns: 500 },
  );
});

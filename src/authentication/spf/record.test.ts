import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { addressText } from '../../platform/ip-address.ts';
import { type Mechanism, parseRecord, selectRecords } from './record.ts';

describe('which TXT records are meant', () => {
  const cases: [string, boolean][] = [
    ['v=spf1', true],
    ['v=spf1 -all', true],
    ['V=SpF1 ~all', true],
    ['v=spf10', false],
    ['v=spf1-all', false],
    ['v=spf1\t-all', false],
    [' v=spf1 -all', false],
    ['v=spf2.0/pra -all', false],
    ['', false],
  ];
  for (const [text, expected] of cases) {
    test(JSON.stringify(text), () => assert.equal(selectRecords([text]).length === 1, expected));
  }
});

function shown(mechanism: Mechanism): string {
  const { kind, qualifier } = mechanism;
  if (kind === 'all') return `${qualifier} all`;
  if (kind === 'ip') return `${qualifier} ${addressText(mechanism.network)}/${mechanism.bits}`;
  const target = mechanism.target?.filter((part) => typeof part === 'string').join('*') ?? '';
  const cidr = kind === 'a' || kind === 'mx' ? ` ${mechanism.cidr.v4} ${mechanism.cidr.v6}` : '';
  return `${qualifier} ${kind} ${target}${cidr}`;
}

describe('mechanisms', () => {
  const cases: [string, string][] = [
    ['all', 'pass all'],
    ['-ALL', 'fail all'],
    ['?all', 'neutral all'],
    ['~All', 'softfail all'],
    ['a', 'pass a  32 128'],
    ['a/24', 'pass a  24 128'],
    ['a//64', 'pass a  32 64'],
    ['a/0//0', 'pass a  0 0'],
    ['a:x.test', 'pass a x.test 32 128'],
    ['a:x.test/24//64', 'pass a x.test 24 64'],
    ['a:foo/24.test/24', 'pass a foo/24.test 24 128'],
    ['Mx:x.test//128', 'pass mx x.test 32 128'],
    ['-ptr', 'fail ptr '],
    ['ptr:x.test', 'pass ptr x.test'],
    ['include:_spf.x.test', 'pass include _spf.x.test'],
    ['exists:%{i}.x.test', 'pass exists .x.test'],
    ['ip4:192.0.2.0/24', 'pass 192.0.2.0/24'],
    ['IP4:192.0.2.1', 'pass 192.0.2.1/32'],
    ['ip6:2001:DB8::/32', 'pass 2001:db8::/32'],
    ['ip6:::1', 'pass ::1/128'],
    ['ip6:::192.0.2.1', 'pass ::c000:201/128'],
    ['ip6:::ffff:192.0.2.0/120', 'pass ::ffff:c000:200/120'],
  ];
  for (const [term, expected] of cases) {
    test(term, () => {
      const record = parseRecord(`v=spf1 ${term}`);
      assert.ok('mechanisms' in record, 'problem' in record ? record.problem : '');
      assert.deepEqual(record.mechanisms.map(shown), [expected]);
    });
  }
});

describe('what makes the whole record useless', () => {
  const terms = [
    'moo',
    '--all',
    'all:x.test',
    'all/8',
    'all.',
    '+',
    'a:',
    'a/',
    'a/33',
    'a/024',
    'a//129',
    'a/24/64',
    'a/24//',
    'a///64',
    'a:192.0.2.1',
    'a:localhost',
    'a:x.test/24/64',
    'mx/-1',
    'mx:x.test:25',
    'ptr/24',
    'ptr:',
    'include',
    'include:',
    'include:x.test/24',
    'exists',
    'exists:%{c}.x.test',
    'ip4',
    'ip4:',
    'ip4:192.0.2',
    'ip4:192.0.2.1/',
    'ip4:192.0.2.1/33',
    'ip4:192.0.2.1/032',
    'ip4:192.0.2.1//32',
    'ip4:192.0.2.01',
    'ip4:2001:db8::1',
    'ip4:0x7f.1.1.1',
    'ip6:192.0.2.1',
    'ip6:2001:db8::/129',
    'ip6:2001:db8::1%eth0',
    'ip6:1::2::3',
    'redirect:x.test',
    'redirect=',
    'redirect=x',
    'redirect=%{r}.x.test',
    'exp=',
    'exp=-all',
    'redirect=x.test redirect=y.test',
    'exp=x.test -all exp=x.test',
    '-redirect=x.test',
    'foo=%x',
    'foo=%',
    '1up=x',
    '=x',
    'a\tmx',
    'a\u00a0mx',
    'a:\u00e9.test',
    'a\0',
    'a\x7f',
    `a:x.test/${'0'.repeat(50)}24`,
  ];
  for (const term of terms) {
    test(JSON.stringify(term), () => {
      const record = parseRecord(`v=spf1 ip4:192.0.2.1 ${term} -all`);
      assert.ok('problem' in record);
    });
  }
});

describe('modifiers', () => {
  test('are read wherever they stand, in any case', () => {
    const record = parseRecord('v=spf1 EXP=e.test a Redirect=r.test x.y_z-1=%{c}/: all= -all');
    assert.ok('mechanisms' in record);
    assert.deepEqual(record.explanation, ['e.test']);
    assert.deepEqual(record.redirect, ['r.test']);
    assert.equal(record.mechanisms.length, 2);
  });
});

test('the usual mistake is named', () => {
  const record = parseRecord('v=spf1 a:192.0.2.1/24 -all');
  assert.ok('problem' in record);
  assert.match(record.problem, /ip4:/);
});

test('records of the longest answer are read in a moment', () => {
  const size = 65_000;
  const texts = ['a', '/1', '/', '%', '%{', '1', '.', ' ', 'x=', 'a:', '%{d', 'ip4:1', '//64', '-'].map(
    (part) => `v=spf1 a:${part.repeat(size / part.length)}`,
  );
  const start = performance.now();
  for (const text of texts) parseRecord(text);
  // far more than it takes, far less than a pattern that backtracks would need
  assert.ok(performance.now() - start < 5000);
});

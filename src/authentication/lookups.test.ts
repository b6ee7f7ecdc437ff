import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ManualClock, systemClock } from '../platform/clock.ts';
import { ResolveError, type Resolver } from '../platform/resolver.ts';
import { LookupLimitError, type LookupLimits, Lookups, queryName } from './lookups.ts';
import { Zone } from './zone.fixture.ts';

type Method = 'a' | 'aaaa' | 'mx' | 'txt' | 'ptr';

/** A resolver that gives this, whatever is asked: what a fault or a name server of an attacker could lead to. */
function hostile(give: () => unknown): Resolver {
  const answer = async (): Promise<never> => give() as never;
  return { mx: answer, addresses: answer, a: answer, aaaa: answer, ptr: answer, txt: answer };
}

function budget(resolver: Resolver, limits: Partial<LookupLimits> = {}) {
  const clock = new ManualClock();
  return { clock, lookups: new Lookups({ resolver, clock, limits }) };
}

async function outcome(answer: Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await answer);
  } catch (error) {
    assert.ok(error instanceof ResolveError, String(error));
    return error instanceof LookupLimitError ? `over ${error.limit}` : error.failure;
  }
}

describe('names', () => {
  const label = 'x'.repeat(63);
  const cases: [string, string | undefined][] = [
    ['corp.test', 'corp.test'],
    ['Corp.TEST.', 'corp.test'],
    ['_dmarc.corp.test', '_dmarc.corp.test'],
    ['foo:bar/baz.test', 'foo:bar/baz.test'],
    ['a b.test', 'a b.test'],
    [`${label}.test`, `${label}.test`],
    [`x${label}.test`, undefined],
    [`${label}.${label}.${label}.${'x'.repeat(61)}`, `${label}.${label}.${label}.${'x'.repeat(61)}`],
    [`${label}.${label}.${label}.${'x'.repeat(62)}`, undefined],
    ['', undefined],
    ['.', undefined],
    ['a..test', undefined],
    ['.test', undefined],
    ['a\\.test', undefined],
    ['a\0.test', undefined],
    ['a\r\n.test', undefined],
    ['é.test', undefined],
    ['x'.repeat(1_000_000), undefined],
  ];
  for (const [name, expected] of cases) {
    test(JSON.stringify(name.slice(0, 80)), () => assert.equal(queryName(name), expected));
  }

  test('what is no name is not asked, and does not exist', async () => {
    const zone = new Zone();
    const { lookups } = budget(zone);
    for (const method of ['a', 'aaaa', 'mx', 'txt', 'ptr'] as const) {
      assert.equal(await outcome(lookups[method]('a..test')), 'nxdomain');
    }
    assert.deepEqual([zone.asked, lookups.queries, lookups.exceeded], [[], 0, undefined]);
  });
});

describe('answers', () => {
  const cases: [string, Method, () => unknown, string][] = [
    ['honest', 'txt', () => ['v=spf1 -all'], '["v=spf1 -all"]'],
    ['empty', 'txt', () => [], '[]'],
    ['100,000 addresses', 'a', () => Array.from({ length: 100_000 }, () => '192.0.2.1'), 'over records'],
    ['100,000 names', 'ptr', () => Array.from({ length: 100_000 }, () => 'x.test'), 'over records'],
    ['1001 mail hosts', 'mx', () => Array.from({ length: 1001 }, () => ({})), 'over records'],
    ['a text of 1 MB', 'txt', () => ['x'.repeat(1_000_000)], 'over octets'],
    [
      'texts of 66 kB together',
      'txt',
      () => Array.from({ length: 66 }, () => 'x'.repeat(1000)),
      'over octets',
    ],
    ['a mail host of 1 MB', 'mx', () => [{ exchange: 'x'.repeat(1_000_000), priority: 1 }], 'over octets'],
    ['nothing', 'txt', () => undefined, 'temporary'],
    ['a string', 'txt', () => 'v=spf1 +all', 'temporary'],
    ['an object with a length', 'txt', () => ({ length: 1, 0: 'v=spf1 +all' }), 'temporary'],
    ['numbers', 'txt', () => [1], 'temporary'],
    ['nothing inside', 'txt', () => [null], 'temporary'],
    ['arrays inside', 'txt', () => [['v=spf1 +all']], 'temporary'],
    ['an IPv6 address for A', 'a', () => ['2001:db8::1'], 'temporary'],
    ['an IPv4 address for AAAA', 'aaaa', () => ['192.0.2.1'], 'temporary'],
    ['a name for A', 'a', () => ['x.test'], 'temporary'],
    ['objects for A', 'a', () => [{ exchange: '192.0.2.1' }], 'temporary'],
    ['strings for MX', 'mx', () => ['x.test'], 'temporary'],
    ['an exchange that is none', 'mx', () => [{ exchange: 1, priority: 1 }], 'temporary'],
    ['a priority that is none', 'mx', () => [{ exchange: 'x.test', priority: '1' }], 'temporary'],
    [
      'another error',
      'txt',
      () => {
        throw new TypeError('broken');
      },
      'temporary',
    ],
  ];
  for (const [what, method, give, expected] of cases) {
    test(`${what} for ${method}: ${expected.slice(0, 20)}`, async () => {
      const { lookups } = budget(hostile(give));
      assert.equal(await outcome(lookups[method](method === 'ptr' ? '192.0.2.1' : 'x.test')), expected);
      assert.equal(lookups.exceeded, /^over (.*)/.exec(expected)?.[1]);
    });
  }

  test('a resolver that throws at once', async () => {
    const thrower = () => {
      throw new Error('at once');
    };
    const resolver = {
      mx: thrower,
      addresses: thrower,
      a: thrower,
      aaaa: thrower,
      ptr: thrower,
      txt: thrower,
    };
    assert.equal(await outcome(budget(resolver).lookups.txt('x.test')), 'temporary');
  });
});

test('questions are counted, whatever their answers', async () => {
  const zone = new Zone({ 'A x.test': '192.0.2.1' });
  const { lookups } = budget(zone, { queries: 4 });
  assert.equal(await outcome(lookups.addresses('x.test')), '["192.0.2.1"]');
  assert.equal(await outcome(lookups.txt('y.test')), 'nxdomain');
  assert.equal(await outcome(lookups.mx('y.test')), 'nxdomain');
  assert.equal(await outcome(lookups.a('x.test')), 'over queries');
  assert.deepEqual([zone.asked.length, lookups.queries, lookups.exceeded], [4, 4, 'queries']);
});

describe('time', () => {
  const never = hostile(() => new Promise(() => undefined));

  test('who never answers costs the budget and no more, however many are asked', async () => {
    const { clock, lookups } = budget(never, { time: 20_000 });
    const first = lookups.txt('a.test');
    clock.advance(12_000);
    const second = lookups.a('b.test');
    clock.advance(7999);
    assert.equal(lookups.exceeded, undefined);
    clock.advance(1);
    assert.deepEqual(await Promise.all([outcome(first), outcome(second)]), ['over time', 'over time']);
    assert.equal(await outcome(lookups.txt('c.test')), 'over time');
    assert.deepEqual([lookups.queries, lookups.exceeded], [2, 'time']);
  });

  test('time between questions is not counted, time of questions together once', async () => {
    const answers: ((texts: string[]) => void)[] = [];
    const slow = hostile(() => new Promise((resolve) => answers.push(resolve)));
    const { clock, lookups } = budget(slow, { time: 10_000 });
    for (let round = 0; round < 3; round++) {
      const both = [lookups.txt('a.test'), lookups.txt('b.test')];
      await Promise.resolve();
      await Promise.resolve();
      clock.advance(3000);
      for (const answer of answers.splice(0)) answer(['x']);
      assert.deepEqual(await Promise.all(both.map(outcome)), ['["x"]', '["x"]']);
      clock.advance(60_000);
    }
    const last = lookups.txt('c.test');
    clock.advance(999);
    assert.equal(lookups.exceeded, undefined);
    clock.advance(1);
    assert.equal(await outcome(last), 'over time');
  });

  test('an answer that comes too late is not heard', async () => {
    const late = Promise.withResolvers<string[]>();
    const { clock, lookups } = budget(
      hostile(() => late.promise),
      { time: 100 },
    );
    const asked = outcome(lookups.txt('a.test'));
    clock.advance(100);
    late.resolve(['v=spf1 +all']);
    assert.equal(await asked, 'over time');
    assert.equal(await outcome(lookups.txt('a.test')), 'over time');
  });

  test('with the clock of the system', async () => {
    const lookups = new Lookups({ resolver: never, clock: systemClock, limits: { time: 20 } });
    // the budget's timer keeps no process alive
    const alive = setTimeout(() => undefined, 5000);
    assert.equal(await outcome(lookups.txt('a.test')), 'over time');
    clearTimeout(alive);
  });
});

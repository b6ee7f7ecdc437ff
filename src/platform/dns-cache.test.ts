import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ManualClock } from './clock.ts';
import { DnsCache } from './dns-cache.ts';
import { ResolveError, type ResolveFailure, type Resolver, type TtlListener } from './resolver.ts';

/** Answers with what it is told, counts what it is asked. */
class Scripted implements Resolver {
  answer: string[] | ResolveFailure | Promise<string[]> = ['192.0.2.1'];
  ttl: number | undefined;
  readonly asked: string[] = [];

  async mx(domain: string) {
    return (await this.#give('MX', domain)).map((exchange) => ({ exchange, priority: 1 }));
  }
  addresses = (host: string) => this.#give('ANY', host);
  a = (host: string, ttl?: TtlListener) => this.#give('A', host, ttl);
  aaaa = (host: string, ttl?: TtlListener) => this.#give('AAAA', host, ttl);
  ptr = (address: string) => this.#give('PTR', address);
  txt = (name: string) => this.#give('TXT', name);

  async #give(type: string, name: string, ttl?: TtlListener): Promise<string[]> {
    this.asked.push(`${type} ${name}`);
    if (this.ttl !== undefined) ttl?.(this.ttl);
    const { answer } = this;
    if (typeof answer === 'string') throw new ResolveError(answer, 'scripted');
    return answer;
  }
}

function world(limits: { entries?: number; octets?: number } = {}) {
  const clock = new ManualClock();
  const dns = new Scripted();
  return { clock, dns, cache: new DnsCache(dns, { clock, ...limits }) };
}

const SECOND = 1000;

describe('how long answers are kept', () => {
  const cases: [string, string[] | ResolveFailure, number | undefined, 'a' | 'txt', number][] = [
    ['found, TTL unknown', ['x'], undefined, 'txt', 300],
    ['found, TTL of a minute', ['192.0.2.1'], 60, 'a', 60],
    ['found, TTL of a week', ['192.0.2.1'], 604_800, 'a', 3600],
    ['found, TTL that is none', ['192.0.2.1'], Number.NaN, 'a', 300],
    ['found, TTL below zero', ['192.0.2.1'], -5, 'a', 0],
    ['found, TTL 0', ['192.0.2.1'], 0, 'a', 0],
    ['empty', [], undefined, 'txt', 300],
    ['no such name', 'nxdomain', undefined, 'txt', 60],
    ['no such record', 'nodata', undefined, 'a', 60],
    ['nobody could tell', 'temporary', undefined, 'txt', 5],
    ['too long to keep', ['x'.repeat(20_000)], undefined, 'txt', 0],
    ['too many to keep', Array.from({ length: 1000 }, () => 'x'), undefined, 'txt', 0],
  ];
  for (const [what, answer, ttl, method, seconds] of cases) {
    test(`${what}: ${seconds} s`, async () => {
      const { clock, dns, cache } = world();
      dns.answer = answer;
      dns.ttl = ttl;
      const asked = async (): Promise<number> => {
        const given = await cache[method]('x.test').catch(
          (error: unknown) => (error as ResolveError).failure,
        );
        assert.deepEqual(given, answer);
        return dns.asked.length;
      };
      assert.equal(await asked(), 1);
      if (seconds > 0) {
        clock.advance(seconds * SECOND - 1);
        assert.equal(await asked(), 1);
        clock.advance(1);
      }
      assert.equal(await asked(), 2);
    });
  }
});

test('types and names are kept apart, cases of a name are not', async () => {
  const { dns, cache } = world();
  await cache.a('x.test');
  await cache.a('X.Test');
  await cache.aaaa('x.test');
  await cache.mx('x.test');
  await cache.ptr('192.0.2.1');
  await cache.txt('y.test');
  assert.deepEqual(dns.asked, ['A x.test', 'AAAA x.test', 'MX x.test', 'PTR 192.0.2.1', 'TXT y.test']);
});

test('addresses are those of both families, from what is kept', async () => {
  const { dns, cache } = world();
  await cache.a('x.test');
  assert.deepEqual(await cache.addresses('x.test'), ['192.0.2.1', '192.0.2.1']);
  assert.deepEqual(dns.asked, ['A x.test', 'AAAA x.test']);
});

test('a question in flight is asked once, unless its answer does not come', async () => {
  const { clock, dns, cache } = world();
  const late = Promise.withResolvers<string[]>();
  dns.answer = late.promise;
  const first = cache.txt('x.test');
  const second = cache.txt('x.test');
  assert.equal(dns.asked.length, 1);
  clock.advance(10 * SECOND);
  const third = cache.txt('x.test');
  assert.equal(dns.asked.length, 2);
  late.resolve(['late']);
  assert.deepEqual(await Promise.all([first, second, third]), [['late'], ['late'], ['late']]);
});

test('one failure in flight reaches all who wait', async () => {
  const { dns, cache } = world();
  dns.answer = 'temporary';
  const results = await Promise.allSettled([cache.txt('x.test'), cache.txt('x.test')]);
  assert.deepEqual(
    results.map((result) => result.status),
    ['rejected', 'rejected'],
  );
  assert.equal(dns.asked.length, 1);
});

test('who changes an answer changes it for nobody else', async () => {
  const { cache } = world();
  (await cache.txt('x.test')).push('mine');
  assert.deepEqual(await cache.txt('x.test'), ['192.0.2.1']);
});

test('what is left of the time to live is told', async () => {
  const { clock, dns, cache } = world();
  dns.ttl = 100;
  const told: number[] = [];
  await cache.a('x.test', (seconds) => told.push(seconds));
  clock.advance(40 * SECOND);
  await cache.a('x.test', (seconds) => told.push(seconds));
  assert.deepEqual(told, [100, 60]);
});

test('entries are bounded, and what is in use stays', async () => {
  const { dns, cache } = world({ entries: 100 });
  for (let i = 0; i < 1000; i++) {
    await cache.txt(`n${i}.test`);
    await cache.txt('used.test');
    assert.ok(cache.size <= 100);
  }
  assert.equal(dns.asked.filter((query) => query === 'TXT used.test').length, 1);
});

test('octets are bounded', async () => {
  const { dns, cache } = world({ octets: 100_000 });
  dns.answer = ['x'.repeat(10_000)];
  for (let i = 0; i < 100; i++) {
    await cache.txt(`n${i}.test`);
    assert.ok(cache.size <= 12, String(cache.size));
  }
});

test('a name too long to be one is not kept', async () => {
  const { cache } = world();
  await cache.txt('x'.repeat(1000));
  assert.equal(cache.size, 0);
});

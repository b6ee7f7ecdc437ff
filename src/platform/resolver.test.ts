import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { DnsServer } from '../../test/support/dns-server.ts';
import { ResolveError, type Resolver, systemResolver } from './resolver.ts';

const server = new DnsServer();
let resolver: Resolver;

before(async () => {
  await server.listen();
  server
    .set('corp.test', 'A', '192.0.2.1', '192.0.2.2')
    .set('corp.test', 'AAAA', '2001:db8::1')
    .set('corp.test', 'MX', '10 mail.corp.test')
    .set('corp.test', 'TXT', 'x'.repeat(300), 'caf\u00e9')
    .set('four.test', 'A', '192.0.2.3')
    .set('1.2.0.192.in-addr.arpa', 'PTR', 'mail.corp.test', 'corp.test')
    .set(`1${'.0'.repeat(23)}.8.b.d.0.1.0.0.2.ip6.arpa`, 'PTR', 'six.corp.test')
    .trouble('broken.test', 'servfail');
  resolver = systemResolver([server.address]);
});
after(() => server.close());

type Method = 'a' | 'aaaa' | 'mx' | 'txt' | 'ptr' | 'addresses';

describe('the resolver of the system', () => {
  const cases: [Method, string, unknown][] = [
    ['a', 'corp.test', ['192.0.2.1', '192.0.2.2']],
    ['aaaa', 'corp.test', ['2001:db8::1']],
    ['addresses', 'corp.test', ['192.0.2.1', '192.0.2.2', '2001:db8::1']],
    ['addresses', 'four.test', ['192.0.2.3']],
    ['mx', 'corp.test', [{ exchange: 'mail.corp.test', priority: 10 }]],
    ['txt', 'corp.test', ['x'.repeat(300), 'caf\u00e9']],
    ['ptr', '192.0.2.1', ['mail.corp.test', 'corp.test']],
    ['ptr', '::ffff:192.0.2.1', ['mail.corp.test', 'corp.test']],
    ['ptr', '2001:DB8::1', ['six.corp.test']],
    ['aaaa', 'four.test', 'nodata'],
    ['mx', 'four.test', 'nodata'],
    ['a', 'none.test', 'nxdomain'],
    ['addresses', 'none.test', 'nxdomain'],
    ['ptr', '192.0.2.9', 'nxdomain'],
    ['ptr', 'corp.test', 'nxdomain'],
    ['a', 'broken.test', 'temporary'],
    ['addresses', 'broken.test', 'temporary'],
    ['txt', 'a b.test', 'nxdomain'],
    ['txt', `${'x'.repeat(64)}.test`, 'nxdomain'],
    ['a', 'x..test', 'nxdomain'],
  ];
  for (const [method, name, expected] of cases) {
    test(`${method} ${name.slice(0, 40)}`, async () => {
      const given = await resolver[method](name).catch((error: unknown) => {
        assert.ok(error instanceof ResolveError);
        return error.failure;
      });
      assert.deepEqual(given, expected);
    });
  }

  test('what is no text is a rejection like any other', async () => {
    for (const method of ['a', 'aaaa', 'mx', 'txt', 'addresses'] as const) {
      await assert.rejects(resolver[method](undefined as unknown as string), ResolveError);
    }
  });

  test('the time to live is told', async () => {
    const told: number[] = [];
    await resolver.a('corp.test', (seconds) => told.push(seconds));
    await resolver.aaaa('corp.test', (seconds) => told.push(seconds));
    assert.deepEqual(told, [60, 60]);
  });
});

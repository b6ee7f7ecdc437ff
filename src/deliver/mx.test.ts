import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ResolveError, type ResolveFailure, type Resolver } from '../platform/resolver.ts';
import { EVEN } from './fixtures.ts';
import { mailHosts } from './mx.ts';

type Answer<T> = T | ResolveFailure;

function resolver(mx: Answer<[number, string][]>, hosts: Record<string, Answer<string[]>> = {}): Resolver {
  const give = <T>(answer: Answer<T> | undefined): Promise<T> =>
    typeof answer === 'string' || answer === undefined
      ? Promise.reject(new ResolveError((answer as ResolveFailure | undefined) ?? 'nxdomain', 'no answer'))
      : Promise.resolve(answer as T);
  return {
    mx: async () => (await give(mx)).map(([priority, exchange]) => ({ priority, exchange })),
    addresses: (host) => give(hosts[host]),
    a: () => give<string[]>('nodata'),
    aaaa: () => give<string[]>('nodata'),
    ptr: () => give<string[]>('nodata'),
    txt: () => Promise.resolve([]),
  };
}

const self = { names: new Set(['relay.example']), addresses: new Set(['192.0.2.99']) };

async function found(domain: string, dns: Resolver): Promise<string> {
  const result = await mailHosts(domain, { resolver: dns, random: EVEN, self });
  return result.kind === 'none'
    ? (result.code ?? `later ${result.status}`)
    : result.hosts.map(({ name, addresses }) => `${name}=${addresses.join('+')}`).join(' ');
}

const A = ['192.0.2.1'];
const B = ['192.0.2.2', '2001:db8::2'];

describe('mail hosts', () => {
  const cases: [string, string, Resolver, string][] = [
    [
      'by priority',
      'x.example',
      resolver(
        [
          [20, 'b.x'],
          [10, 'A.x.'],
        ],
        { 'a.x': A, 'b.x': B },
      ),
      'a.x=192.0.2.1 b.x=192.0.2.2+2001:db8::2',
    ],
    ['implicit MX', 'x.example', resolver('nodata', { 'x.example': A }), 'x.example=192.0.2.1'],
    ['no address either', 'x.example', resolver('nodata', { 'x.example': 'nodata' }), 'D952'],
    ['no such domain', 'x.example', resolver('nxdomain'), 'D952'],
    ['DNS can not tell', 'x.example', resolver('temporary'), 'later 4.4.3'],
    ['null MX', 'x.example', resolver([[0, '']]), 'D953'],
    [
      'a null MX among others is ignored',
      'x.example',
      resolver(
        [
          [0, ''],
          [10, 'a.x'],
        ],
        { 'a.x': A },
      ),
      'a.x=192.0.2.1',
    ],
    [
      'a host without address is passed over',
      'x.example',
      resolver(
        [
          [1, 'n.x'],
          [2, 'a.x'],
        ],
        { 'a.x': A },
      ),
      'a.x=192.0.2.1',
    ],
    [
      'one host unknown, the other there',
      'x.example',
      resolver(
        [
          [1, 'n.x'],
          [2, 'a.x'],
        ],
        { 'n.x': 'temporary', 'a.x': A },
      ),
      'a.x=192.0.2.1',
    ],
    [
      'all hosts unknown',
      'x.example',
      resolver(
        [
          [1, 'n.x'],
          [2, 'm.x'],
        ],
        { 'n.x': 'temporary' },
      ),
      'later 4.4.3',
    ],
    ['all hosts without address', 'x.example', resolver([[1, 'n.x']]), 'D952'],
    [
      'this relay by name is the best',
      'x.example',
      resolver(
        [
          [1, 'relay.example'],
          [2, 'a.x'],
        ],
        { 'a.x': A },
      ),
      'D957',
    ],
    [
      'this relay by name is second',
      'x.example',
      resolver(
        [
          [1, 'a.x'],
          [2, 'relay.example'],
          [3, 'c.x'],
        ],
        { 'a.x': A, 'c.x': B },
      ),
      'a.x=192.0.2.1',
    ],
    [
      'equal preference goes with it',
      'x.example',
      resolver(
        [
          [1, 'a.x'],
          [1, 'relay.example'],
        ],
        { 'a.x': A },
      ),
      'D957',
    ],
    [
      'this relay by address',
      'x.example',
      resolver(
        [
          [1, 'a.x'],
          [2, 'me.x'],
        ],
        { 'a.x': A, 'me.x': ['192.0.2.99'] },
      ),
      'a.x=192.0.2.1',
    ],
    [
      'loop, but a better host is unknown',
      'x.example',
      resolver(
        [
          [1, 'n.x'],
          [2, 'relay.example'],
        ],
        { 'n.x': 'temporary' },
      ),
      'later 4.4.3',
    ],
    ['address literal', '[192.0.2.5]', resolver('nxdomain'), '192.0.2.5=192.0.2.5'],
    ['IPv6 literal', '[IPv6:2001:db8::1]', resolver('nxdomain'), '2001:db8::1=2001:db8::1'],
    ['own address literal', '[192.0.2.99]', resolver('nxdomain'), 'D957'],
    ['no literal', '[nonsense]', resolver('nxdomain'), 'D952'],
    [
      'international domain',
      'ex\u00e4mple.net',
      resolver('nodata', { 'xn--exmple-cua.net': A }),
      'xn--exmple-cua.net=192.0.2.1',
    ],
  ];
  for (const [name, domain, dns, expected] of cases) {
    test(name, async () => assert.equal(await found(domain, dns), expected));
  }

  test('bounded: 10 hosts, 20 addresses', async () => {
    const many: [number, string][] = Array.from({ length: 50 }, (_, i) => [i, `h${i}.x`]);
    const three = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
    const hosts = Object.fromEntries(many.map(([, name]) => [name, three]));
    const result = await mailHosts('x.example', { resolver: resolver(many, hosts), random: EVEN, self });
    assert.ok(result.kind === 'hosts');
    assert.ok(result.hosts.length <= 10);
    assert.equal(result.hosts.flatMap(({ addresses }) => addresses).length, 20);
  });

  test('equal priorities are tried in random order', async () => {
    const dns = resolver(
      [
        [5, 'a.x'],
        [5, 'b.x'],
      ],
      { 'a.x': A, 'b.x': B },
    );
    const first = async (lots: number[]): Promise<string | undefined> => {
      const random = { ...EVEN, fraction: () => lots.shift() ?? 0 };
      const result = await mailHosts('x.example', { resolver: dns, random, self });
      return result.kind === 'hosts' ? result.hosts[0]?.name : undefined;
    };
    assert.equal(await first([0.1, 0.9]), 'a.x');
    assert.equal(await first([0.9, 0.1]), 'b.x');
  });
});

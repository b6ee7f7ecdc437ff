import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { after, before, test } from 'node:test';
import { ResolveError, systemResolver, type Resolver } from '../../platform/resolver.ts';
import { readQuestion } from './message.ts';
import { NameServer } from './name-server.ts';
import { Zone } from './zone.ts';

const zone = new Zone({
  'contoso.test': { MX: ['0 mx.contoso.test'], TXT: ['v=spf1 -all', 'another'] },
  'mx.contoso.test': { A: ['127.0.0.1'], AAAA: ['::1'] },
  'deep.down.contoso.test': { A: ['192.0.2.1'] },
  '25.113.0.203.in-addr.arpa': { PTR: ['office.contoso.test'] },
  'long.contoso.test': { TXT: ['x'.repeat(3900), 'y'.repeat(3900)] },
});
const server = new NameServer(zone);
let resolver: Resolver;

before(async () => {
  await server.listen(0);
  resolver = systemResolver([server.address]);
});
after(() => server.close());

test('records of every type', async () => {
  assert.deepEqual(await resolver.mx('contoso.test'), [{ exchange: 'mx.contoso.test', priority: 0 }]);
  assert.deepEqual((await resolver.txt('CONTOSO.test')).sort(), ['another', 'v=spf1 -all']);
  assert.deepEqual(await resolver.addresses('mx.contoso.test'), ['127.0.0.1', '::1']);
  assert.deepEqual(await resolver.ptr('203.0.113.25'), ['office.contoso.test']);
});

test('an answer that UDP can not hold comes by TCP', async () => {
  assert.deepEqual(
    (await resolver.txt('long.contoso.test')).map(({ length }) => length),
    [3900, 3900],
  );
});

test('what is not known does not exist; a name above others does (RFC 8020)', async () => {
  const failure = (query: Promise<unknown>) =>
    query.then(
      () => 'found',
      (error: unknown) => (error as ResolveError).failure,
    );
  assert.equal(await failure(resolver.txt('nothing.test')), 'nxdomain');
  assert.equal(await failure(resolver.txt('down.contoso.test')), 'nodata');
  assert.equal(await failure(resolver.mx('mx.contoso.test')), 'nodata');
});

test('a change counts at once', async () => {
  zone.set('_dmarc.contoso.test', 'TXT', 'v=DMARC1; p=none');
  assert.deepEqual(await resolver.txt('_dmarc.contoso.test'), ['v=DMARC1; p=none']);
  zone.set('_dmarc.contoso.test', 'TXT', 'v=DMARC1; p=reject');
  assert.deepEqual(await resolver.txt('_dmarc.contoso.test'), ['v=DMARC1; p=reject']);
  zone.set('_dmarc.contoso.test', 'TXT');
  await assert.rejects(resolver.txt('_dmarc.contoso.test'), { failure: 'nxdomain' });
});

test('what is no record is refused', () => {
  for (const [name, type, value] of [
    ['a b', 'A', '127.0.0.1'],
    ['contoso.test', 'A', '127.0.0.256'],
    ['contoso.test', 'MX', 'mx.contoso.test'],
    ['contoso.test', 'TXT', 'a\nb'],
    ['contoso.test', 'NS', 'ns.contoso.test'],
    ['contoso.test', 'PTR', '-'],
  ] as const) {
    assert.throws(() => zone.set(name, type as 'A', value), { kind: 'invalid' }, `${name} ${type} ${value}`);
  }
});

test('octets that are no question are not answered, and do no harm', async () => {
  const socket = dgram.createSocket('udp4');
  for (const octets of [
    Buffer.alloc(0),
    Buffer.alloc(11),
    Buffer.from('ff'.repeat(40), 'hex'),
    // a compression pointer to itself
    Buffer.from('000101000001000000000000c00c00010001', 'hex'),
    // a name without an end
    Buffer.from(`0001010000010000000000003f${'61'.repeat(20)}`, 'hex'),
  ]) {
    assert.equal(readQuestion(octets), undefined);
    socket.send(octets, server.port, '127.0.0.1');
  }
  assert.deepEqual(await resolver.a('mx.contoso.test'), ['127.0.0.1']);
  socket.close();
});

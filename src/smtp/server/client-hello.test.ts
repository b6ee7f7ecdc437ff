import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import tls from 'node:tls';
import fc from 'fast-check';
import { parseClientHello } from './client-hello.ts';

/** What Node's own client sends first. */
async function realHello(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[net.Socket]>;
  const client = tls.connect({ ...options, port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  client.on('error', () => undefined);
  const [socket] = await accepted;
  const [hello] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return hello;
}

describe('ClientHello', () => {
  it('of a client with TLS 1.2 and 1.3', async () => {
    const hello = await realHello({ servername: 'mail.example.com', minVersion: 'TLSv1.2' });
    const parsed = parseClientHello(hello);
    assert.deepEqual(parsed?.offeredVersions, ['TLSv1.2', 'TLSv1.3']);
    assert.equal(parsed?.serverName, 'mail.example.com');
    assert.ok(parsed?.offeredCiphers.includes('TLS_AES_256_GCM_SHA384'));
    assert.ok(parsed?.offeredCiphers.includes('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'));
    assert.ok(parsed?.offeredGroups.includes('x25519'));
    assert.deepEqual(parsed?.offeredProtocols, []);
    for (let length = 0; length < hello.length; length++) {
      const partial = parseClientHello(hello.subarray(0, length));
      if (partial?.serverName) assert.equal(partial.serverName, 'mail.example.com');
    }
    fc.assert(
      fc.property(fc.nat(hello.length - 1), fc.nat(255), (at, octet) => {
        const broken = Buffer.from(hello);
        broken[at] = octet;
        parseClientHello(broken);
      }),
    );
  });

  it('of an old client', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const parsed = parseClientHello(await realHello(old));
    assert.deepEqual(parsed?.offeredVersions, ['TLSv1.1']);
    assert.ok(parsed?.offeredCiphers.includes('TLS_RSA_WITH_AES_128_CBC_SHA'));
    assert.ok(!parsed?.offeredCiphers.some((name) => /GCM|^TLS_AES/.test(name)));
  });

  it('with the protocols that it names, and the groups', async () => {
    const hello = await realHello({ ALPNProtocols: ['h2', 'http/1.1'], ecdhCurve: 'P-384' });
    const parsed = parseClientHello(hello);
    assert.deepEqual(parsed?.offeredProtocols, ['h2', 'http/1.1']);
    assert.deepEqual(parsed?.offeredGroups, ['secp384r1']);
  });

  it('keeps no more than it should', () => {
    const u16 = (value: number) => [value >> 8, value & 255];
    const block = (octets: number[]) => [...u16(octets.length), ...octets];
    const suites = Array.from({ length: 5000 }, (_, index) => u16(0xd000 + (index & 0xff))).flat();
    const groups = Array.from({ length: 500 }, () => u16(0x001d)).flat();
    const names = Array.from({ length: 200 }, () => [3, 97, 98, 99]).flat();
    const extensions = [...u16(10), ...block(block(groups)), ...u16(16), ...block(block(names))];
    const grease = u16(0x1a1a);
    const body = [
      3,
      3,
      ...Array<number>(32).fill(0),
      0,
      ...block([...grease, ...suites]),
      1,
      0,
      ...block(extensions),
    ];
    const handshake = [1, 0, ...u16(body.length), ...body];
    const parsed = parseClientHello(Buffer.from([22, 3, 1, ...u16(handshake.length), ...handshake]));
    assert.equal(parsed?.offeredCiphers.length, 100);
    assert.equal(parsed?.offeredCiphers[0], '0xd000');
    assert.equal(parsed?.offeredGroups.length, 30);
    assert.deepEqual(parsed?.offeredProtocols, Array<string>(8).fill('abc'));
  });

  it('is not what speaks SMTP', () => assert.equal(parseClientHello(Buffer.from('EHLO x\r\n')), undefined));

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => {
        parseClientHello(Buffer.concat([Buffer.from([22, 3, 1, 0, 90, 1, 0, 0, 86, 3, 3]), octets]));
      }),
    );
  });
});

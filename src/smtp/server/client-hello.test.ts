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
    assert.deepEqual(parsed, { offeredVersions: ['TLSv1.2', 'TLSv1.3'], serverName: 'mail.example.com' });
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
    assert.deepEqual(parseClientHello(await realHello(old)), { offeredVersions: ['TLSv1.1'] });
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

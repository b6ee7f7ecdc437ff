import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { describe, it } from 'node:test';
import tls from 'node:tls';
import { DialogueHandler } from '../../../test/dialogues/handler.ts';
import { LIMITS, serverTls } from '../../../test/dialogues/script.ts';
import { type ListenerOptions, SmtpServer, type SmtpServerOptions } from './server.ts';

const pem = (name: string): string =>
  readFileSync(new URL(`../../../test/dialogues/tls/${name}`, import.meta.url), 'utf8');

function listener(name: string, mode: ListenerOptions['tls']): ListenerOptions {
  return {
    name,
    host: '127.0.0.1',
    port: 0,
    tls: mode,
    credentials: ['password', 'certificate'],
    plainAuthentication: false,
    lineEndings: 'refuse',
  };
}

async function start(listeners: ListenerOptions[], more: Partial<SmtpServerOptions> = {}) {
  const handler = new DialogueHandler();
  const server = new SmtpServer({
    hostname: 'mail.test',
    listeners,
    limits: LIMITS,
    tls: serverTls,
    proxyFrom: [],
    handler,
    ...more,
  });
  return { handler, server, ports: (await server.listen()).map(({ port }) => port) };
}

async function secure(port: number | undefined, options: tls.ConnectionOptions = {}): Promise<tls.TLSSocket> {
  const socket = tls.connect({
    host: '127.0.0.1',
    port,
    servername: 'mail.test',
    ca: serverTls.cert,
    ...options,
  });
  socket.setEncoding('latin1');
  await once(socket, 'data');
  return socket;
}

async function quit(socket: net.Socket): Promise<void> {
  socket.end('QUIT\r\n');
  await once(socket, 'close');
}

describe('the server', () => {
  it('resumes a TLS session at the listener that began it, and at no other', async () => {
    const { server, ports } = await start([listener('one', 'implicit'), listener('two', 'implicit')]);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options = { minVersion: version, maxVersion: version };
      const first = tls.connect({
        host: '127.0.0.1',
        port: ports[0],
        servername: 'mail.test',
        ca: serverTls.cert,
        ...options,
      });
      const [session] = (await once(first, 'session')) as [Buffer];
      // Node.js 24 spoils a record that is written while it reads the ticket
      await new Promise((resolve) => setImmediate(resolve));
      first.resume();
      await quit(first);
      const same = await secure(ports[0], { ...options, session });
      assert.equal(same.isSessionReused(), true, version);
      await quit(same);
      const other = await secure(ports[1], { ...options, session });
      assert.equal(other.isSessionReused(), false, version);
      await quit(other);
      server.setTls(serverTls);
      const later = await secure(ports[0], { ...options, session });
      assert.equal(later.isSessionReused(), false, version);
      await quit(later);
    }
    await server.close(1000);
  });

  it('takes another certificate into force, and keeps the old one if the new one is broken', async () => {
    const { server, ports } = await start([listener('one', 'implicit')]);
    assert.throws(() => server.setTls({ key: serverTls.key, cert: 'nonsense' }));
    const before = await secure(ports[0]);
    assert.equal(before.getPeerCertificate().subject.CN, 'mail.test');
    server.setTls({ key: pem('client-key.pem'), cert: pem('client-cert.pem') });
    const after = await secure(ports[0], { rejectUnauthorized: false });
    assert.equal(after.getPeerCertificate().subject.CN, 'scanner.test');
    await quit(before);
    await quit(after);
    await server.close(1000);
  });

  it('shows the handler the certificate of a client, verified or not', async () => {
    for (const [ca, verified] of [
      [pem('client-cert.pem'), true],
      [serverTls.cert, false],
    ] as const) {
      const { server, handler, ports } = await start([listener('one', 'implicit')], {
        tls: { ...serverTls, ca, requestCert: true },
      });
      const client = await secure(ports[0], { key: pem('client-key.pem'), cert: pem('client-cert.pem') });
      const facts = handler.session?.tls;
      assert.equal(facts?.certificate?.subject.CN, 'scanner.test');
      assert.equal(facts.certificateVerified, verified);
      assert.equal(facts.version, 'TLSv1.3');
      assert.equal(facts.serverName, 'mail.test');
      await quit(client);
      const anonymous = await secure(ports[0]);
      assert.equal(handler.session?.tls?.certificate, undefined);
      assert.equal(handler.session?.tls?.certificateVerified, false);
      await quit(anonymous);
      await server.close(1000);
    }
  });

  it('speaks no TLS 1.1, whatever OpenSSL would do', async () => {
    const { server, handler, ports } = await start([listener('one', 'implicit')]);
    const ciphers = 'DEFAULT@SECLEVEL=0';
    const client = tls.connect({
      host: '127.0.0.1',
      port: ports[0],
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers,
    });
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
    assert.match(error.code ?? '', /PROTOCOL_VERSION/);
    await server.close(1000);
    assert.deepEqual(handler.tlsFailures[0]?.offeredVersions, ['TLSv1.1']);
  });

  it('requires a certificate where TLS is required', () => {
    for (const mode of ['implicit', 'starttls-required'] as const) {
      const options = { hostname: 'x', limits: LIMITS, proxyFrom: [], handler: new DialogueHandler() };
      assert.throws(() => new SmtpServer({ ...options, listeners: [listener('one', mode)] }), RangeError);
    }
  });

  it('opens all listeners or none', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as net.AddressInfo;
    await assert.rejects(start([listener('one', 'none'), { ...listener('two', 'none'), port }]), {
      code: 'EADDRINUSE',
    });
    taken.close();
  });

  it('names its sessions while they last, and counts them by network', async () => {
    const { server, handler, ports } = await start([listener('one', 'none')], {
      limits: { ...LIMITS, connectionsPerNetwork: 2 },
    });
    const clients = [1, 2, 3].map(() => net.connect({ host: '127.0.0.1', port: ports[0] ?? 0 }));
    const greetings = await Promise.all(clients.map((client) => once(client, 'data')));
    assert.deepEqual(greetings.map(([greeting]) => String(greeting).slice(0, 8)).sort(), [
      '220 mail',
      '220 mail',
      '421 4.7.',
    ]);
    const open = [...server.sessions].filter(({ hello }) => hello === '');
    assert.ok(open.length >= 2);
    assert.equal(new Set(open.map(({ id }) => id)).size, open.length);
    await server.close(1000);
    assert.deepEqual([...server.sessions], []);
    assert.deepEqual(handler.closings.map(({ ending }) => ending).sort(), [
      'refused',
      'shutdown',
      'shutdown',
    ]);
  });

  it('waits no longer than its grace for a message that does not end', async () => {
    const { server, handler, ports } = await start([listener('one', 'none')]);
    const client = net.connect({ host: '127.0.0.1', port: ports[0] ?? 0 });
    client.write('EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<never@example.org>\r\nBDAT 4 LAST\r\ntext');
    for await (const chunk of client) if (String(chunk).includes('2.1.5')) break;
    await server.close(50);
    assert.deepEqual(
      handler.closings.map(({ ending }) => ending),
      ['shutdown'],
    );
    handler.release();
  });

  it('holds little for a client that sends and never reads', async () => {
    const { server, handler, ports } = await start([listener('one', 'none')], {
      limits: { ...LIMITS, commands: 1e9, idleSeconds: 2 },
    });
    const client = net.connect({ host: '127.0.0.1', port: ports[0] ?? 0 });
    client.on('error', () => undefined);
    await once(client, 'data');
    client.pause();
    const help = Buffer.from('HELP\r\n'.repeat(10_000));
    const pump = (): void => {
      while (!client.destroyed && client.write(help));
      if (!client.destroyed) client.once('drain', pump);
    };
    pump();
    const deadline = performance.now() + 20_000;
    while (handler.closings.length === 0 && performance.now() < deadline) {
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
    assert.deepEqual(
      handler.closings.map(({ ending }) => ending),
      ['timeout'],
    );
    client.destroy();
    await server.close(1000);
  });
});

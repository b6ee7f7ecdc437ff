import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import type { TlsFacts } from '../smtp/server/handler.ts';
import { channelBinding, hasChannelBinding } from './channel-binding.ts';
import { clientCertificate } from './client-certificate.ts';
import { CERTIFICATE, CERTIFICATE_KEY, CERTIFICATE_SUBJECT } from './fixtures.ts';

/** Both ends of one TLS connection. */
async function connection(t: TestContext, version: 'TLSv1.2' | 'TLSv1.3') {
  const pair = { key: CERTIFICATE_KEY, cert: CERTIFICATE };
  const server = tls.createServer({ ...pair, requestCert: true, rejectUnauthorized: false });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<tls.TLSSocket>((resolve) => server.once('secureConnection', resolve));
  const { port } = server.address() as AddressInfo;
  const client = tls.connect({
    port,
    ...pair,
    minVersion: version,
    maxVersion: version,
    rejectUnauthorized: false,
  });
  const socket = await accepted;
  t.after(() => {
    client.destroy();
    socket.destroy();
    server.close();
  });
  const facts: TlsFacts = {
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    certificate: socket.getPeerCertificate(true),
    certificateVerified: socket.authorized,
    socket,
  };
  return { facts, client };
}

test('TLS 1.3: both ends have the same exporter octets, another connection has others', async (t) => {
  const { facts, client } = await connection(t, 'TLSv1.3');
  const data = channelBinding(facts, 'tls-exporter');
  // RFC 9266 §4.1
  assert.deepEqual(data, client.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)));
  assert.equal(hasChannelBinding(facts), true);
  const { facts: other } = await connection(t, 'TLSv1.3');
  assert.notDeepEqual(channelBinding(other, 'tls-exporter'), data);
});

test('TLS 1.2: the hash of our certificate, and no exporter', async (t) => {
  const { facts, client } = await connection(t, 'TLSv1.2');
  assert.equal(channelBinding(facts, 'tls-exporter'), undefined);
  const { raw } = client.getPeerX509Certificate() ?? {};
  assert.ok(raw);
  assert.deepEqual(channelBinding(facts, 'tls-server-end-point'), createHash('sha256').update(raw).digest());
  assert.equal(hasChannelBinding(facts), true);
});

test('RFC 5929 §4.1: the hash follows the signature of the certificate', () => {
  const raw = Buffer.from('certificate');
  const table: [string, string | undefined][] = [
    ['ecdsa-with-SHA256', 'sha256'],
    ['ecdsa-with-SHA384', 'sha384'],
    ['sha512WithRSAEncryption', 'sha512'],
    ['RSA-SHA256', 'sha256'],
    ['sha1WithRSAEncryption', 'sha256'],
    ['md5WithRSAEncryption', 'sha256'],
    ['ED25519', undefined],
    ['rsassaPss', undefined],
  ];
  for (const [signatureAlgorithm, hash] of table) {
    const socket = { getX509Certificate: () => ({ raw, signatureAlgorithm }) } as unknown as tls.TLSSocket;
    const facts: TlsFacts = { version: 'TLSv1.2', cipher: '', certificateVerified: false, socket };
    const expected = hash && createHash(hash).update(raw).digest();
    assert.deepEqual(channelBinding(facts, 'tls-server-end-point'), expected, signatureAlgorithm);
    assert.equal(hasChannelBinding(facts), hash !== undefined);
  }
});

test('the certificate that a client presents', async (t) => {
  const { facts } = await connection(t, 'TLSv1.3');
  const { fingerprint256, validFromDate, validToDate } = new X509Certificate(CERTIFICATE);
  assert.deepEqual(clientCertificate(facts), {
    fingerprint256,
    subject: CERTIFICATE_SUBJECT,
    verified: false,
    validFrom: validFromDate.getTime(),
    validTo: validToDate.getTime(),
  });
  assert.equal(clientCertificate({ ...facts, certificate: {} as never }), undefined);
  assert.equal(clientCertificate(undefined), undefined);
});

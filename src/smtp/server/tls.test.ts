import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { generate } from 'selfsigned';
import type { TlsFacts, TlsFailure } from './handler.ts';
import { type TlsCause, tlsCause } from './tls-cause.ts';
import { ListenerTls } from './tls.ts';
import type { WeakTls } from './weak-peers.ts';

const certificate = async (name: string): Promise<{ cert: string; key: string }> => {
  const made = await generate([{ name: 'commonName', value: name }], { keySize: 2048, algorithm: 'sha256' });
  return { cert: made.cert, key: made.private };
};
const USUAL = await certificate('usual');
const WEAK = await certificate('weak');

type Outcome = { facts: TlsFacts } | { failure: TlsFailure };

/** A listener whose clients have what `granted` says at the moment of their handshake. */
async function listener(t: TestContext) {
  const state: { granted: WeakTls | undefined } = { granted: undefined };
  const listening = new ListenerTls(
    'smtp',
    { ...USUAL, weak: WEAK },
    { tls: (address) => (address === '10.1.2.3' ? state.granted : undefined), withoutTls: () => false },
  );
  const outcomes: Outcome[] = [];
  let address = '10.1.2.3';
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    listening.accept(socket, address, {
      succeeded: (secured, facts) => {
        outcomes.push({ facts });
        secured.on('error', () => undefined);
        secured.end('x');
      },
      failed: (failure) => {
        outcomes.push({ failure });
        socket.destroy();
      },
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());

  const shake = async (options: tls.ConnectionOptions, from = '10.1.2.3') => {
    address = from;
    const { port } = server.address() as AddressInfo;
    const client = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
    client.resume();
    let session: Buffer | undefined;
    client.on('session', (ticket: Buffer) => (session = ticket));
    return new Promise<{ name?: string; version?: string; resumed?: boolean; session?: Buffer }>(
      (resolve) => {
        let seen: { name?: string; version?: string; resumed?: boolean } = {};
        client.on('secureConnect', () => {
          const subject = client.getPeerCertificate().subject as { CN?: string } | undefined;
          seen = {
            name: subject?.CN,
            version: client.getProtocol() ?? undefined,
            resumed: client.isSessionReused(),
          };
        });
        client.on('error', () => undefined);
        client.on('close', () => resolve({ ...seen, session }));
      },
    );
  };
  return { state, shake, outcomes, listening };
}

const OLD: tls.ConnectionOptions = {
  minVersion: 'TLSv1',
  maxVersion: 'TLSv1',
  ciphers: 'DEFAULT:@SECLEVEL=0',
};
const RSA: tls.ConnectionOptions = { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' };

test('each weakness is given alone, to its address alone', async (t) => {
  const { state, shake } = await listener(t);
  const none = { rsaKeyExchange: false, tripleDes: false };
  const table: [WeakTls | undefined, tls.ConnectionOptions, string | undefined][] = [
    [undefined, OLD, undefined],
    [undefined, RSA, undefined],
    [undefined, {}, 'TLSv1.3'],
    [{ ...none, minVersion: 'TLSv1' }, OLD, 'TLSv1'],
    [{ ...none, minVersion: 'TLSv1' }, RSA, undefined],
    [{ ...none, minVersion: 'TLSv1' }, { ...OLD, ciphers: 'AES128-SHA:@SECLEVEL=0' }, undefined],
    [{ ...none, minVersion: 'TLSv1.1' }, OLD, undefined],
    [{ ...none, rsaKeyExchange: true }, OLD, undefined],
    [{ ...none, rsaKeyExchange: true }, RSA, 'TLSv1.2'],
    [{ ...none, minVersion: 'TLSv1' }, {}, 'TLSv1.3'],
  ];
  for (const [granted, options, version] of table) {
    state.granted = granted;
    assert.equal((await shake(options)).version, version, JSON.stringify([granted, options]));
  }
  state.granted = { minVersion: 'TLSv1', rsaKeyExchange: true, tripleDes: true };
  assert.equal((await shake(OLD, '10.1.2.4')).version, undefined);
  assert.equal((await shake(RSA, '10.1.2.4')).version, undefined);
});

test('they see a certificate of their own, also after a reload', async (t) => {
  const { state, shake, listening } = await listener(t);
  state.granted = { minVersion: 'TLSv1', rsaKeyExchange: true, tripleDes: false };
  assert.equal((await shake(OLD)).name, 'weak');
  assert.equal((await shake({}, '10.1.2.4')).name, 'usual');
  listening.reload({ ...WEAK, weak: USUAL });
  assert.equal((await shake(OLD)).name, 'usual');
  assert.equal((await shake({}, '10.1.2.4')).name, 'weak');
  assert.throws(() => listening.reload({ ...USUAL, weak: { cert: 'x', key: 'y' } }));
  assert.equal((await shake({}, '10.1.2.4')).name, 'weak', 'nothing changes when one of both is wrong');
});

test('a session of weaker TLS is resumed while that is allowed, and not after', async (t) => {
  const { state, shake, outcomes } = await listener(t);
  state.granted = { rsaKeyExchange: true, tripleDes: false };
  const { session } = await shake(RSA);
  assert.ok(session);
  assert.equal((await shake({ ...RSA, session })).resumed, true);
  state.granted = undefined;
  assert.equal((await shake({ ...RSA, session })).version, undefined);
  const last = outcomes.at(-1);
  assert.ok(last && 'failure' in last && /NO_SHARED_CIPHER/.test(last.failure.code));
});

test('what the client offered is among the facts', async (t) => {
  const { shake, outcomes } = await listener(t);
  await shake({ maxVersion: 'TLSv1.2' });
  const [first] = outcomes;
  assert.ok(first && 'facts' in first);
  assert.deepEqual(first.facts.offered?.offeredVersions, ['TLSv1.2']);
});

test('a failure says which versions this client would have been given', async (t) => {
  const { state, shake, outcomes } = await listener(t);
  const failed = async (options: tls.ConnectionOptions) => {
    await shake(options);
    const last = outcomes.at(-1);
    assert.ok(last && 'failure' in last);
    return [last.failure.oldestAccepted, tlsCause(last.failure)];
  };
  assert.deepEqual(await failed(OLD), ['TLSv1.2', 'version']);
  state.granted = { minVersion: 'TLSv1', rsaKeyExchange: false, tripleDes: false };
  assert.deepEqual(await failed({ ...OLD, ciphers: 'AES128-SHA:@SECLEVEL=0' }), ['TLSv1', 'cipher']);
});

test('the cause of a failure', () => {
  const table: [TlsFailure, TlsCause][] = [
    [{ code: 'ERR_SSL_UNSUPPORTED_PROTOCOL', text: '' }, 'version'],
    [{ code: 'ECONNRESET', text: '', offeredVersions: ['TLSv1'], oldestAccepted: 'TLSv1.2' }, 'version'],
    [{ code: 'ECONNRESET', text: '', offeredVersions: ['TLSv1.2'], oldestAccepted: 'TLSv1.3' }, 'version'],
    [{ code: 'ECONNRESET', text: '', offeredVersions: ['TLSv1'], oldestAccepted: 'TLSv1' }, 'left'],
    [
      {
        code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
        text: '',
        offeredVersions: ['TLSv1'],
        oldestAccepted: 'TLSv1',
      },
      'certificate',
    ],
    [{ code: 'ERR_SSL_NO_SHARED_CIPHER', text: '', offeredVersions: ['TLSv1.2'] }, 'cipher'],
    [{ code: 'ERR_SSL_WRONG_VERSION_NUMBER', text: '' }, 'no-tls'],
    [{ code: 'ERR_SSL', text: '' }, 'other'],
  ];
  for (const [failure, cause] of table) assert.equal(tlsCause(failure), cause, JSON.stringify(failure));
});

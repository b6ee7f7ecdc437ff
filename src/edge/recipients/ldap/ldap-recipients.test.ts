import assert from 'node:assert/strict';
import net from 'node:net';
import { describe, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import {
  element,
  entry,
  type LdapRequest,
  LdapServer,
  type LdapServerOptions,
  message,
  result,
} from '../../../../test/support/ldap-server.ts';
import { SINK_CERTIFICATE, SINK_KEY } from '../../../../test/support/sink-certificate.ts';
import { systemClock } from '../../../platform/clock.ts';
import { systemDialer } from '../../../platform/dialer.ts';
import { tenantWith } from '../../fixtures.ts';
import { encodeFilter } from './filter.ts';
import { LdapRecipients, type LdapRecipientsOptions, ldapServer } from './ldap-recipients.ts';

const TENANT = tenantWith();
const TLS = { key: SINK_KEY, cert: SINK_CERTIFICATE };
const KNOWN = encodeFilter('(mail=ann@contoso.test)');
const knows = (filter: Buffer): boolean => filter.equals(KNOWN);
const server = (options: Partial<LdapServerOptions> = {}): Promise<LdapServer> =>
  new LdapServer({ ...TLS, finds: knows, ...options }).listen();

function recipients(to: LdapServer, options: Partial<LdapRecipientsOptions> = {}): LdapRecipients {
  return new LdapRecipients({
    dialer: systemDialer,
    clock: systemClock,
    timeoutMs: 2000,
    context: createSecureContext({ ca: SINK_CERTIFICATE }),
    servers: [{ host: 'localhost', port: to.port, implicitTls: to.options.implicitTls === true }],
    base: 'dc=contoso,dc=test',
    filter: '(mail={address})',
    ...options,
  });
}

for (const implicitTls of [true, false]) {
  test(`known and unknown, ${implicitTls ? 'from the first octet' : 'by StartTLS'} in TLS, over one connection`, async () => {
    await using directory = await server({ implicitTls });
    const asked = recipients(directory, { bind: { dn: 'cn=postern', password: 'secret' } });
    assert.equal(await asked.find(TENANT, 'ann@contoso.test'), 'known');
    assert.deepEqual(
      await Promise.all(
        ['bob@contoso.test', 'ann@contoso.test', '*@contoso.test'].map((one) => asked.find(TENANT, one)),
      ),
      ['unknown', 'known', 'unknown'],
    );
    assert.equal(asked.problem(), undefined);
    assert.equal(directory.connections, 1);
    const [bind, search] = directory.requests.filter(({ op }) => op !== 0x77) as [LdapRequest, LdapRequest];
    assert.ok(bind.encrypted && search.encrypted, 'nothing is said in the clear');
    assert.deepEqual(
      bind.parts.map(({ value }) => value.toString('latin1')),
      ['\x03', 'cn=postern', 'secret'],
    );
    assert.deepEqual(
      search.parts.map(({ value }) => value.toString('hex')).filter((_, index) => index !== 6),
      [Buffer.from('dc=contoso,dc=test').toString('hex'), '02', '00', '01', '02', 'ff', '0403312e31'],
    );
    await asked.close();
  });
}

describe('what is no answer is not unknown', () => {
  const search =
    (...answers: Buffer[]) =>
    ({ id, op }: LdapRequest): Buffer[] | undefined =>
      op === 0x63 ? answers.map((answer) => message(id, answer)) : undefined;
  const cases: [string, Partial<LdapServerOptions>, RegExp][] = [
    [
      'a base that is not there',
      { reply: search(result(0x65, 32, 'no such object')) },
      /no such object \(result 32\)/,
    ],
    ['a server that is busy', { reply: search(result(0x65, 51)) }, /result 51/],
    ['a search that was cut off', { reply: search(result(0x65, 3)) }, /result 3/],
    ['more than one allowed, and none seen', { reply: search(result(0x65, 4)) }, /result 4/],
    ['an answer of another kind', { reply: search(result(0x61, 0)) }, /tag 97/],
    [
      'a bind that is refused',
      {
        reply: ({ id, op }) => (op === 0x60 ? [message(id, result(0x61, 49, 'wrong\npassword'))] : undefined),
      },
      /cn=postern was not let in: wrong\?password/,
    ],
    [
      'StartTLS that is refused',
      {
        implicitTls: false,
        reply: ({ id, op }) => (op === 0x77 ? [message(id, result(0x78, 2))] : undefined),
      },
      /StartTLS was refused/,
    ],
    [
      'octets in the clear behind StartTLS',
      {
        implicitTls: false,
        reply: ({ id, op }) =>
          op === 0x77
            ? [Buffer.concat([message(id, result(0x78, 0)), message(id + 1, result(0x61, 0)).subarray(0, 5)])]
            : undefined,
      },
      /before the TLS handshake/,
    ],
    [
      'an answer to another question',
      { reply: ({ id, op }) => (op === 0x63 ? [message(id + 7, result(0x65, 0))] : undefined) },
      /no question/,
    ],
    [
      'the end, announced',
      { reply: ({ op }) => (op === 0x63 ? [message(0, result(0x78, 52))] : undefined) },
      /ended the connection/,
    ],
    [
      'entries without end',
      { reply: search(...Array.from({ length: 200 }, () => element(0x73))) },
      /too many answers/,
    ],
    [
      'a message of two gigabytes',
      { reply: ({ op }) => (op === 0x63 ? [Buffer.from('30847fffffff', 'hex')] : undefined) },
      /does not speak LDAP/,
    ],
    [
      'no LDAP at all',
      { reply: ({ op }) => (op === 0x63 ? [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')] : undefined) },
      /does not speak LDAP/,
    ],
    ['silence', { reply: ({ op }) => (op === 0x63 ? [] : undefined) }, /no answer in time/],
  ];
  for (const [name, options, problem] of cases) {
    test(name, async () => {
      await using directory = await server({ implicitTls: true, ...options });
      const asked = recipients(directory, { timeoutMs: 300, bind: { dn: 'cn=postern', password: 'secret' } });
      assert.equal(await asked.find(TENANT, 'ann@contoso.test'), 'unavailable');
      assert.match(asked.problem() ?? '', problem);
      await asked.close();
    });
  }

  test('more than one entry is found all the same', async () => {
    await using directory = await server({
      implicitTls: true,
      reply: search(entry('cn=a'), result(0x65, 4)),
    });
    assert.equal(await recipients(directory).find(TENANT, 'ann@contoso.test'), 'known');
  });

  test('references to other servers are not followed', async () => {
    await using directory = await server({
      implicitTls: true,
      reply: search(element(0x73, element(4, 'ldap://x')), result(0x65, 0)),
    });
    assert.equal(await recipients(directory).find(TENANT, 'ann@contoso.test'), 'unknown');
  });

  test('a certificate that nobody trusts, or of another name', async () => {
    await using directory = await server({ implicitTls: true });
    const untrusted = recipients(directory, { context: undefined });
    assert.equal(await untrusted.find(TENANT, 'ann@contoso.test'), 'unavailable');
    assert.match(untrusted.problem() ?? '', /self-signed/);
    const misnamed = recipients(directory, {
      servers: [{ host: '127.0.0.2', port: directory.port, implicitTls: true }],
    });
    assert.equal(await misnamed.find(TENANT, 'ann@contoso.test'), 'unavailable');
    assert.equal(directory.requests.length, 0, 'nothing was asked');
  });
});

test('a connection that the server closed is made anew, and the next server is tried', async () => {
  await using directory = await server({ implicitTls: true });
  const closed = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const gone = (closed.address() as net.AddressInfo).port;
  await new Promise((resolve) => closed.close(resolve));
  const asked = recipients(directory, {
    servers: [gone, directory.port].map((port) => ({ host: 'localhost', port, implicitTls: true })),
  });
  assert.equal(await asked.find(TENANT, 'ann@contoso.test'), 'known');
  directory.hangUp();
  assert.equal(await asked.find(TENANT, 'ann@contoso.test'), 'known');
  assert.equal(directory.connections, 2);
  await asked.close();
});

test('after all servers failed nobody waits for them at once again', async () => {
  let dialled = 0;
  const asked = new LdapRecipients({
    dialer: { connect: () => Promise.reject(new Error(`dialled ${++dialled}`)) },
    clock: systemClock,
    timeoutMs: 1000,
    servers: [{ host: 'localhost', port: 1, implicitTls: true }],
    base: 'dc=x',
    filter: '(mail={address})',
  });
  for (let i = 0; i < 10; i++) assert.equal(await asked.find(TENANT, 'ann@contoso.test'), 'unavailable');
  assert.equal(dialled, 1);
  await asked.close();
});

test('addresses of servers', () => {
  const cases: [string, ReturnType<typeof ldapServer>][] = [
    ['ldaps://dc1.contoso.test', { host: 'dc1.contoso.test', port: 636, implicitTls: true }],
    ['ldap://dc1.contoso.test/', { host: 'dc1.contoso.test', port: 389, implicitTls: false }],
    ['LDAPS://[2001:db8::1]:3269', { host: '2001:db8::1', port: 3269, implicitTls: true }],
  ];
  for (const [url, wanted] of cases) assert.deepEqual(ldapServer(url), wanted, url);
  for (const url of ['http://x', 'ldap://', 'ldaps://a b', 'ldaps://x/dc=y'])
    assert.throws(() => ldapServer(url), RangeError, url);
});

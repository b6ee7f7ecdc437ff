import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SINK_CERTIFICATE, SINK_KEY } from '../../../test/support/sink-certificate.ts';
import { type ScriptedOptions, ScriptedServer } from '../../../test/support/scripted-server.ts';
import { ManualClock, systemClock } from '../../platform/clock.ts';
import { systemDialer } from '../../platform/dialer.ts';
import { systemDisk } from '../../platform/disk.ts';
import { systemRandom } from '../../platform/random.ts';
import { ReplyParser, type RemoteReply } from '../../smtp/client/reply-parser.ts';
import { tenantWith } from '../fixtures.ts';
import { CallAhead, type CallAheadOptions, judge } from './call-ahead.ts';

const TENANT = tenantWith();

function reply(text: string): RemoteReply {
  const replies: RemoteReply[] = [];
  new ReplyParser().push(Buffer.from(`${text}\r\n`), (one) => replies.push(one));
  return replies[0] as RemoteReply;
}

function callAhead(server: ScriptedServer, options: Partial<CallAheadOptions> = {}): CallAhead {
  return new CallAhead({
    nextHop: () => ({
      name: 'inside',
      hosts: [{ host: '127.0.0.1', port: server.port }],
      implicitTls: false,
      tls: 'opportunistic',
    }),
    dialer: systemDialer,
    clock: systemClock,
    random: systemRandom,
    disk: systemDisk,
    hostname: 'edge.test',
    timeoutMs: 2000,
    ...options,
  });
}

describe('what a reply to RCPT says of the recipient', () => {
  const cases: [string, ReturnType<typeof judge>['answer']][] = [
    ['250 2.1.5 ok', 'known'],
    ['251 will forward', 'known'],
    ['252 can not verify', 'known'],
    ['550 5.1.1 no such user', 'unknown'],
    ['550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup', 'unknown'],
    ['550 5.4.1 [x@contoso.test]: Recipient address rejected: Access denied', 'unknown'],
    ['550 5.4.1 All recipient addresses rejected : Access denied', 'unknown'],
    ['554 5.1.6 moved', 'unknown'],
    ['550 no such user', 'unknown'],
    ['550 5.0.0 no', 'unknown'],
    ['551 user not local', 'unknown'],
    ['553 mailbox name not allowed', 'unknown'],
    ['550 5.4.1 no answer from host', 'unavailable'],
    ['550 5.7.1 relaying denied', 'unavailable'],
    ['550 5.7.606 banned sending IP', 'unavailable'],
    ['550 5.1.7 bad sender address', 'unavailable'],
    ['550 5.1.8 bad sender domain', 'unavailable'],
    ['550 5.2.1 mailbox disabled', 'unavailable'],
    ['554 transaction failed', 'unavailable'],
    ['530 5.7.0 STARTTLS first', 'unavailable'],
    ['503 5.5.1 MAIL first', 'unavailable'],
    ['501 5.5.4 syntax', 'unavailable'],
    ['450 4.2.1 mailbox busy', 'unavailable'],
    ['451 4.7.1 greylisted', 'unavailable'],
    ['452 4.2.2 mailbox full', 'known'],
    ['552 5.2.2 mailbox full', 'known'],
    ['552 too much', 'known'],
  ];
  for (const [text, wanted] of cases) test(text, () => assert.equal(judge(reply(text)).answer, wanted));
});

test('many recipients are asked for over one connection, and nothing is sent', async () => {
  await using server = await new ScriptedServer({
    reply: (line) => (line.startsWith('RCPT TO:<nobody') ? '550 5.1.1 no such user' : undefined),
  }).listen();
  const asked = callAhead(server);
  for (const [address, wanted] of [
    ['ann@contoso.test', 'known'],
    ['nobody1@contoso.test', 'unknown'],
    ['"odd name"@contoso.test', 'known'],
    ['nobody2@contoso.test', 'unknown'],
    ['\u00e9va@contoso.test', 'known'],
  ] as const) {
    assert.equal(await asked.find(TENANT, address), wanted, address);
  }
  assert.equal(server.connections, 1);
  assert.equal(server.messages.length, 0);
  assert.ok(server.lines.includes('1 MAIL FROM:<>'));
  assert.ok(!server.lines.some((line) => /DATA|BDAT/.test(line)));
  assert.equal(asked.problem(), undefined);
  asked.close();
});

test('an address can not say a command of its own', async () => {
  await using server = await new ScriptedServer().listen();
  const asked = callAhead(server);
  for (const address of [
    'a>\r\nDATA\r\n@contoso.test',
    'a b@contoso.test',
    '"a\r\nb"@contoso.test',
    'a@b>c',
    '@x',
  ])
    assert.equal(await asked.find(TENANT, address), 'unavailable', JSON.stringify(address));
  assert.ok(!server.lines.some((line) => /RCPT|MAIL|DATA/.test(line)), server.lines.join());
  asked.close();
});

describe('who can not be asked', () => {
  const cases: [string, ScriptedOptions, RegExp][] = [
    ['refuses connections', { reply: (line) => (line === '' ? '554 go away' : undefined) }, /554 go away/],
    [
      'refuses the null sender for good',
      { reply: (line) => (line.startsWith('MAIL') ? '550 5.7.1 no' : undefined) },
      /550 5.7.1 no/,
    ],
    [
      'refuses for now',
      { reply: (line) => (line.startsWith('RCPT') ? '451 4.3.0 later' : undefined) },
      /451 4.3.0/,
    ],
    ['closes at RCPT', { fault: { point: 'RCPT', action: 'close' } }, /closed|lost/],
    ['says 421 at RCPT', { fault: { point: 'RCPT', action: '421' } }, /421/],
    ['says nothing at RCPT', { fault: { point: 'RCPT', action: 'stall' } }, /time/],
    ['says nothing at all', { fault: { point: 'connect', action: 'stall' } }, /time/],
    [
      'answers what is no reply',
      { reply: (line) => (line.startsWith('RCPT') ? 'what' : undefined) },
      /protocol|reply/,
    ],
  ];
  for (const [name, options, problem] of cases) {
    test(name, async () => {
      await using server = await new ScriptedServer(options).listen();
      const asked = callAhead(server, { timeoutMs: 400 });
      assert.equal(await asked.find(TENANT, 'ann@contoso.test'), 'unavailable');
      assert.match(asked.problem() ?? '', problem);
      asked.close();
    });
  }

  test('there is no next hop', async () => {
    const clock = new ManualClock();
    const asked = callAhead({ port: 1 } as ScriptedServer, { clock, nextHop: () => undefined });
    assert.equal(await asked.find(TENANT, 'ann@contoso.test'), 'unavailable');
    assert.match(asked.problem() ?? '', /no route .* contoso.test/);
  });
});

test('a connection that was closed while idle is made anew', async () => {
  let asked = 0;
  await using server = await new ScriptedServer({
    reply: (line, connection) => {
      if (!line.startsWith('RCPT')) return undefined;
      asked++;
      return connection === 1 && asked > 1 ? '421 4.3.2 idle too long' : undefined;
    },
  }).listen();
  const ahead = callAhead(server);
  assert.equal(await ahead.find(TENANT, 'ann@contoso.test'), 'known');
  assert.equal(await ahead.find(TENANT, 'bob@contoso.test'), 'known');
  assert.equal(server.connections, 2);
  ahead.close();
});

test('a next hop whose TLS is broken is asked as mail goes to it: without, unless TLS has to be verified', async () => {
  const tls = { key: SINK_KEY, cert: SINK_CERTIFICATE };
  await using server = await new ScriptedServer({ tls, fault: { point: 'TLS', action: 'close' } }).listen();
  const hop = { name: 'inside', hosts: [{ host: '127.0.0.1', port: server.port }], implicitTls: false };
  for (const [mode, wanted] of [
    ['opportunistic', 'known'],
    ['verified', 'unavailable'],
  ] as const) {
    const ahead = callAhead(server, { nextHop: () => ({ ...hop, tls: mode }) });
    assert.equal(await ahead.find(TENANT, 'ann@contoso.test'), wanted, mode);
    ahead.close();
  }
});

test('a crowd shares a few connections', async () => {
  await using server = await new ScriptedServer().listen();
  const ahead = callAhead(server);
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) => ahead.find(TENANT, `u${i}@contoso.test`)),
  );
  assert.deepEqual([...new Set(answers)], ['known']);
  assert.ok(server.mostOpen <= 4, `${server.mostOpen} connections`);
  ahead.close();
});

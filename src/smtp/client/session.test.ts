import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  type FaultAction,
  type ProtocolPoint,
  type ScriptedOptions,
  ScriptedServer,
} from '../../../test/support/scripted-server.ts';
import { NO_TRAITS } from '../../message/content.ts';
import { systemClock } from '../../platform/clock.ts';
import { systemDialer } from '../../platform/dialer.ts';
import { systemDisk } from '../../platform/disk.ts';
import { systemRandom } from '../../platform/random.ts';
import { OpenError, type OpenOptions, openSession } from './open.ts';
import type { ClientSession } from './session.ts';
import {
  type ClientTimeouts,
  DEFAULT_CLIENT_TIMEOUTS,
  type Transaction,
  type TransactionResult,
} from './transaction.ts';

const SHORT: ClientTimeouts = Object.fromEntries(
  Object.keys(DEFAULT_CLIENT_TIMEOUTS).map((key) => [key, 250]),
) as unknown as ClientTimeouts;

async function connect(server: ScriptedServer, options: Partial<OpenOptions> = {}): Promise<ClientSession> {
  const socket = await systemDialer.connect({ host: '127.0.0.1', port: server.port, timeoutMs: 1000 });
  return openSession(socket, {
    clock: systemClock,
    disk: systemDisk,
    random: systemRandom,
    timeouts: DEFAULT_CLIENT_TIMEOUTS,
    hostname: 'relay.example',
    host: 'sink.example',
    address: '127.0.0.1',
    tls: { mode: 'none' },
    ...options,
  });
}

interface Sent extends Transaction {
  result?: TransactionResult;
  finished: number;
}

function mail(
  body: string | Buffer = 'hello\r\n',
  recipients = ['b@example.net'],
  changes: Partial<Transaction['envelope']> = {},
): Sent {
  const sent: Sent = {
    finished: 0,
    envelope: { from: 'a@example.com', smtpUtf8: false, body: '7bit', requireTls: false, ...changes },
    recipients: recipients.map((address) => ({ address })),
    content: {
      head: Buffer.from('Subject: x\r\n\r\n'),
      body: { kind: 'memory', bytes: Buffer.from(body) },
      traits: NO_TRAITS,
    },
    finish: (result) => {
      sent.result = result;
      sent.finished++;
    },
  };
  return sent;
}

const inTurn =
  (...all: Sent[]): (() => Sent | undefined) =>
  () =>
    all.shift();
const kinds = (sent: Sent): string[] => sent.result?.recipients.map(({ kind }) => kind) ?? [];

async function serve(options: ScriptedOptions): Promise<ScriptedServer> {
  return new ScriptedServer(options).listen();
}

describe('transactions', () => {
  for (const extensions of [undefined, ['8BITMIME']]) {
    test(`three messages ${extensions ? 'one command at a time' : 'pipelined'}`, async () => {
      await using server = await serve({ extensions });
      const session = await connect(server);
      const all = [mail('one\r\n'), mail('two\r\n'), mail('three\r\n')];
      assert.equal(await session.run(inTurn(...all)), 'idle');
      assert.deepEqual(all.map(kinds), [['delivered'], ['delivered'], ['delivered']]);
      assert.deepEqual(
        server.messages.map(({ content }) => content.slice(14)),
        ['one\r\n', 'two\r\n', 'three\r\n'],
      );
      await session.quit();
    });
  }

  test('in the steady state a message is one write: its content, then the next envelope', async () => {
    await using server = await serve({});
    const session = await connect(server);
    server.reads.length = 0;
    await session.run(inTurn(mail('one\r\n'), mail('two\r\n')));
    const envelope = 'MAIL FROM:<a@example.com> SIZE=19\r\nRCPT TO:<b@example.net>\r\nDATA\r\n';
    assert.deepEqual(server.reads, [
      envelope,
      `Subject: x\r\n\r\none\r\n.\r\n${envelope}`,
      'Subject: x\r\n\r\ntwo\r\n.\r\n',
    ]);
    session.destroy('done');
  });

  const bodies: [string, string, string][] = [
    ['dots are stuffed', '.\r\n..\r\na\r\n.b\r\n', '.\r\n..\r\na\r\n.b\r\n'],
    ['a missing CRLF is added', 'end', 'end\r\n'],
    ['an empty body', '', ''],
    ['a bare CR before the end', 'x\r', 'x\r\r\n'],
  ];
  for (const [name, body, arrives] of bodies) {
    test(name, async () => {
      await using server = await serve({});
      const session = await connect(server);
      await session.run(inTurn(mail(body)));
      assert.equal(server.messages[0]?.content, `Subject: x\r\n\r\n${arrives}`);
      session.destroy('done');
    });
  }

  test('large bodies from memory and from a file arrive whole, dots at block borders included', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'client-'));
    try {
      await using server = await serve({});
      const session = await connect(server);
      // a line break right before the block border, a dot right after it
      const body = `${'y'.repeat(65_534)}\r\n.dot\r\n${'z'.repeat(100_000)}\r\n.\r\nlast`;
      const path = join(folder, 'body');
      await writeFile(path, body);
      const fromFile = mail();
      fromFile.content.body = { kind: 'file', path, length: body.length };
      const next = mail('next\r\n');
      assert.equal(await session.run(inTurn(mail(body), fromFile, next)), 'idle');
      assert.equal(server.messages[0]?.content, `Subject: x\r\n\r\n${body}\r\n`);
      assert.equal(server.messages[1]?.content, `Subject: x\r\n\r\n${body}\r\n`);
      assert.equal(server.messages.length, 3);

      const missing = mail();
      missing.content.body = { kind: 'file', path: join(folder, 'none'), length: 10 };
      assert.equal(await session.run(inTurn(missing)), 'closed');
      assert.deepEqual(kinds(missing), ['deferred']);
      assert.equal(server.messages.length, 3);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('parameters follow what is offered', async () => {
    await using server = await serve({ extensions: ['PIPELINING', 'DSN', '8BITMIME', 'SMTPUTF8', 'SIZE'] });
    const session = await connect(server);
    const one = mail('\u00e9', ['\u00fc@ex\u00e4mple.net'], {
      smtpUtf8: true,
      returnContent: 'headers',
      envelopeId: 'a b',
    });
    one.content.traits = { ...NO_TRAITS, eightBit: true };
    one.recipients = [
      {
        address: '\u00fc@ex\u00e4mple.net',
        notify: ['success', 'delay'],
        originalRecipient: 'rfc822;u+2Bx@example.net',
      },
    ];
    await session.run(inTurn(one));
    assert.deepEqual(
      server.lines.slice(1, 3).map((line) => Buffer.from(line, 'latin1').toString()),
      [
        '1 MAIL FROM:<a@example.com> SIZE=16 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+20b',
        '1 RCPT TO:<\u00fc@ex\u00e4mple.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;u+2Bx@example.net',
      ],
    );
    session.destroy('done');
  });

  for (const [extensions, original] of [
    [['SMTPUTF8', 'DSN'], 'utf-8;\u00fc@example.net'],
    [['DSN'], 'utf-8;\\x{FC}@example.net'],
  ] as const) {
    test(`an international ORCPT becomes ${original}`, async () => {
      await using server = await serve({ extensions: [...extensions] });
      const session = await connect(server);
      const one = mail('x', ['b@example.net'], { smtpUtf8: true });
      one.recipients = [{ address: 'b@example.net', originalRecipient: 'utf-8;\u00fc@example.net' }];
      await session.run(inTurn(one));
      assert.equal(
        Buffer.from(server.lines[2] ?? '', 'latin1').toString(),
        `1 RCPT TO:<b@example.net> ORCPT=${original}`,
      );
      session.destroy('done');
    });
  }

  test('without SMTPUTF8 only what needs it fails, and domains become A-labels', async () => {
    await using server = await serve({ extensions: ['PIPELINING'] });
    const session = await connect(server);
    const one = mail('x', ['\u00fc@example.net', 'c@ex\u00e4mple.net'], { smtpUtf8: true });
    await session.run(inTurn(one));
    assert.deepEqual(kinds(one), ['failed', 'delivered']);
    assert.match(server.lines.join('\n'), /RCPT TO:<c@xn--exmple-cua\.net>/);
    const [first] = one.result?.recipients ?? [];
    assert.equal(first?.kind === 'failed' && first.code, 'D955');
    session.destroy('done');
  });

  test('too large, REQUIRETLS not offered, addresses that would be commands: nothing is sent', async () => {
    await using server = await serve({ extensions: ['PIPELINING', 'SIZE 10'] });
    const session = await connect(server);
    const large = mail();
    await session.run(inTurn(large));
    assert.deepEqual(kinds(large), ['failed']);
    await using other = await serve({});
    const second = await connect(other);
    const strict = mail('x', ['b@example.net'], { requireTls: true });
    const evil = ['b@x>\r\nRCPT TO:<c@x', 'b@x> NOTIFY=NEVER', '<b@x', 'b c@x', 'b\0@x'].map((to) =>
      mail('x', [to]),
    );
    const sender = mail('x', ['b@example.net'], { from: 'a@x> SIZE=1' });
    await second.run(inTurn(strict, ...evil, sender));
    for (const one of [strict, ...evil, sender])
      assert.deepEqual(kinds(one), ['failed'], String(one.recipients[0]?.address));
    assert.equal(other.lines.length, 1);
    session.destroy('done');
    second.destroy('done');
  });
});

describe('refusals', () => {
  const script = (replies: Record<string, string>) => (line: string) =>
    Object.entries(replies).find(([start]) => line.startsWith(start))?.[1];

  const cases: [string, Record<string, string>, string[]][] = [
    ['MAIL refused', { MAIL: '550 5.7.1 no' }, ['failed', 'failed']],
    ['MAIL deferred', { MAIL: '451 4.7.1 later' }, ['deferred', 'deferred']],
    ['one recipient refused', { 'RCPT TO:<b@': '550 5.1.1 no' }, ['failed', 'delivered']],
    ['one recipient deferred', { 'RCPT TO:<b@': '450 4.2.1 busy' }, ['deferred', 'delivered']],
    ['all recipients refused', { RCPT: '550 5.1.1 no' }, ['failed', 'failed']],
    ['DATA refused', { DATA: '554 5.6.0 no' }, ['failed', 'failed']],
    ['content refused', { '.': '550 5.7.1 spam' }, ['failed', 'failed']],
    ['content deferred', { '.': '452 4.3.1 full' }, ['deferred', 'deferred']],
    ['too many recipients', { 'RCPT TO:<c@': '452 4.5.3 too many' }, ['delivered', 'untried']],
    ['mailbox full', { 'RCPT TO:<c@': '452 4.2.2 full' }, ['delivered', 'deferred']],
    ['552 full mailbox', { 'RCPT TO:<c@': '552 5.2.2 full' }, ['delivered', 'failed']],
  ];
  for (const extensions of [undefined, ['DSN']]) {
    for (const [name, replies, expected] of cases) {
      test(`${name}${extensions ? ', not pipelined' : ''}: the session goes on`, async () => {
        await using server = await serve({ extensions, reply: script(replies) });
        const session = await connect(server);
        const first = mail('x', ['b@example.net', 'c@example.net']);
        assert.equal(await session.run(inTurn(first)), 'idle');
        assert.deepEqual(kinds(first), expected);
        server.options.reply = undefined;
        const second = mail('y');
        assert.equal(await session.run(inTurn(second)), 'idle');
        assert.deepEqual(kinds(second), ['delivered']);
        session.destroy('done');
      });
    }
  }

  test('DATA granted without a recipient: a lone dot ends it', async () => {
    await using server = await serve({
      reply: (line) => (line.startsWith('RCPT') ? '250 2.1.5 ok' : undefined),
    });
    server.options.reply = (line) =>
      line.startsWith('RCPT')
        ? '550 5.1.1 no'
        : line === 'DATA'
          ? '354 go on'
          : line === '.'
            ? '554 none'
            : undefined;
    const session = await connect(server);
    const first = mail();
    // the scripted 354 does not make the sink read content: the dot arrives as a line
    assert.equal(await session.run(inTurn(first)), 'idle');
    assert.deepEqual(kinds(first), ['failed']);
    assert.equal(server.lines.at(-1), '1 .');
    session.destroy('done');
  });

  test('a withdrawn message does not leave, though the server was ready', async () => {
    await using server = await serve({});
    const session = await connect(server);
    const first = mail();
    first.withdrawn = () => true;
    assert.equal(await session.run(inTurn(first)), 'closed');
    assert.deepEqual(kinds(first), ['withdrawn']);
    assert.equal(server.messages.length, 0);
  });
});

describe('faults', () => {
  const points: [ProtocolPoint, string][] = [
    ['MAIL', 'deferred'],
    ['RCPT', 'deferred'],
    ['DATA', 'deferred'],
    ['content', 'deferred'],
    ['dot', 'deferred'],
    ['after-dot', 'deferred'],
  ];
  const actions: FaultAction[] = ['close', '421', 'rst', 'stall'];
  for (const [point, expected] of points) {
    for (const action of actions) {
      test(`${action} at ${point}`, async () => {
        await using server = await serve({ fault: { point, action } });
        const session = await connect(server, { timeouts: SHORT });
        const first = mail();
        const second = mail();
        assert.equal(await session.run(inTurn(first, second)), 'closed');
        assert.deepEqual(kinds(first), [expected]);
        assert.equal(first.finished, 1);
        // the second was either taken with the first one's content or not at all
        assert.ok(second.finished === 0 || kinds(second)[0] === 'untried', JSON.stringify(second.result));
        const [result] = first.result?.recipients ?? [];
        const uncertain = result?.kind === 'deferred' && result.uncertain === true;
        const sentWhole = ['content', 'dot', 'after-dot'].includes(point);
        assert.equal(uncertain, sentWhole && action !== '421');
      });
    }
  }

  const opening: ProtocolPoint[] = ['connect', 'EHLO'];
  for (const point of opening) {
    for (const action of actions) {
      test(`${action} at ${point}`, async () => {
        await using server = await serve({ fault: { point, action } });
        // a reset may already be there when the connection is made
        await assert.rejects(
          connect(server, { timeouts: SHORT }),
          (error: NodeJS.ErrnoException) => error instanceof OpenError || error.code === 'ECONNRESET',
        );
      });
    }
  }

  test('a connection lost after it did good leaves the next message untried', async () => {
    await using server = await serve({});
    const session = await connect(server);
    await session.run(inTurn(mail()));
    server.options.fault = { point: 'MAIL', action: 'close' };
    const second = mail();
    assert.equal(await session.run(inTurn(second)), 'closed');
    assert.deepEqual(kinds(second), ['untried']);
  });

  test('replies octet by octet', async () => {
    await using server = await serve({ byteWise: true });
    const session = await connect(server);
    const all = [mail('one'), mail('two')];
    await session.run(inTurn(...all));
    assert.deepEqual(all.map(kinds), [['delivered'], ['delivered']]);
    session.destroy('done');
  });

  for (const reply of [
    '250-2.1.0 ok\r\n550 no',
    'what',
    '250 ok\r\n250 ok\r\n250 ok\r\n250 ok',
    '354 go on',
  ]) {
    test(`MAIL answered ${JSON.stringify(reply)} breaks off`, async () => {
      await using server = await serve({ reply: (line) => (line.startsWith('MAIL') ? reply : undefined) });
      server.options.extensions = ['8BITMIME'];
      const session = await connect(server, { timeouts: SHORT });
      const first = mail();
      assert.equal(await session.run(inTurn(first)), 'closed');
      assert.deepEqual(kinds(first), ['deferred']);
    });
  }

  test('HELO where EHLO is unknown', async () => {
    await using server = await serve({
      reply: (line) =>
        line.startsWith('EHLO') ? '502 5.5.1 what' : line.startsWith('HELO') ? '250 hi' : undefined,
    });
    const session = await connect(server);
    const first = mail();
    await session.run(inTurn(first));
    assert.deepEqual(kinds(first), ['delivered']);
    session.destroy('done');
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../platform/clock.ts';
import { systemDialer } from '../../platform/dialer.ts';
import { systemRandom } from '../../platform/random.ts';
import { ScriptedServer } from '../../../test/support/scripted-server.ts';
import { converse, isLoopback, LAB_FIELD, OutsideError, type Visit } from './dialogue.ts';

const rooms = { clock: systemClock, dialer: systemDialer, random: systemRandom };
const MARKED = Buffer.from(`Subject: x\r\n${LAB_FIELD}: 1\r\n\r\n.hidden\r\nbody\r\n`);

const ELSEWHERE = [
  '192.0.2.1',
  '10.0.0.1',
  'localhost',
  'mail.example.com',
  '0.0.0.0',
  '::',
  '127.0.0.1.example',
  '',
];

async function visit(server: ScriptedServer, options: Partial<Visit> = {}) {
  await using _ = await server.listen();
  const usual = { host: '127.0.0.1', port: server.port, hello: 'mfp-03', from: 'a@b.test', to: ['c@d.test'] };
  return await converse({ ...usual, message: MARKED, ...options }, rooms);
}

describe('a conversation of an actor', () => {
  it('is written down line by line, and the message arrives as it is', async () => {
    const server = new ScriptedServer();
    const { accepted, reply, transcript } = await visit(server);
    assert.equal(accepted, true);
    assert.match(reply, /^250 /);
    assert.equal(server.messages[0]?.content, MARKED.toString());
    const said = transcript.filter(({ by }) => by === 'client').map(({ text }) => text);
    assert.deepEqual(said, [
      'EHLO mfp-03',
      'MAIL FROM:<a@b.test>',
      'RCPT TO:<c@d.test>',
      'DATA',
      '.',
      'QUIT',
    ]);
    assert.deepEqual(transcript[0], { by: 'server', text: '220 sink ESMTP' });
  });

  it('ends at the reply that refuses, wherever it comes', async () => {
    const cases: [line: RegExp, last: string][] = [
      [/^EHLO/, 'EHLO mfp-03'],
      [/^MAIL/, 'MAIL FROM:<a@b.test>'],
      [/^RCPT/, 'RCPT TO:<c@d.test>'],
      [/^DATA/, 'DATA'],
      [/^\.$/, '.'],
    ];
    for (const [line, last] of cases) {
      const server = new ScriptedServer({
        reply: (text) => (line.test(text) ? '550 5.7.68 no' : undefined),
      });
      const { accepted, reply, transcript } = await visit(server);
      assert.deepEqual([accepted, reply], [false, '550 5.7.68 no']);
      const said = transcript.filter(({ by, text }) => by === 'client' && text !== 'QUIT');
      assert.equal(said.at(-1)?.text, last);
      assert.equal(server.messages.length, 0);
    }
  });

  it('keeps the password out of the transcript', async () => {
    const login = { username: 'printer', password: 'secret-of-the-printer' };
    const server = new ScriptedServer({ extensions: ['AUTH PLAIN'], login });
    const { accepted, transcript } = await visit(server, { login });
    assert.equal(accepted, true);
    const text = transcript.map((line) => line.text).join('\n');
    assert.match(text, /^AUTH PLAIN \*{8}$/m);
    assert.ok(!text.includes(login.password));
    assert.ok(!text.includes(Buffer.from(`\0${login.username}\0${login.password}`).toString('base64')));
  });

  it('tells by a PROXY header where it comes from', async () => {
    const server = new ScriptedServer();
    await visit(server, { address: '198.51.100.66' });
    assert.match(server.lines[0] ?? '', /^1 PROXY TCP4 198\.51\.100\.66 127\.0\.0\.1 \d+ \d+$/);
  });

  it('answers a lost connection as a failure, not as an exception', async () => {
    const server = new ScriptedServer({ fault: { point: 'RCPT', action: 'close' } });
    const { accepted, reply, transcript } = await visit(server);
    assert.equal(accepted, false);
    assert.match(reply, /connection/);
    assert.equal(transcript.at(-1)?.by, 'note');
  });
});

describe('an actor does not leave the lab', () => {
  it('connects to this machine only, and resolves no names', async () => {
    const never = { connect: () => assert.fail('connected') };
    for (const host of ELSEWHERE) {
      assert.equal(isLoopback(host), false, host);
      const outside = { host, port: 25, hello: 'x', from: 'a@b.test', to: ['c@d.test'], message: MARKED };
      await assert.rejects(converse(outside, { ...rooms, dialer: never }), OutsideError);
    }
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])
      assert.equal(isLoopback(host), true, host);
  });

  it('sends nothing without its mark in the head', async () => {
    const cases = ['Subject: x\r\n\r\nbody\r\n', `Subject: x\r\n\r\n${LAB_FIELD}: 1\r\n`, ''];
    for (const message of cases) {
      const server = new ScriptedServer();
      await assert.rejects(visit(server, { message: Buffer.from(message) }), OutsideError);
      assert.equal(server.connections, 0);
    }
  });
});

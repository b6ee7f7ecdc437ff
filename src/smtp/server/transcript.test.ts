import assert from 'node:assert/strict';
import net from 'node:net';
import { describe, it } from 'node:test';
import { refuse } from '../reply.ts';
import type { SaslExchange, SmtpHandler, Transcript } from './handler.ts';
import { SmtpServer } from './server.ts';
import { TranscriptRecorder } from './transcript.ts';

const SECRET = 'correct-horse-bat';
const b64 = (text: string): string => Buffer.from(text).toString('base64');

const OK = { code: 250, enhanced: '2.0.0', text: 'OK' };
const START = { code: 354, text: 'go on' };

function texts(record: TranscriptRecorder): string[] {
  return (record.transcript(0)?.lines ?? []).map(({ by, text }) => `${by}: ${text}`);
}

/** One transaction; refused when `refusal` is given. */
function transact(record: TranscriptRecorder, refusal = false): void {
  record.command(1, 'MAIL', 'FROM:<a@corp.example>');
  record.reply(2, OK);
  record.command(3, 'RCPT', 'TO:<b@corp.example>');
  record.reply(4, OK);
  record.command(5, 'DATA', '');
  record.reply(6, START);
  if (refusal) {
    record.reply(7, refuse('S402', 'From "x@y.example" is in no pair'));
    return;
  }
  record.messageAccepted();
  record.reply(8, OK);
}

describe('TranscriptRecorder', () => {
  it('has nothing to tell of a session that went well', () => {
    const record = new TranscriptRecorder();
    record.command(0, 'EHLO', 'x');
    record.reply(0, OK);
    transact(record);
    assert.equal(record.transcript(0), undefined);
  });

  it('tells of a refusal with what came before, but for messages that were taken', () => {
    const record = new TranscriptRecorder();
    record.command(0, 'EHLO', 'printer');
    record.reply(0, OK);
    for (let index = 0; index < 10_000; index++) transact(record);
    transact(record, true);
    assert.deepEqual(texts(record), [
      'client: EHLO printer',
      'server: 250 2.0.0 OK',
      'client: MAIL FROM:<a@corp.example>',
      'server: 250 2.0.0 OK',
      'client: RCPT TO:<b@corp.example>',
      'server: 250 2.0.0 OK',
      'client: DATA',
      'server: 354 go on',
      'client: [the message, which is never kept]',
      'server: 550 5.7.1 S402 From address not allowed for this source',
      'relay: From "x@y.example" is in no pair',
    ]);
    assert.equal(record.transcript(0)?.messages, 10_000);
    for (let index = 0; index < 100; index++) transact(record);
    assert.equal(texts(record).length, 11, 'and what went well afterwards is not told either');
  });

  it('is bounded in lines and characters, and keeps beginning and end', () => {
    const record = new TranscriptRecorder();
    record.command(0, 'EHLO', 'x'.repeat(2000));
    for (let index = 0; index < 100_000; index++) {
      record.command(index, 'RCPT', `TO:<${'y'.repeat(1900)}${index}@corp.example>`);
      record.reply(index, refuse('R501'));
    }
    record.command(200_000, 'QUIT', '');
    const transcript = record.transcript(0) as Transcript;
    const all = transcript.lines.map(({ text }) => text);
    assert.ok(all.length <= 400, String(all.length));
    assert.ok(all.join('').length < 40_000);
    assert.ok(all.every((text) => text.length <= 320));
    assert.match(all[0] ?? '', /^EHLO xxx/);
    assert.equal(all.at(-1), 'QUIT');
    assert.ok(transcript.omitted > 199_000);
    assert.equal(all.filter((text) => /lines are left out/.test(text)).length, 1);
  });

  it('escapes what a client chooses', () => {
    const record = new TranscriptRecorder();
    record.command(0, 'EHLO', 'a\u202eb\u0085c\u001b[2J\u2028d');
    record.reply(0, refuse('C104'));
    assert.equal(texts(record)[0], 'client: EHLO a\\u{202e}b\\u{85}c\\u{1b}[2J\\u{2028}d');
  });

  it('shows no argument that may be a secret in the wrong place', () => {
    for (const verb of ['NOOP', 'VRFY', 'HELP', 'RSET', 'QUIT', 'DATA', 'STARTTLS', 'EXPN']) {
      const record = new TranscriptRecorder();
      record.command(0, verb, SECRET);
      record.reply(0, refuse('C104'));
      assert.equal(texts(record)[0], `client: ${verb} [hidden]`);
    }
  });
});

/** Says `lines` to a server whose every AUTH fails after three steps, and answers the transcript. */
async function converse(lines: string[]): Promise<Transcript> {
  let done: (transcript: Transcript) => void = () => undefined;
  const ended = new Promise<Transcript>((resolve) => {
    done = resolve;
  });
  let step = 0;
  const exchange = (): SaslExchange => ({
    step: () => (++step < 3 ? { kind: 'challenge', data: Buffer.from(`salt-of-${SECRET}`) } : fail()),
  });
  const fail = () => ({ kind: 'failure' as const, reply: refuse('A301', 'the password is wrong') });
  const handler: SmtpHandler = {
    connected: () => undefined,
    mechanisms: () => ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-256', 'OAUTHBEARER', 'XOAUTH2'],
    authenticate: exchange,
    mail: () => refuse('A302'),
    recipient: () => undefined,
    message: () => refuse('X902'),
    refused: () => undefined,
    tlsFailed: () => undefined,
    closed: (session) => done(session.transcript?.() as Transcript),
  };
  const limits = {
    connections: 10,
    connectionsPerNetwork: 10,
    commandLine: 2048,
    commands: 100,
    errors: 50,
    recipients: 10,
    messageBytes: 1000,
    idleSeconds: 30,
    dataIdleSeconds: 30,
    sessionSeconds: 60,
    minimumBytesPerSecond: 0,
  };
  const server = new SmtpServer({
    hostname: 'relay.test',
    listeners: [
      {
        name: 'plain',
        host: '127.0.0.1',
        port: 0,
        tls: 'none',
        credentials: ['password'],
        plainAuthentication: true,
        lineEndings: 'refuse',
      },
    ],
    limits,
    proxyFrom: [],
    handler,
  });
  const [listening] = await server.listen();
  const socket = net.connect(listening?.port ?? 0, '127.0.0.1');
  socket.on('error', () => undefined);
  let replies = '';
  // one reply a line, then the next line
  const all = ['EHLO client.test', ...lines, 'QUIT'];
  socket.on('data', (chunk: Buffer) => {
    replies += chunk.toString();
    if (!/^\d{3} [^\n]*\r\n$/m.test(replies)) return;
    replies = '';
    const next = all.shift();
    if (next !== undefined) socket.write(`${next}\r\n`);
  });
  const transcript = await ended;
  socket.destroy();
  await server.close(0);
  return transcript;
}

describe('the transcript of a session hides every form of a password', () => {
  const cases: Record<string, string[]> = {
    'PLAIN with an initial response': [`AUTH PLAIN ${b64(`\0ann\0${SECRET}`)}`, '*'],
    'PLAIN in a line of its own': ['AUTH PLAIN', b64(`\0ann\0${SECRET}`), '*'],
    'auth in lower case, with more spaces': [`auth   plain    ${b64(`\0ann\0${SECRET}`)}`, '*'],
    LOGIN: ['AUTH LOGIN', b64('ann'), b64(SECRET)],
    'LOGIN with the name at once': [`AUTH LOGIN ${b64('ann')}`, b64(SECRET), '*'],
    'CRAM-MD5': ['AUTH CRAM-MD5', b64(`ann ${SECRET}`), '*'],
    SCRAM: [`AUTH SCRAM-SHA-256 ${b64('n,,n=ann,r=abc')}`, b64(`c=biws,r=abc,p=${SECRET}`), '='],
    OAUTHBEARER: [
      `AUTH OAUTHBEARER ${b64(`n,,\u0001auth=Bearer ${SECRET}\u0001\u0001`)}`,
      b64('\u0001'),
      '*',
    ],
    XOAUTH2: [`AUTH XOAUTH2 ${b64(`user=ann\u0001auth=Bearer ${SECRET}\u0001\u0001`)}`, '*'],
    'not base64': [`AUTH PLAIN ${SECRET}`, 'AUTH LOGIN', SECRET],
    'a mechanism that is none': [`AUTH ${SECRET}`, `AUTH X-${SECRET}!  ${SECRET}`],
    'two arguments': [`AUTH PLAIN ${b64(SECRET)} ${b64(SECRET)}`],
    'the answers of LOGIN although it was refused': ['AUTH LOGIN extra words', b64('ann'), b64(SECRET)],
    'as a command': [
      SECRET,
      b64(SECRET),
      `PASS ${SECRET}`,
      `AUTH${SECRET}`,
      `NOOP ${SECRET}`,
      `HELP ${SECRET}`,
    ],
    'with a control character': [`AUTH PLAIN\t${b64(SECRET)}`, `\u0001${SECRET}`],
    'in a line that is too long': [`NOOP ${SECRET.repeat(200)}`, `AUTH PLAIN ${b64(SECRET.repeat(2000))}`],
  };
  for (const [name, lines] of Object.entries(cases)) {
    it(name, async () => {
      const { lines: said } = await converse([...lines, 'MAIL FROM:<a@b.example>']);
      const text = said.map((line) => line.text).join('\n');
      assert.match(text, /MAIL FROM:<a@b\.example>/, 'the session came to its end');
      for (const encoded of [
        SECRET,
        b64(SECRET),
        b64(SECRET).slice(0, 20),
        Buffer.from(SECRET).toString('hex'),
      ]) {
        assert.ok(!text.includes(encoded), text);
      }
      // at whatever place of three octets it stands within base64
      for (const lead of ['', 'x', 'xx']) {
        assert.ok(!text.includes(b64(lead + SECRET).slice(4, 24)), text);
      }
    });
  }
});

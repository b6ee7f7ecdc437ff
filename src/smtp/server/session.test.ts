import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock } from '../../platform/clock.ts';
import type { Reply } from '../reply.ts';
import type { Wire } from './flow.ts';
import type { MessageReceiver, SessionSummary, SmtpHandler } from './handler.ts';
import type { ListenerRules } from './rules.ts';
import { Session } from './session.ts';

const TAKEN: Reply = { code: 250, enhanced: '2.0.0', text: 'Taken' };

interface Options {
  mail?: SmtpHandler['mail'];
  write?: MessageReceiver['write'];
  /** The client reads its replies. */
  reads?: boolean;
}

/** A session without a socket: what it sends is in `sent`, one entry a write. */
function begin({ mail, write, reads = true }: Options = {}) {
  const sent: string[] = [];
  const messages: string[] = [];
  const events: string[] = [];
  const closings: SessionSummary[] = [];
  const wire: Wire = {
    send(text) {
      sent.push(text);
      return reads;
    },
    pause: () => void events.push('pause'),
    resume: () => void events.push('resume'),
    startTls: () => void events.push('tls'),
    end: () => void events.push('end'),
    drop: () => void events.push('drop'),
  };
  const clock = new ManualClock();
  const rules: ListenerRules = {
    hostname: 'mail.test',
    listener: { name: 'test', credentials: new Set(), plainAuthentication: false },
    limits: {
      connections: 1,
      connectionsPerNetwork: 1,
      commandLine: 512,
      commands: 10_000,
      errors: 10,
      recipients: 10,
      messageBytes: 1_000_000,
      idleSeconds: 300,
      dataIdleSeconds: 180,
      sessionSeconds: 3600,
      minimumBytesPerSecond: 0,
    },
    startTls: 'none',
    lineEndings: 'refuse',
    clock,
    handler: {
      connected: () => undefined,
      mechanisms: () => [],
      authenticate: () => ({ step: () => ({ kind: 'success', identity: 1 }) }),
      mail: mail ?? (() => undefined),
      recipient: () => undefined,
      message: () => {
        let content = '';
        return {
          write(chunk) {
            content += chunk.toString('latin1');
            return write?.(chunk);
          },
          end: () => {
            messages.push(content);
            return Promise.resolve(TAKEN);
          },
          abort: () => void events.push('abort'),
        };
      },
      refused: () => undefined,
      tlsFailed: () => undefined,
      closed: (_, summary) => void closings.push(summary),
    },
  };
  const session = new Session(rules, wire, 'id', '192.0.2.1', 1);
  session.open();
  return { session, sent, messages, events, closings, clock };
}

const TRANSACTION =
  'EHLO x\r\nMAIL FROM:<a@example.com> SIZE=9\r\nRCPT TO:<b@example.org>\r\nDATA\r\n' +
  'one\r\n..two\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<c@example.org>\r\nBDAT 6\r\nthree\rBDAT 3 LAST\r\n\n\r\nQUIT\r\n';

async function settle(): Promise<void> {
  for (let round = 0; round < 5; round++) await turn();
}

describe('a session', () => {
  it('answers a pipelined group in one write', async () => {
    const { session, sent } = begin();
    session.receive(Buffer.from('EHLO x\r\n'));
    session.receive(
      Buffer.from(
        'MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n',
      ),
    );
    assert.equal(sent.length, 3);
    assert.match(sent[2] ?? '', /^250 [^\n]*\n250 [^\n]*\n250 [^\n]*\n354 [^\n]*\n$/);
    session.receive(Buffer.from('text\r\n.\r\nMAIL FROM:<a@example.com>\r\n'));
    await settle();
    assert.equal(sent.length, 4);
    assert.match(sent[3] ?? '', /^250 2\.0\.0 Taken\r\n250 2\.1\.0 [^\n]*\n$/);
  });

  it('says the same wherever the octets are cut', async () => {
    const run = async (parts: Buffer[]): Promise<unknown> => {
      const { session, sent, messages, closings, events } = begin();
      for (const part of parts) {
        session.receive(part);
        await turn();
      }
      await settle();
      session.disconnected('client-closed');
      return { said: sent.join(''), messages, closings, events };
    };
    const whole = Buffer.from(TRANSACTION);
    const expected = (await run([Buffer.from(whole)])) as {
      messages: string[];
      closings: SessionSummary[];
      said: string;
    };
    assert.deepEqual(expected.messages, ['one\r\n.two\r\n', 'three\r\n\r\n']);
    assert.deepEqual(expected.closings, [
      {
        durationMs: 0,
        commands: 9,
        messagesAccepted: 2,
        bytesReceived: whole.length,
        ending: 'quit',
        chunking: true,
        bareLineEnds: false,
      },
    ]);
    for (let cut = 1; cut < whole.length; cut++) {
      assert.deepEqual(
        await run([whole.subarray(0, cut), whole.subarray(cut)].map((part) => Buffer.from(part))),
        expected,
        `${cut}`,
      );
    }
    const octets = Array.from(whole, (octet) => Buffer.from([octet]));
    assert.deepEqual(await run(octets), expected);
  });

  it('closes after a BDAT that it can not read, whose octets would be taken for commands', async () => {
    for (const line of ['BDAT 6\tLAST', 'BDAT', 'BDAT x', 'bdat 6 LAST\xff', 'BDAT 6 LAST\xc2\xa0']) {
      const { session, sent, events } = begin();
      session.receive(Buffer.from(`EHLO x\r\n${line}\r\nRSET\r\nRSET\r\n`, 'latin1'));
      await settle();
      assert.match(sent.at(-1) ?? '', /^250-[^]*\n50[01] [^\n]*\n$/, line);
      assert.deepEqual(events, ['end'], line);
    }
  });

  it('does not touch what came behind until the handler has answered', async () => {
    let answer: (reply: undefined) => void = () => undefined;
    const { session, sent } = begin({
      mail: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    session.receive(Buffer.from('EHLO x\r\nMAIL FROM:<a@example.com>\r\nNOOP\r\n'));
    await settle();
    // what was answered already is not held back
    assert.equal(sent.length, 2);
    assert.doesNotMatch(sent.join(''), /Sender OK|2\.0\.0 OK/);
    answer(undefined);
    await settle();
    assert.match(sent[2] ?? '', /^250 2\.1\.0 Sender OK\r\n250 2\.0\.0 OK\r\n$/);
  });

  it('stops reading while a receiver wants time for what it has, and goes on after', async () => {
    let answer: () => void = () => undefined;
    const { session, events, messages } = begin({
      write: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    session.receive(Buffer.from(TRANSACTION.slice(0, TRANSACTION.indexOf('one'))));
    session.receive(Buffer.from('first\r\n'));
    assert.deepEqual(events, ['pause']);
    // what was read ahead before the pause took effect
    for (let count = 0; count < 5; count++) session.receive(Buffer.alloc(16384, 'x'));
    assert.deepEqual(events, ['pause']);
    answer();
    await settle();
    // the next write waits again
    assert.deepEqual(events, ['pause', 'resume', 'pause']);
    session.receive(Buffer.from('\r\n.\r\n'));
    answer();
    await settle();
    answer();
    await settle();
    assert.equal(messages[0]?.length, 7 + 5 * 16384 + 2);
  });

  it('consumes no command while its replies are not read, and drops a client that never reads', () => {
    const { session, sent, events, clock } = begin({ reads: false });
    session.receive(Buffer.from('NOOP\r\n'));
    session.receive(Buffer.from('NOOP\r\n'));
    assert.equal(sent.length, 1);
    clock.advance(301_000);
    session.tick();
    assert.deepEqual(events, ['end', 'drop']);
  });

  it('makes few replies for a client that pipelines and never reads', () => {
    const { session, sent } = begin({ reads: false });
    session.receive(Buffer.from('HELP\r\n'.repeat(5000)));
    assert.ok(sent.join('').length < 20_000, `${sent.join('').length} octets`);
  });

  it('counts a message that was taken while the client went away, and reports once', async () => {
    const { session, closings } = begin();
    session.receive(Buffer.from(TRANSACTION.slice(0, TRANSACTION.indexOf('MAIL FROM:<>'))));
    session.disconnected('client-closed');
    assert.equal(closings.length, 0);
    await settle();
    session.disconnected('client-closed');
    assert.deepEqual(
      closings.map(({ messagesAccepted, ending }) => [messagesAccepted, ending]),
      [[1, 'client-closed']],
    );
  });

  it('does not blame the client for the time that the receiver takes', async () => {
    let answer: () => void = () => undefined;
    const { session, sent, clock } = begin({
      write: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    session.receive(Buffer.from(TRANSACTION.slice(0, TRANSACTION.indexOf('two'))));
    clock.advance(200_000);
    session.tick();
    answer();
    await settle();
    session.tick();
    assert.doesNotMatch(sent.join(''), /C110/);
    clock.advance(181_000);
    session.tick();
    assert.match(sent.at(-1) ?? '', /C110/);
  });
});

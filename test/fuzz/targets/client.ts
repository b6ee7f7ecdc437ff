/** The SMTP client: its parser of replies, and whole sessions with a server that says what it likes. */
import { setImmediate as turn } from 'node:timers/promises';
import { NO_TRAITS } from '../../../src/message/content.ts';
import { ManualClock } from '../../../src/platform/clock.ts';
import { systemDisk } from '../../../src/platform/disk.ts';
import { OpenError, openSession } from '../../../src/smtp/client/open.ts';
import { type RemoteReply, ReplyError, ReplyParser } from '../../../src/smtp/client/reply-parser.ts';
import {
  DEFAULT_CLIENT_TIMEOUTS,
  type Transaction,
  type TransactionResult,
} from '../../../src/smtp/client/transaction.ts';
import { chunked } from '../mutate.ts';
import { memorySocket } from '../smtp/memory-socket.ts';
import { Sink } from '../smtp/sink.ts';
import { must, show, type Target } from '../target.ts';

const REPLIES = [
  '220 mx.example ESMTP ready\r\n',
  '250-mx.example\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250-DSN\r\n250 SMTPUTF8\r\n',
  '250-mx\r\n250-AUTH PLAIN LOGIN SCRAM-SHA-256\r\n250 SIZE\r\n',
  '250 2.1.0 ok\r\n',
  '250 2.1.5 ok\r\n',
  '354 go on\r\n',
  '250 2.0.0 queued as 123\r\n',
  '550 5.1.1 <b@other.example>: no such user\r\n',
  '451-4.7.1 Greylisted\r\n451 4.7.1 come back later\r\n',
  '421 4.3.2 shutting down\r\n',
  '452 4.5.3 too many recipients\r\n',
  '502 5.5.1 what\r\n',
  '334 VXNlcm5hbWU6\r\n',
  '535 5.7.8 no\r\n',
  '250\r\n',
  '250 ok\n',
  '999 ok\r\n',
  '250-half\r\n',
];

const WORDS = [...REPLIES, '250', '250-', '354 ', '2.1.5', '5.9999.1', '-', '\r\n250 ok\r\n', '\xff'];

const parserTarget: Target = {
  name: 'client reply parser',
  weight: 4,
  seeds: [...REPLIES, REPLIES.join('')].map((text) => Buffer.from(text, 'latin1')),
  words: WORDS,
  run(input, random) {
    const whole = parse([input]);
    const cut = parse(chunked(input, random));
    must(
      JSON.stringify(whole.replies) === JSON.stringify(cut.replies) && whole.failed === cut.failed,
      () => `whole ${show(JSON.stringify(whole))}, in pieces ${show(JSON.stringify(cut))}`,
    );
    for (const { lines, enhanced, code } of whole.replies) {
      must(code >= 200 && code < 600, `code ${code}`);
      must(
        !/[\0-\x1f\x7f-\x9f\u2028\u2029]/.test(lines.join('')),
        () => `a control character was let through: ${show(lines.join())}`,
      );
      must(enhanced === undefined || enhanced.startsWith(String(code)[0] ?? ''), `${enhanced} of ${code}`);
      must(lines.length <= 128, `${lines.length} lines`);
    }
    return `${whole.failed}${whole.replies
      .slice(0, 6)
      .map(({ code, lines, enhanced }) => `${code}${lines.length > 1}${enhanced !== undefined}`)
      .join()}`;
  },
};

function parse(chunks: readonly Buffer[]): { replies: RemoteReply[]; failed: boolean } {
  const parser = new ReplyParser();
  const replies: RemoteReply[] = [];
  for (const chunk of chunks) {
    try {
      parser.push(chunk, (reply) => replies.push(reply));
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      return { replies, failed: true };
    }
  }
  return { replies, failed: false };
}

/** Replies between 0xFF; an empty one is what a good server would say. Behind 0xFE stands the body that is sent. */
const SCRIPTS = [
  '',
  `\xff${REPLIES[1]}`,
  `\xff${REPLIES[2]}\xff`,
  `\xff\xff\xff${REPLIES[7]}`,
  `\xff\xff${REPLIES[8]}`,
  `\xff\xff\xff\xff${REPLIES[9]}`,
  `\xff\xff\xff\xff250 early\r\n`,
  `\xff\xff\xff\xff354 go\r\n250 done\r\n`,
  `\xff\xff250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n`,
  `\xff${REPLIES[11]}`,
  `\xff250 plain old\r\n`,
  `\xff\xff\xff\xff\xff450 4.2.0 later\r\n`,
  '\xfe.\r\n..\r\nx\n.\r\n.y',
  `\xff250 no extensions\r\n\xfe${'line of text\r\n.'.repeat(20)}`,
  `\xff\xfe${'z'.repeat(70_000)}\r\n.\r\nend`,
];

interface Sent extends Transaction {
  body: Buffer;
  results: TransactionResult[];
  handedOver: boolean;
}

function mail(body: Buffer, recipients: number): Sent {
  const sent: Sent = {
    body,
    results: [],
    handedOver: false,
    envelope: { from: 'a@corp.example', smtpUtf8: false, body: '7bit', requireTls: false },
    recipients: Array.from({ length: recipients }, (_, index) => ({ address: `b${index}@other.example` })),
    content: {
      head: Buffer.from('Subject: x\r\n\r\n'),
      body: { kind: 'memory', bytes: body },
      traits: NO_TRAITS,
    },
    finish: (result) => void sent.results.push(result),
  };
  return sent;
}

const sessionTarget: Target = {
  name: 'client session',
  weight: 8,
  seeds: SCRIPTS.map((text) => Buffer.from(text, 'latin1')),
  words: [...WORDS, '\xfe', '\xff\xff'],
  async run(input, random) {
    const mark = input.indexOf(0xfe);
    const script = splitAt(mark < 0 ? input : input.subarray(0, mark), 0xff);
    const body = mark < 0 ? Buffer.from('hello\r\n') : input.subarray(mark + 1);
    const all = [mail(body, 1), mail(Buffer.from('second\r\n'), 3), mail(body, 2)];
    const { socket, peer } = memorySocket();
    const sink = new Sink(peer, script, random);
    const clock = new ManualClock();
    const log = { state: 'opening', threw: undefined as unknown };

    const story = openSession(socket, {
      clock,
      disk: systemDisk,
      random: { bytes: (count) => Buffer.alloc(count, 7), fraction: random },
      timeouts: DEFAULT_CLIENT_TIMEOUTS,
      hostname: 'relay.test',
      host: 'mx.example',
      address: '192.0.2.9',
      tls: { mode: 'none' },
      ...(random() < 0.3 ? { login: { username: 'relay', password: 'secret' } } : {}),
    }).then(async (session) => {
      const waiting = [...all];
      log.state = await session.run(() => {
        const next = waiting.shift();
        if (next) next.handedOver = true;
        return next;
      });
      if (log.state === 'idle') await session.quit();
      else must(session.closed, 'closed, and not closed');
    });
    let over = false;
    story.then(
      () => (over = true),
      (error: unknown) => {
        over = true;
        log.threw = error;
      },
    );
    for (let turns = 0; !over; turns++) {
      must(turns < 3000, 'the session hangs');
      await turn();
      if (turns % 30 === 29) clock.advance(60_000);
    }
    if (log.threw !== undefined && !(log.threw instanceof OpenError)) throw log.threw;
    for (let turns = 0; !socket.destroyed; turns++) {
      must(turns < 50, 'the socket stays open');
      await turn();
    }
    peer.destroy();

    let delivered = 0;
    for (const [index, { handedOver, results, recipients }] of all.entries()) {
      must(
        results.length === (handedOver ? 1 : 0),
        `transaction ${index} was finished ${results.length} times`,
      );
      for (const result of results) {
        must(result.recipients.length === recipients.length, 'a recipient has no result');
        for (const one of result.recipients) {
          must(one, 'a recipient has no result');
          if (one.kind !== 'withdrawn')
            must(!/[\r\n\0]/.test(one.reply), () => `a result holds a line break: ${show(one.reply)}`);
          if (one.kind === 'delivered') delivered++;
        }
      }
    }
    sink.check(
      all.map((one) => one.body),
      script.length === 1 && script[0]?.length === 0,
    );
    const kinds = all.flatMap(({ results }) =>
      results.flatMap((result) => result.recipients.map(({ kind }) => kind[0])),
    );
    return `${log.state}${log.threw instanceof OpenError ? log.threw.stage : ''}${kinds.join('')}${delivered}`;
  },
};

function splitAt(octets: Buffer, separator: number): Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  for (
    let end = octets.indexOf(separator);
    end >= 0 && parts.length < 60;
    end = octets.indexOf(separator, start)
  ) {
    parts.push(octets.subarray(start, end));
    start = end + 1;
  }
  parts.push(octets.subarray(start));
  return parts;
}

export const clientTargets: Target[] = [parserTarget, sessionTarget];

/** The SMTP server with submission and acceptance behind it: what is taken must be fit to leave. */
import { verifyDkim } from '../../../src/authentication/dkim/verify.ts';
import { buildNotice } from '../../../src/deliver/dsn.ts';
import type { Content } from '../../../src/message/content.ts';
import { HeaderIndex } from '../../../src/message/headers.ts';
import { ManualClock } from '../../../src/platform/clock.ts';
import { composeContent } from '../../../src/smtp/client/content-writer.ts';
import { planEnvelope } from '../../../src/smtp/client/envelope-commands.ts';
import { parseExtensions } from '../../../src/smtp/client/extensions.ts';
import type { NewMessage } from '../../../src/spool/spool.ts';
import { converse } from '../smtp/converse.ts';
import { HEADER_LIMITS, KEY_RECORD, relayRooms } from '../smtp/relay-rooms.ts';
import { SESSIONS, SMTP_WORDS } from '../smtp/words.ts';
import { must, show, type Target } from '../target.ts';

const PRELUDE = 'EHLO client.example\r\nMAIL FROM:<a@corp.example>\r\nRCPT TO:<b@other.example>\r\n';
const HEAD = 'From: The app <a@corp.example>\r\nTo: b@other.example\r\nSubject: hello\r\n';

const MESSAGES = [
  `DATA\r\n${HEAD}\r\nbody\r\n.\r\nQUIT\r\n`,
  `DATA\r\n${HEAD}Date: Mon, 1 Mar 2027 08:00:00 +0000\r\nMessage-ID: <1@corp.example>\r\n\r\n${'x'.repeat(1200)}\r\n.\r\n`,
  `DATA\r\n${HEAD}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n${'<p>'.repeat(400)}\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n${'QUJD'.repeat(300)}\r\n--b--\r\n.\r\n`,
  `DATA\r\nFrom: =?utf-8?B?w6k=?= <a@corp.example>\r\nSubject: \xc3\xa9 \xe9\r\n folded\r\n\r\n\xe9\r\n.\r\n`,
  `RSET\r\nMAIL FROM:<a@corp.example> BODY=BINARYMIME\r\nRCPT TO:<b@other.example>\r\nBDAT ${HEAD.length + 2}\r\n${HEAD}\r\nBDAT 20 LAST\r\na\r.\r\nb\n.\nc\r.\rde\r\n.NOOP\r\n`,
  `BDAT ${HEAD.length + 9} LAST\r\n${HEAD}\r\na\n.\r\nb\n`,
  'DATA\r\nFrom: a@corp.example, b@evil.example\r\nFrom: b@evil.example\r\n\r\n.\r\n',
  'RSET\r\nAUTH PLAIN AHByaW50ZXIAc2VjcmV0\r\nMAIL FROM:<> RET=FULL ENVID=x+20y\r\nRCPT TO:<b@corp.example> ORCPT=rfc822;b+40c NOTIFY=FAILURE\r\n' +
    `DATA\r\n${HEAD}Bcc: hidden@other.example\r\nDKIM-Signature: v=1\r\nReceived: from x\r\n\r\nbody`,
  'RSET\r\nAUTH LOGIN\r\ncHJpbnRlcg==\r\nd3Jvbmc=\r\nAUTH SCRAM-SHA-256 biwsbj1wcmludGVyLHI9YWJj\r\n*\r\n',
];

/** All that the next server could offer, so that every parameter is written. */
const OFFERED = parseExtensions({
  code: 250,
  lines: ['x', 'PIPELINING', '8BITMIME', 'SMTPUTF8', 'DSN', 'REQUIRETLS', 'SIZE'],
});

export const relayTarget: Target = {
  name: 'relay',
  weight: 6,
  seeds: [...MESSAGES, ...SESSIONS].map((text) => Buffer.from(text, 'latin1')),
  words: [
    ...SMTP_WORDS,
    'From: ',
    'Subject: ',
    'Received: from x\r\n',
    'Content-Type: multipart/mixed; boundary=',
    'Content-Transfer-Encoding: 8bit\r\n',
    '--b\r\n',
    '--b--\r\n',
    '=?utf-8?Q?=0D=0A?=',
    'Bcc: x@y.example\r\n',
    'Resent-From: a@corp.example\r\n',
  ],
  async run(input, random) {
    const clock = new ManualClock();
    const { handler, spool, events, budget, sessions, limiter } = relayRooms(clock, random);
    const lineEndings = random() < 0.5 ? 'refuse' : 'repair';
    const { heard, accepted, refusals } = await converse(
      { handler, clock, lineEndings },
      PRELUDE,
      input,
      random,
    );

    must(
      spool.messages.size === accepted.length,
      `${spool.messages.size} messages are stored, ${accepted.length} were accepted`,
    );
    must(budget.used === 0, `${budget.used} octets are still reserved`);
    must(sessions.count('src_devices') + sessions.count('src_printer') === 0, 'a session is still counted');
    const taken = events.written.filter(({ type }) => type === 'acceptance').length;
    must(taken === accepted.length, `${taken} acceptances were recorded of ${accepted.length}`);
    // what was refused in the end does not count
    for (const { key, counts } of limiter.snapshot().sources.flatMap(({ counters }) => counters)) {
      const counted = counts.reduce((sum, count) => sum + count, 0);
      must(
        counted <= accepted.length,
        `${counted} messages count for ${key}, ${accepted.length} were accepted`,
      );
    }
    for (const message of spool.messages.values()) await fitToLeave(message);
    return `${heard.trail.slice(0, 40)}${refusals.slice(0, 6).join()}${[...spool.messages.values()].map(shapeOf).join()}`;
  },
};

function shapeOf({ hold, traits, head }: NewMessage): string {
  return `${hold ?? 'go'}${traits.eightBit}${traits.dotLines}${(/^Subject:[^]*?\n(?! )/m.exec(head.toString('latin1'))?.[0].length ?? 0) >> 4}`;
}

async function fitToLeave(message: NewMessage): Promise<void> {
  const { head, envelope } = message;
  const index = new HeaderIndex(head, { headerBytes: 200_000, headerFields: 1000 });
  must(!index.fault, () => `the stored head is broken: ${index.fault?.kind} in ${show(head, 400)}`);
  must(index.all('from').length === 1, () => `${index.all('from').length} From fields: ${show(head, 400)}`);
  for (const name of ['date', 'message-id'])
    must(index.all(name).length === 1, `${index.all(name).length} fields ${name}`);
  must(index.all('received').length <= HEADER_LIMITS.hops + 1, 'too many Received');
  must(index.longestLine <= 998, `a header line of ${index.longestLine} octets`);
  checkContent(message);

  const body = message.body.kind === 'memory' ? message.body.bytes : Buffer.alloc(0);
  // the relay's own signature stands on top, where it signs
  if (message.hold === undefined && index.fields[0]?.name === 'dkim-signature') {
    const [own] = await verifyDkim({ head, body }, () => Promise.resolve([KEY_RECORD]), {
      now: message.receivedAt,
      maxSignatures: 1,
    });
    must(
      own?.result === 'pass',
      () => `the relay's own signature: ${own?.result} ${own?.reason} of ${show(head, 400)}`,
    );
  }

  const plan = planEnvelope(
    { envelope, recipients: envelope.recipients, content: message, finish: () => undefined },
    OFFERED,
  );
  must(
    plan.recipients.length === envelope.recipients.length,
    () => `taken, and can not be sent: ${show(JSON.stringify([envelope, plan.results]), 500)}`,
  );
  for (const line of [plan.mail, ...plan.recipients.map(({ command }) => command)]) {
    must(
      !/[\0-\x1f\x7f-\x9f\u2028\u2029]/.test(line),
      () => `a command holds a control character: ${show(line)}`,
    );
    must(
      /^(?:MAIL FROM|RCPT TO):<[^>]*>(?: [A-Z0-9]+(?:=[^ =]*)?)*$/.test(line) || line.includes('"'),
      () => `a command is malformed: ${show(line)}`,
    );
  }
  checkNotice(message);
}

/** What goes out must end once, whatever the next system takes for a line end. */
function checkContent(content: Content): void {
  const wire = composeContent(content, 'NEXT\r\n').toString('latin1');
  const end = wire.indexOf('\r\n.\r\n');
  const bare = /\r(?!\n)|(?<!\r)\n|\0/.exec(wire);
  must(
    !bare,
    () => `no line may hold this: ${show(wire.slice((bare?.index ?? 0) - 40, (bare?.index ?? 0) + 40))}`,
  );
  must(
    wire.endsWith('\r\n.\r\nNEXT\r\n') && end === wire.length - 11,
    () => `the content ends early: ${show(wire.slice(end - 50, end + 50))}`,
  );
  const loose = /(?:\r\n|\r|\n)\.(?:\r\n|\r|\n)/.exec(`\r\n${wire}`);
  must(
    loose?.index === end + 2,
    () =>
      `a lenient system sees an end at ${loose?.index}: ${show(wire.slice((loose?.index ?? 0) - 40, (loose?.index ?? 0) + 40))}`,
  );
}

const STATUS_FIELD =
  /^(?:Reporting-MTA|Arrival-Date|Original-Envelope-Id|Original-Recipient|Final-Recipient|Action|Status|Remote-MTA|Diagnostic-Code|Last-Attempt-Date|Will-Retry-Until): [ -~]*$/;

/** A bounce is made of what a stranger wrote in the envelope and in the head. */
function checkNotice(message: NewMessage): void {
  const { id, receivedAt, envelope } = message;
  const notice = buildNotice(
    {
      kind: 'failure',
      message: id,
      receivedAt,
      recipients: envelope.recipients.map((recipient) => ({ recipient, reply: '550 5.1.1 no' })),
      payload: message,
    },
    'a@corp.example',
    id,
    receivedAt,
    'unique',
    { hostname: 'mail.test', from: 'postmaster@mail.test', returnLimit: 65_536 },
  );
  const index = new HeaderIndex(notice.head, HEADER_LIMITS);
  must(
    !index.fault && index.fields.length <= 11,
    () => `the head of a notice: ${index.fault?.kind} ${show(notice.head, 600)}`,
  );
  const text = notice.body.kind === 'memory' ? notice.body.bytes.toString('latin1') : '';
  const status =
    text.slice(text.indexOf('message/delivery-status\r\n\r\n') + 27).split('\r\n--postern-unique')[0] ?? '';
  for (const line of status.split('\r\n')) {
    must(
      line === '' || line.startsWith(' ') || STATUS_FIELD.test(line),
      () => `a field of a notice: ${show(line)}`,
    );
  }
  checkContent(notice);
}

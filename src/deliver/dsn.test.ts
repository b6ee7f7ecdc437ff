import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NO_TRAITS } from '../message/content.ts';
import type { Envelope } from '../message/envelope.ts';
import type { NewMessage, Payload } from '../spool/spool.ts';
import { type Notice, type NoticeKind, buildNotice } from './dsn.ts';

const RECEIVED = Date.UTC(2026, 10, 22, 8, 0, 0);
const NOW = Date.UTC(2026, 10, 22, 12, 30, 5);

function payload(
  envelope: Partial<Envelope> = {},
  head = 'Message-ID: <one@example.com>\r\nSubject: x\r\n\r\n',
): Payload {
  return {
    head: Buffer.from(head),
    body: { kind: 'memory', bytes: Buffer.from('the body\r\n') },
    traits: NO_TRAITS,
    envelope: {
      from: 'a@example.com',
      recipients: [],
      smtpUtf8: false,
      body: '7bit',
      requireTls: false,
      ...envelope,
    },
  };
}

function notice(changes: Partial<Notice> = {}, sender = 'a@example.com', returnLimit = 1000): NewMessage {
  return buildNotice(
    {
      kind: 'failure',
      message: 'M1',
      receivedAt: RECEIVED,
      recipients: [
        {
          recipient: { address: 'b@example.net' },
          reply: '550 5.1.1 no such user',
          status: '5.1.1',
          code: 'D956',
          remote: 'mx.example.net',
        },
      ],
      payload: payload(),
      ...changes,
    },
    sender,
    'N1',
    NOW,
    'bbbb',
    { hostname: 'relay.example', from: 'postmaster@relay.example', returnLimit },
  );
}

function text(message: NewMessage): string {
  return message.head.toString() + (message.body.kind === 'memory' ? message.body.bytes.toString() : '');
}

/** Header and content of each part. */
function parts(message: NewMessage): { header: string; content: string }[] {
  assert.ok(message.body.kind === 'memory');
  const body = message.body.bytes.toString();
  assert.ok(body.endsWith('\r\n--postern-bbbb--\r\n'));
  return body
    .slice(0, -'\r\n--postern-bbbb--\r\n'.length)
    .split(/(?:^|\r\n)--postern-bbbb\r\n/)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\r\n\r\n');
      return { header: part.slice(0, end), content: part.slice(end + 4) };
    });
}

describe('notification', () => {
  test('of a failure: header, three parts, status fields', () => {
    const message = notice();
    assert.equal(
      message.head.toString(),
      [
        'Date: Sun, 22 Nov 2026 12:30:05 +0000',
        'From: "Mail Delivery System" <postmaster@relay.example>',
        'To: <a@example.com>',
        'Subject: Undelivered mail',
        'Message-ID: <N1@relay.example>',
        'In-Reply-To: <one@example.com>',
        'References: <one@example.com>',
        'Auto-Submitted: auto-replied',
        'MIME-Version: 1.0',
        'Content-Type: multipart/report; report-type=delivery-status;',
        '\tboundary="postern-bbbb"',
        '',
        '',
      ].join('\r\n'),
    );
    assert.equal(message.envelope.from, '');
    assert.deepEqual(message.envelope.recipients, [{ address: 'a@example.com', notify: 'never' }]);
    assert.equal(message.source, '');
    const [human, status, returned] = parts(message);
    assert.match(human?.content ?? '', /<b@example\.net>\r\n {4}550 5\.1\.1 no such user/);
    assert.match(human?.content ?? '', /n=E2=80=99a pas pu =C3=AAtre remis/);
    assert.equal(status?.header, 'Content-Type: message/delivery-status');
    assert.equal(
      status?.content,
      [
        'Reporting-MTA: dns; relay.example',
        'Arrival-Date: Sun, 22 Nov 2026 08:00:00 +0000',
        '',
        'Final-Recipient: rfc822; b@example.net',
        'Action: failed',
        'Status: 5.1.1',
        'Remote-MTA: dns; mx.example.net',
        'Diagnostic-Code: smtp; 550 5.1.1 no such user',
        'Last-Attempt-Date: Sun, 22 Nov 2026 12:30:05 +0000',
        '',
      ].join('\r\n'),
    );
    assert.deepEqual(returned, {
      header: 'Content-Type: text/rfc822-headers',
      content: 'Message-ID: <one@example.com>\r\nSubject: x\r\n',
    });
    assert.deepEqual(
      { ...message.traits, longestLine: 0 },
      {
        eightBit: false,
        dotLines: false,
        longestLine: 0,
        looseSpace: true,
      },
    );
  });

  const kinds: [NoticeKind, string, string, string][] = [
    ['failure', 'failed', '5.0.0', 'Undelivered mail'],
    ['delay', 'delayed', '4.0.0', 'Mail delayed'],
    ['success', 'relayed', '2.0.0', 'Mail passed on'],
  ];
  for (const [kind, action, status, subject] of kinds) {
    test(`of a ${kind}`, () => {
      const message = notice({
        kind,
        recipients: [{ recipient: { address: 'b@example.net' }, reply: 'x' }],
        retryUntil: kind === 'delay' ? NOW + 1000 : undefined,
      });
      const all = text(message);
      assert.ok(all.includes(`Subject: ${subject}\r\n`));
      assert.ok(all.includes(`Action: ${action}\r\n`));
      assert.ok(all.includes(`Status: ${status}\r\n`));
      assert.equal(all.includes('Will-Retry-Until: '), kind === 'delay');
    });
  }

  test('of what this relay concluded itself', () => {
    const message = notice({
      recipients: [{ recipient: { address: 'b@example.net' }, reply: 'timed out', code: 'D951' }],
    });
    assert.match(text(message), /Status: 5\.4\.7\r\nDiagnostic-Code: X-Postern; D951 timed out\r\n/);
    assert.match(text(message), /D951 Delivery time expired: timed out/);
  });

  test('original recipient and envelope identifier come decoded', () => {
    const message = notice({
      recipients: [
        {
          recipient: { address: 'b@example.net', originalRecipient: 'rfc822;u+2Bx@example.net' },
          reply: '550 no',
        },
      ],
      payload: payload({ envelopeId: 'QQ+3D1' }),
    });
    assert.match(text(message), /Original-Envelope-Id: QQ=1\r\n/);
    assert.match(text(message), /Original-Recipient: rfc822; u\+x@example\.net\r\n/);
  });

  test('nothing from elsewhere can make a field, a header or a part', () => {
    const evil = 'x\r\nBcc: c@evil.example\r\n\r\n--postern-bbbb\r\nAction: delivered\u2028';
    const message = notice(
      {
        recipients: [
          {
            recipient: { address: `b${evil}@example.net`, originalRecipient: 'rfc822;a+0D+0ABcc:+20c' },
            reply: `550 ${evil}`,
            remote: evil,
          },
        ],
        payload: payload({ envelopeId: 'a+0D+0Ab' }, `Message-ID: <a\r\nBcc: c@evil.example>\r\n\r\n`),
      },
      `a${evil}@example.com`,
    );
    const [, status] = parts(message);
    assert.equal(parts(message).length, 3);
    assert.doesNotMatch(message.head.toString(), /^(bcc|action|--)/im);
    assert.doesNotMatch(status?.content ?? '', /^(bcc|action: delivered|--)/im);
    assert.equal(status?.content.split('\r\n\r\n').length, 2);
  });

  const returns: [string, Partial<Envelope>, number, string, boolean][] = [
    ['RET=FULL', { returnContent: 'full' }, 1000, 'message/rfc822', true],
    ['RET=HDRS', { returnContent: 'headers' }, 1000, 'text/rfc822-headers', false],
    ['nothing said', {}, 1000, 'text/rfc822-headers', false],
    ['too large for full', { returnContent: 'full' }, 50, 'text/rfc822-headers', false],
    ['REQUIRETLS', { returnContent: 'full', requireTls: true }, 1000, 'text/rfc822-headers', false],
  ];
  for (const [name, envelope, limit, type, full] of returns) {
    test(`returned part: ${name}`, () => {
      const [, , returned] = parts(notice({ payload: payload(envelope) }, undefined, limit));
      assert.equal(returned?.header, `Content-Type: ${type}`);
      assert.equal(returned?.content.includes('the body'), full);
    });
  }

  test('a header section over the limit is cut at a line', () => {
    const head = `A: 1\r\n${'B: 2345678\r\n'.repeat(20)}\r\n`;
    const [, , returned] = parts(notice({ payload: payload({}, head) }, undefined, 100));
    assert.ok((returned?.content.length ?? 0) <= 100);
    assert.match(returned?.content ?? '', /B: 2345678\r\n$/);
  });

  test('without the message it still tells its name', () => {
    const message = notice({ payload: undefined });
    assert.equal(parts(message).length, 2);
    assert.match(text(message), /about your message M1/);
  });

  test('international addresses stay in ASCII fields, international headers make an 8-bit notice', () => {
    const message = notice({
      recipients: [{ recipient: { address: '\u00fc@ex\u00e4mple.net' }, reply: '550 no' }],
      payload: payload({ smtpUtf8: true }, 'Subject: \u00fc\r\n\r\n'),
    });
    const [, status, returned] = parts(message);
    assert.match(status?.content ?? '', /Final-Recipient: utf-8; \\x\{FC\}@ex\\x\{E4\}mple\.net\r\n/);
    assert.match(returned?.header ?? '', /message\/global-headers\r\nContent-Transfer-Encoding: 8bit/);
    assert.equal(message.traits.eightBit, true);
    // its own header fields are ASCII: 8BITMIME suffices
    assert.equal(message.envelope.smtpUtf8, false);
  });

  test('long replies are folded and lines stay short', () => {
    const reply = `550 5.7.1 ${'word '.repeat(180)}`;
    const message = notice({ recipients: [{ recipient: { address: 'b@example.net' }, reply }] });
    for (const line of text(message).split('\r\n')) assert.ok(line.length <= 998);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DateStamp, formatDate } from './date.ts';
import { HeaderIndex } from './headers.ts';
import { type TraceFacts, TraceWriter } from './received.ts';

const AT = Date.parse('2026-11-22T08:05:09.900Z');
const FACTS: TraceFacts = {
  hello: 'scanner.corp.example',
  address: '192.0.2.7',
  hostname: 'relay.corp.example',
  id: '01ABCDEFGHJ',
  protocol: 'esmtp',
  tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
  authenticated: true,
  smtpUtf8: false,
  at: AT,
};
const received = (changes: Partial<TraceFacts>): string =>
  new TraceWriter().received({ ...FACTS, ...changes });

describe('dates', () => {
  it('follow RFC 5322', () => {
    assert.equal(formatDate(AT), 'Sun, 22 Nov 2026 08:05:09 +0000');
    assert.equal(formatDate(0), 'Thu, 1 Jan 1970 00:00:00 +0000');
  });

  it('are the same from a stamp, whichever way time goes', () => {
    const stamp = new DateStamp();
    for (const at of [AT, AT + 50, AT + 100, AT + 99_000, AT, 0])
      assert.equal(stamp.format(at), formatDate(at));
  });
});

describe('Received', () => {
  it('tells who, by what, when', () => {
    assert.equal(
      received({}),
      'Received: from scanner.corp.example ([192.0.2.7])\r\n' +
        '\tby relay.corp.example with ESMTPSA id 01ABCDEFGHJ\r\n' +
        '\t(TLSv1.3 TLS_AES_256_GCM_SHA384);\r\n' +
        '\tSun, 22 Nov 2026 08:05:09 +0000\r\n',
    );
  });

  const protocols: [Partial<TraceFacts>, string][] = [
    [{ protocol: 'smtp', tls: undefined, authenticated: false }, 'SMTP'],
    [{ tls: undefined, authenticated: false }, 'ESMTP'],
    [{ tls: undefined }, 'ESMTPA'],
    [{ authenticated: false }, 'ESMTPS'],
    [{ smtpUtf8: true, tls: undefined, authenticated: false }, 'UTF8SMTP'],
    [{ smtpUtf8: true }, 'UTF8SMTPSA'],
    [{ protocol: 'http' }, 'HTTP'],
  ];
  for (const [changes, name] of protocols) {
    it(`says ${name}`, () => assert.match(received(changes), new RegExp(` with ${name} id `)));
  }

  it('writes literals, and what is no name only in a comment', () => {
    assert.match(received({ hello: '[192.0.2.7]' }), /from \[192\.0\.2\.7\] \(\[192/);
    assert.match(
      received({ hello: '', address: '2001:db8::1' }),
      /from \[IPv6:2001:db8::1\] \(\[IPv6:2001:db8::1\]\)/,
    );
    assert.match(
      received({ hello: 'DESKTOP 1' }),
      /from \[192\.0\.2\.7\] \(hello DESKTOP\?1 \[192\.0\.2\.7\]\)/,
    );
    assert.match(received({ address: 'fe80::1%eth0' }), /\[IPv6:fe80::1\]/);
    assert.match(received({ address: 'nonsense' }), /\(unknown\)/);
  });

  it('is one field whatever the client says', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.constantFrom('x\r\nBcc: y@z', ')\r\n\r\nbody', '[1.2.3.4]\r\nX: y', 'a) (b', '\\', 'x'.repeat(5000)),
    );
    fc.assert(
      fc.property(nasty, nasty, nasty, (hello, address, cipher) => {
        const field = received({ hello, address, tls: { version: 'TLSv1.3', cipher } });
        assert.match(field, /^[\t\r\n\x20-\x7e]*$/);
        const index = new HeaderIndex(Buffer.from(`${field}\r\n`), { headerBytes: 10_000, headerFields: 9 });
        assert.equal(index.fault, undefined);
        assert.equal(index.fields.length, 1);
        assert.ok(index.longestLine <= 998);
      }),
    );
  });
});

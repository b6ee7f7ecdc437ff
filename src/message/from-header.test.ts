import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseAddressList } from './address-list.ts';
import { readAuthor, readFrom } from './from-header.ts';
import { HeaderIndex } from './headers.ts';
import { formatMailbox } from './mailbox-format.ts';

const LIMITS = { headerBytes: 100_000, headerFields: 1000 };

/** What becomes of a whole head: an address, a code, or the fault of the header section. */
function judgeHead(head: string | Buffer): string {
  const index = new HeaderIndex(Buffer.isBuffer(head) ? head : Buffer.from(`${head}\r\n\r\n`), LIMITS);
  if (index.fault) return index.fault.kind;
  const reading = readFrom(index);
  if (!reading) return 'missing';
  return reading.ok ? reading.mailbox.address : reading.code;
}

const HONEST: [string, string, string?][] = [
  ['a@corp.example', 'a@corp.example', ''],
  ['<a@corp.example>', 'a@corp.example', ''],
  ['App <a@corp.example>', 'a@corp.example', 'App'],
  ['"App, Inc." <a@corp.example>', 'a@corp.example', 'App, Inc.'],
  ['John Q. Public <a@corp.example>', 'a@corp.example', 'John Q. Public'],
  ['a@corp.example (The app)', 'a@corp.example', 'The app'],
  ['"a \\"b\\" c" <a@corp.example>', 'a@corp.example', 'a "b" c'],
  ['=?utf-8?Q?J=C3=BCrgen?= <a@corp.example>', 'a@corp.example', 'Jürgen'],
  ['"=?utf-8?B?SsO8cmdlbg==?=" <a@corp.example>', 'a@corp.example', 'Jürgen'],
  ['=?iso-8859-1?q?J=FC?= =?iso-8859-1?q?rgen?= <a@corp.example>', 'a@corp.example', 'Jürgen'],
  ['Jürgen <a@corp.example>', 'a@corp.example', 'Jürgen'],
  ['  a@corp.example\r\n ', 'a@corp.example'],
  ['App\r\n\t<a@corp.example>', 'a@corp.example', 'App'],
  ['"." <a@corp.example>', 'a@corp.example', '.'],
  ['App < a@corp.example >', 'a@corp.example', 'App'],
  ['a+b=c/d@corp.example', 'a+b=c/d@corp.example'],
  ['a@CORP.Example', 'a@corp.example'],
  ['"a"@corp.example', 'a@corp.example'],
  ['"a..b"@corp.example', '"a..b"@corp.example'],
  ['a@bücher.example', 'a@xn--bcher-kva.example'],
  ['a@xn--bcher-kva.example', 'a@xn--bcher-kva.example'],
  ['用户@corp.example', '用户@corp.example'],
  ['a@[192.0.2.1]', 'a@[192.0.2.1]'],
  ['a@[IPv6:2001:db8::1]', 'a@[ipv6:2001:db8::1]'],
  ['(a comment) App <a@corp.example> (another (nested))', 'a@corp.example', 'App'],
  // what devices write: the address twice, without the quotes that the name needs
  ['a@corp.example <a@corp.example>', 'a@corp.example', 'a@corp.example'],
  ['A.b@CORP.example\r\n\t<a.B@corp.example>', 'a.B@corp.example', 'A.b@CORP.example'],
  ['a@corp.example<a@corp.example>', 'a@corp.example', 'a@corp.example'],
  ['a@corp.example < a@corp.example >', 'a@corp.example', 'a@corp.example'],
];

const HOSTILE: [string, string][] = [
  // several, or none
  ['From: a@corp.example\r\nFrom: b@evil.example', 'S403'],
  ['From: a@corp.example\r\nSubject: x\r\nfrom: b@evil.example', 'S403'],
  ['From: a@corp.example\r\nFROM: a@corp.example', 'S403'],
  ['From: a@corp.example, b@evil.example', 'S404'],
  ['From: <a@corp.example>, <b@evil.example>', 'S404'],
  ['From: A <a@corp.example>,\r\n B <b@evil.example>', 'S404'],
  ['From: group: a@corp.example;', 'S404'],
  ['From: group: a@corp.example, b@evil.example;', 'S404'],
  ['From: undisclosed:;', 'S404'],
  ['From:', 'S404'],
  ['From: ', 'S404'],
  ['From: <>', 'S404'],
  ['From: App <>', 'S404'],
  ['From: root', 'S404'],
  ['From: App <root>', 'S404'],
  ['From: (a@corp.example)', 'S405'],
  ['To: x@y.example', 'missing'],
  // field names that are no From, or only to some
  ['From : a@corp.example', 'space-before-colon'],
  ['From\t: a@corp.example', 'space-before-colon'],
  ['From: a@corp.example\r\nFrom : b@evil.example', 'space-before-colon'],
  [' From: b@evil.example\r\nFrom: a@corp.example', 'leading-continuation'],
  ['From\x00: b@evil.example\r\nFrom: a@corp.example', 'nul'],
  ['From: a@corp.example\x00b@evil.example', 'nul'],
  ['From a@corp.example Mon Jan 1 00:00:00 2026\r\nFrom: a@corp.example', 'mbox-from-line'],
  ['From', 'no-colon'],
  ['From a@corp.example', 'mbox-from-line'],
  [': a@corp.example', 'bad-name'],
  ['Fr\u00f6m: a@corp.example', 'bad-name'],
  ['Fro\x08m: b@evil.example\r\nFrom: a@corp.example', 'bad-name'],
  ['From: a@corp.example\nFrom: b@evil.example', 'bare-line-ending'],
  ['From: a@corp.example\rFrom: b@evil.example', 'bare-line-ending'],
  ['X: y\r\n \r\nFrom: b@evil.example', 'blank-continuation'],
  ['From: a@corp.example\r\n\t\r\n b@evil.example', 'blank-continuation'],
  // one field, two readings
  ['From: a@corp.example <b@evil.example>', 'S405'],
  ['From: a@corp.example <b@corp.example>', 'S405'],
  ['From: a@corp.example <a@corp.example.evil.example>', 'S405'],
  ['From: b@evil.example a@corp.example <a@corp.example>', 'S405'],
  ['From: a@corp.example a@corp.example <a@corp.example>', 'S405'],
  ['From: App a@corp.example <a@corp.example>', 'S405'],
  ['From: a@corp.example (x) <a@corp.example>', 'S405'],
  ['From: a@corp.example <a@corp.example> (x)', 'S405'],
  ['From: a@corp.example <a@corp.example> a@corp.example', 'S405'],
  ['From: a@corp.example <a@corp.example', 'S405'],
  ['From: a@corp.example <>', 'S405'],
  ['From: a@corp.example <<a@corp.example>>', 'S405'],
  ['From: <a@corp.example> <a@corp.example>', 'S405'],
  ['From: a @corp.example <a @corp.example>', 'S405'],
  ['From: a@b@corp.example <a@b@corp.example>', 'S405'],
  ['From: "a"@corp.example <"a"@corp.example>', 'S405'],
  ['From: @corp.example <@corp.example>', 'S405'],
  ['From: a@b\u00fccher.example <a@b\u00fccher.example>', 'S405'],
  ['From: a@\u212aorp.example <a@korp.example>', 'S405'],
  ['From: a@corp.example <a@corp.example>, b@evil.example <b@evil.example>', 'S404'],
  [`From: ${'a'.repeat(250)}@corp.example\r\n <${'a'.repeat(250)}@corp.example>`, 'S405'],
  ['From: a@corp.example, <b@evil.example', 'S405'],
  ['From: <a@corp.example> <b@evil.example>', 'S405'],
  ['From: <a@corp.example>b@evil.example', 'S405'],
  ['From: <a@corp.example> b', 'S405'],
  ['From: a@corp.example b@evil.example', 'S405'],
  ['From: a@corp.example; b@evil.example', 'S405'],
  ['From: . <a@corp.example>', 'S405'],
  ['From: <<a@corp.example>>', 'S405'],
  ['From: <<a@corp.example>b@evil.example>', 'S405'],
  ['From: <a@corp.example', 'S405'],
  ['From: a@corp.example>', 'S405'],
  ['From: (b@evil.example) <a@corp.example>', 'S405'],
  ['From: <a@corp.example> (b@evil.example)', 'S405'],
  ['From: a(b@evil.example)@corp.example', 'S405'],
  ['From: a@corp.example(', 'S405'],
  ['From: a@corp.example)', 'S405'],
  ['From: (((((((((deep))))))))) a@corp.example', 'S405'],
  ['From: "a@corp.example', 'S405'],
  ['From: "App <a@corp.example>', 'S405'],
  ['From: "App" b@evil.example" <a@corp.example>', 'S405'],
  ['From: "App\\" <a@corp.example>', 'S405'],
  ['From: ,a@corp.example', 'S405'],
  ['From: a@corp.example,', 'S405'],
  ['From: a@corp.example,,b@evil.example', 'S405'],
  ['From: group: a@corp.example', 'S405'],
  ['From: group: a@corp.example; b@evil.example', 'S405'],
  ['From: mailto:a@corp.example', 'S405'],
  ['From: <mailto:a@corp.example>', 'S405'],
  // routes, and addresses within addresses
  ['From: <@a.example,@b.example:c@corp.example>', 'S405'],
  ['From: <@evil.example:a@corp.example>', 'S405'],
  ['From: @evil.example:a@corp.example', 'S405'],
  ['From: a@corp.example@evil.example', 'S405'],
  ['From: <a@corp.example@evil.example>', 'S405'],
  ['From: "a@corp.example"@evil.example', 'S405'],
  ['From: "a@corp.example>"@evil.example', 'S405'],
  ['From: "a b"@corp.example', 'S405'],
  ['From: "a"."b"@corp.example', 'S405'],
  ['From: a"b"@corp.example', 'S405'],
  ['From: ""@corp.example', 'S405'],
  ['From: a @corp.example', 'S405'],
  ['From: <a@ corp.example>', 'S405'],
  ['From: <a@corp. example>', 'S405'],
  ['From: a@corp\r\n .example', 'S405'],
  ['From: .a@corp.example', 'S405'],
  ['From: a..b@corp.example', 'S405'],
  ['From: a.@corp.example', 'S405'],
  ['From: @corp.example', 'S405'],
  ['From: a@', 'S405'],
  ['From: a@.corp.example', 'S405'],
  ['From: a@corp.example.', 'S405'],
  ['From: a@corp..example', 'S405'],
  ['From: a@corp_$.example', 'S405'],
  ['From: a@-corp.example', 'S405'],
  ['From: a@[192.0.2.1', 'S405'],
  ['From: a@[192.0.2.1]evil.example', 'S405'],
  ['From: a@[not a literal]', 'S405'],
  ['From: a\\@corp.example', 'S405'],
  // encoded words where none belong
  ['From: =?utf-8?Q?a=40corp.example?=@evil.example', 'S405'],
  ['From: <=?utf-8?B?YUBjb3JwLmV4YW1wbGU=?=>', 'S404'],
  ['From: =?utf-8?B?YUBjb3JwLmV4YW1wbGU=?=', 'S404'],
  ['From: "=?utf-8?Q?a?="@evil.example', 'S405'],
  ['From: a@=?utf-8?Q?corp.example?=', 'S405'],
  ['From: =?utf-8?Q?App=00?= <a@corp.example>', 'S405'],
  ['From: =?utf-8?Q?App=0D=0AFrom:_b?= <a@corp.example>', 'S405'],
  ['From: =?utf-8?B?YUBjb3JwLmV4YW1wbGUA?= <b@corp.example>', 'S405'],
  ['From: =?utf-8?Q?=E2=80=AEppa?= <a@corp.example>', 'S405'],
  // characters that hide
  ['From: a\x01@corp.example', 'S405'],
  ['From: App\x7f <a@corp.example>', 'S405'],
  ['From: "App\x1b[2K" <a@corp.example>', 'S405'],
  ['From: a\u200b@corp.example', 'S405'],
  ['From: a\u00a0@corp.example', 'S405'],
  ['From: a@corp\u200b.example', 'S405'],
  ['From: a@\uff43orp.example', 'S405'],
  ['From: a@corp\u3002example', 'S405'],
  ['From: a\u202e@corp.example', 'S405'],
  ['From: a@corp.example (a\u202eb)', 'S405'],
  ['From: a@corp.example (=?utf-8?B?YeKArmI=?=)', 'S405'],
];

describe('From header', () => {
  for (const [value, address, name] of HONEST) {
    it(`reads ${JSON.stringify(value)}`, () => {
      const index = new HeaderIndex(Buffer.from(`From: ${value.trimEnd()}\r\n\r\n`), LIMITS);
      assert.equal(index.fault, undefined);
      const reading = readFrom(index);
      assert.ok(reading?.ok, JSON.stringify(reading));
      assert.equal(reading.mailbox.address, address);
      if (name !== undefined) assert.equal(reading.mailbox.displayName, name);
    });
  }
  for (const [head, expected] of HOSTILE) {
    it(`answers ${expected} to ${JSON.stringify(head)}`, () => assert.equal(judgeHead(head), expected));
  }

  it('reports an address that the display name shows, unless it is the real one', () => {
    const shown = (value: string): string | undefined => {
      const reading = readAuthor(value);
      assert.ok(reading.ok, value);
      return reading.displayAddress;
    };
    assert.equal(shown('"ceo@corp.example" <x@evil.example>'), 'ceo@corp.example');
    assert.equal(shown('=?utf-8?Q?ceo=40corp.example?= <x@evil.example>'), 'ceo@corp.example');
    assert.equal(shown('"=?utf-8?Q?ceo=40corp.example?=" <x@evil.example>'), 'ceo@corp.example');
    assert.equal(shown('"The boss ceo\uff20corp.example" <x@evil.example>'), 'ceo\uff20corp.example');
    assert.equal(shown('"X@evil.example" <x@evil.example>'), undefined);
    assert.equal(shown('X@evil.example <x@evil.example>'), undefined);
    assert.equal(shown('"Sales @ Corp" <x@corp.example>'), undefined);
  });
});

describe('address list', () => {
  it('reads many mailboxes, groups and empty groups', () => {
    const list = parseAddressList(
      'A <a@x.example>, friends: b@x.example, "C, D" <c@x.example>;, e@x.example, none:;',
    );
    assert.deepEqual(list.doubts, []);
    assert.equal(list.groups, 2);
    assert.deepEqual(
      list.mailboxes.map(({ address }) => address),
      ['a@x.example', 'b@x.example', 'c@x.example', 'e@x.example'],
    );
  });

  it('never throws, and is linear on what makes parsers slow', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void parseAddressList(text)),
    );
    const alphabet = fc.constantFrom(
      '<',
      '>',
      '@',
      ',',
      ';',
      ':',
      '"',
      '(',
      ')',
      '\\',
      '.',
      ' ',
      'a',
      '=?',
      '?=',
      '[',
      ']',
    );
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 60 }), (pieces) => {
        const { mailboxes, doubts } = parseAddressList(pieces.join(''));
        for (const { address } of mailboxes) assert.equal(typeof address, 'string');
        assert.equal(new Set(doubts).size, doubts.length);
      }),
    );
    for (const piece of ['(', '"', '<', 'a,', '@', ':;', 'a@b.example,', '\\', '=?utf-8?q?']) {
      parseAddressList(piece.repeat(20_000));
    }
  });

  it('reads back what it writes', () => {
    const local = fc.stringMatching(/^[a-z0-9!#$%&'*+/=^_`{|}~-]{1,20}$/);
    const name = fc.string({ unit: 'grapheme', maxLength: 80 }).filter((text) => !/[\p{C}\p{Z}]/u.test(text));
    fc.assert(
      fc.property(name, local, (displayName, local) => {
        const address = `${local}@corp.example`;
        const text = formatMailbox(displayName, address).replaceAll('\r\n', '');
        const list = parseAddressList(text);
        assert.deepEqual(list.doubts, []);
        assert.equal(list.mailboxes.length, 1);
        const [mailbox] = list.mailboxes;
        assert.equal(mailbox?.address, address);
        assert.equal(mailbox.displayName, displayName);
        assert.equal(formatMailbox(mailbox.displayName, mailbox.address).replaceAll('\r\n', ''), text);
      }),
    );
  });
});

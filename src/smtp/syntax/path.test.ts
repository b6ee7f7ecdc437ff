import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatAddress, parsePath } from './path.ts';

const accepted: [text: string, address: string, rest?: string][] = [
  ['<>', ''],
  ['<> SIZE=1', '', ' SIZE=1'],
  ['<a@example.com>', 'a@example.com'],
  ['<A.b+c@EXAMPLE.Com> X', 'A.b+c@example.com', ' X'],
  ["<!#$%&'*+-/=?^_`{|}~@example.com>", "!#$%&'*+-/=?^_`{|}~@example.com"],
  ['<"a b"@example.com>', '"a b"@example.com'],
  ['<"a>b"@example.com>', '"a>b"@example.com'],
  ['<"a@b"@example.com>', '"a@b"@example.com'],
  ['<"ab"@example.com>', 'ab@example.com'],
  ['<"a\\b"@example.com>', 'ab@example.com'],
  ['<"a\\"b\\\\c"@example.com>', '"a\\"b\\\\c"@example.com'],
  ['<""@example.com>', '""@example.com'],
  ['<a@[192.0.2.1]>', 'a@[192.0.2.1]'],
  ['<a@[IPv6:2001:DB8::1]>', 'a@[ipv6:2001:db8::1]'],
  ['<a@scanner_1.corp.example>', 'a@scanner_1.corp.example'],
  ['<a@xn--exmple-cua.com>', 'a@xn--exmple-cua.com'],
  ['<postmaster>', 'postmaster'],
  [`<${'a'.repeat(64)}@example.com>`, `${'a'.repeat(64)}@example.com`],
];

const refused = [
  '',
  'a@example.com',
  '<a@example.com',
  '<a@>',
  '<@example.com>',
  '<.a@example.com>',
  '<a.@example.com>',
  '<a..b@example.com>',
  '<a b@example.com>',
  '<a@b@example.com>',
  '<"a@example.com>',
  '<"a"b@example.com>',
  '<"a\tb"@example.com>',
  '<a@example..com>',
  '<a@example.com.>',
  '<a@.example.com>',
  '<a@-example.com>',
  '<a@example-.com>',
  '<a@exa mple.com>',
  '<a@[192.0.2.256]>',
  '<a@[192.0.2.1>',
  '<a@192.0.2.1]>',
  '<a@[2001:db8::1]>',
  '<a@[IPv6:2001:db8::g]>',
  '<a@[tag:content]>',
  '<a\r\n@example.com>',
  '<a@example.com\n>',
  '<a\u0085b@example.com>',
  ...['\u00a0', '\u1680', '\u2009', '\u202f', '\u205f', '\u3000', '\ufeff'].map(
    (space) => `<a${space}b@example.com>`,
  ),
  '<"a\u2028b"@example.com>',
  '<a@exa\u2028mple.com>',
  '<<a@example.com>>',
  `<${'a'.repeat(65)}@example.com>`,
  `<a@${'b'.repeat(64)}.example>`,
  `<a@${'b.'.repeat(130)}example>`,
  `<${'a'.repeat(64)}@${'b.'.repeat(92)}example>`,
  `<${'ä'.repeat(33)}@example.com>`,
];

describe('paths of MAIL and RCPT', () => {
  for (const [text, address, rest = ''] of accepted) {
    it(`takes ${text.slice(0, 50)}`, () => {
      const parsed = parsePath(text);
      assert.ok('path' in parsed, 'fault' in parsed ? parsed.fault : '');
      assert.equal(parsed.path.address, address);
      assert.equal(parsed.rest, rest);
      assert.equal(parsed.path.routed, false);
      assert.equal(parsed.path.utf8, false);
    });
  }

  for (const text of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 50))}`, () => assert.ok('fault' in parsePath(text)));
  }

  it('understands a source route, and leaves it out', () => {
    const parsed = parsePath('<@a.example,@b.example:c@example.org>');
    assert.ok('path' in parsed);
    assert.equal(parsed.path.address, 'c@example.org');
    assert.equal(parsed.path.routed, true);
  });

  it('knows UTF-8 in either part, and writes the domain in A-labels', () => {
    for (const [text, address] of [
      ['<bö@example.com>', 'bö@example.com'],
      ['<"b ö"@example.com>', '"b ö"@example.com'],
      ['<\u6771\u4eac@example.com>', '\u6771\u4eac@example.com'],
      ['<"a\u3000b"@example.com>', '"a\u3000b"@example.com'],
      ['<"\ufeff"@example.com>', '"\ufeff"@example.com'],
      ['<a@EXÄMPLE.com>', 'a@xn--exmple-cua.com'],
    ] as const) {
      const parsed = parsePath(text);
      assert.ok('path' in parsed);
      assert.equal(parsed.path.address, address);
      assert.equal(parsed.path.utf8, true);
    }
  });

  it('reads back what it writes', () => {
    const locals = fc
      .string({
        unit: fc.constantFrom('a', 'B', '.', ' ', '"', '\\', '@', '>', 'ö', '\u00a0', '\u3000', '\ufeff'),
        minLength: 1,
        maxLength: 20,
      })
      .filter((local) => local !== '');
    fc.assert(
      fc.property(locals, (local) => {
        const address = formatAddress(local, 'example.com');
        const parsed = parsePath(`<${address}>`);
        assert.ok('path' in parsed);
        assert.equal(parsed.path.local, local);
        assert.equal(parsed.path.address, address);
      }),
    );
  });
});

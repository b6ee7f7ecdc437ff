import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { HeaderIndex } from '../message/headers.ts';
import { readDomainAuthor } from './author.ts';
import type { Author } from './author.ts';

const LIMITS = { headerBytes: 1_000_000, headerFields: 1000 };

const read = (head: string | Buffer): Author =>
  readDomainAuthor(new HeaderIndex(Buffer.isBuffer(head) ? head : Buffer.from(`${head}\r\n\r\n`), LIMITS));

/** The domain, `none`, or why it is doubtful. */
function judge(head: string | Buffer): string {
  const author = read(head);
  if (author.kind === 'domain') return author.domain;
  return author.kind === 'none' ? 'none' : `? ${author.reason}`;
}

const b64 = (text: string): string => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;

/**
 * "Composition Kills" (Chen, Paxson, Jiang, 2020) describes attacks on a receiver's parsers; its tool espoofer
 * numbers them. Those on the header section are here, those on envelope and DNS beside authenticateMessage.
 */
const COMPOSITION: [name: string, head: string, expected: string][] = [
  ['A8 several From fields', 'From: <any@attack.test>\r\nFrom: <admin@legit.test>', '? several-fields'],
  ['A8 the other way', 'From: <admin@legit.test>\r\nFrom: <any@attack.test>', '? several-fields'],
  ['A8 in another case', 'From: <admin@legit.test>\r\nfRoM: <any@attack.test>', '? several-fields'],
  [
    'A9 space before the name',
    ' From: <any@attack.test>\r\nFrom: <admin@legit.test>',
    '? leading-continuation',
  ],
  ['A9 space, From second', 'From: <admin@legit.test>\r\n From: <any@attack.test>', '? group-syntax'],
  [
    'A9 folded under another field',
    'X: y\r\n From: <any@attack.test>\r\nFrom: <admin@legit.test>',
    'legit.test',
  ],
  [
    'A10 space behind the name',
    'From : <any@attack.test>\r\nFrom: <admin@legit.test>',
    '? space-before-colon',
  ],
  [
    'A10 tab behind the name',
    'From: <admin@legit.test>\r\nFrom\t: <any@attack.test>',
    '? space-before-colon',
  ],
  ['A11 fold before the colon', 'From\r\n : <any@attack.test>\r\nFrom: <admin@legit.test>', '? no-colon'],
  [
    'A11 blank line in between',
    'From: <any@attack.test>\r\n \r\nFrom: <admin@legit.test>',
    '? blank-continuation',
  ],
  ['A12 From and Sender', 'From: <any@attack.test>\r\nSender: <admin@legit.test>', 'attack.test'],
  ['A12 Sender alone', 'Sender: <admin@legit.test>', 'none'],
  ['A12 From that is not read', 'From\u0000: <any@attack.test>\r\nSender: <admin@legit.test>', '? nul'],
  ['A13 From and Resent-From', 'From: <any@attack.test>\r\nResent-From: <admin@legit.test>', 'attack.test'],
  ['A13 Resent-From alone', 'Resent-From: <admin@legit.test>', 'none'],
  ['A14 several addresses', 'From: <any@attack.test>, <admin@legit.test>', '? several-domains'],
  ['A14 with names', 'From: A <any@attack.test>, B <admin@legit.test>', '? several-domains'],
  ['A15 an encoded address', `From: ${b64('<admin@legit.test>')},<second@attack.test>`, '? no-domain'],
  ['A15 encoded in brackets', `From: <${b64('admin@legit.test')}>,<second@attack.test>`, '? no-domain'],
  ['A15 alone', `From: ${b64('Admin <admin@legit.test>')}`, '? no-domain'],
  [
    'A15 quoted-printable',
    'From: =?utf-8?Q?=3Cadmin=40legit.test=3E?=,<second@attack.test>',
    '? stray-character',
  ],
  ['A15 cut by a NUL', `From: ${b64('admin@legit.test\u0000')}@attack.test`, '? encoded-word-in-address'],
  ['A16 a route', 'From: <@attack.test,@any.test:admin@legit.test>', '? route'],
  ['A16 a route with a name', 'From: Admin <@attack.test:admin@legit.test>', '? route'],
  ['A17 an escaped comma', 'From: <any@attack.test>\\,<admin@legit.test>', '? stray-character'],
  ['A17 escaped brackets', 'From: \\<any@attack.test\\>,<admin@legit.test>', '? stray-character'],
  ['A18 which special character first', 'From: admin@legit.test,<second@attack.test>', '? several-domains'],
  ['A18 brackets behind', 'From: <any@attack.test>admin@legit.test', '? two-addresses'],
  ['A18 brackets before', 'From: admin@legit.test<any@attack.test>', '? two-addresses'],
  ['A19 name and address', 'From: admin@legit.test <any@attack.test>', '? two-addresses'],
  ['A19 name in quotes', 'From: "admin@legit.test" <any@attack.test>', 'attack.test'],
  ['A19 name encoded', `From: ${b64('admin@legit.test')} <any@attack.test>`, 'attack.test'],
];

const HOSTILE: [head: string | Buffer, expected: string][] = [
  // none
  ['To: a@legit.test', 'none'],
  ['From:', 'none'],
  ['From: \r\n\t', '? blank-continuation'],
  ['From: <>', '? no-address'],
  ['From: admin', '? no-domain'],
  ['From: undisclosed:;', '? group'],
  ['From: admin@legit.test:;', '? group-syntax'],
  ['From: legit: any@attack.test;', '? group'],
  ['From: "admin@legit.test": any@attack.test;', '? group'],
  ['From: admin@legit.test, x: any@attack.test;', '? group'],
  ['From: g: any@attack.test; admin@legit.test', '? group-syntax'],
  // one domain, written honestly
  ['From: admin@legit.test', 'legit.test'],
  ['From: <admin@LEGIT.Test>', 'legit.test'],
  ['From: a@legit.test, b@legit.test', 'legit.test'],
  ['From: a@legit.test, b@mail.legit.test', '? several-domains'],
  ['From: "legit.test" <any@attack.test>', 'attack.test'],
  ['From: admin@xn--bcher-kva.test', 'xn--bcher-kva.test'],
  ['From: admin@b\u00fccher.test', 'xn--bcher-kva.test'],
  ['From: admin@le\u0261it.test', 'xn--leit-17b.test'],
  // comments
  ['From: admin@legit.test(any@attack.test)', '? address-in-comment'],
  ['From: (admin@legit.test) any@attack.test', '? address-in-comment'],
  ['From: any@attack.test (legit.test)', 'attack.test'],
  ['From: any(x)@attack.test', '? space-in-address'],
  ['From: any@(x)attack.test', '? space-in-address'],
  ['From: any@attack.test(', '? unbalanced-comment'],
  ['From: any@attack.test)', '? unbalanced-comment'],
  ['From: (\\) <admin@legit.test> (x) any@attack.test', '? unbalanced-comment'],
  ['From: ((((((((x)))))))) any@attack.test', '? comment-depth'],
  // quotes
  ['From: "<admin@legit.test>" <any@attack.test>', 'attack.test'],
  ['From: "\\"<admin@legit.test>\\"" <any@attack.test>', 'attack.test'],
  ['From: "x" <admin@legit.test>" <any@attack.test>', '? unbalanced-quote'],
  ['From: "admin@legit.test"@attack.test', '? quoted-local-part'],
  ['From: "admin@legit.test\\"@attack.test', '? unbalanced-quote'],
  ['From: <"admin@legit.test>"@attack.test>', '? quoted-local-part'],
  ['From: admin"@legit.test"@attack.test', '? local-part'],
  ["From: 'admin@legit.test'@attack.test", '? two-addresses'],
  // several at signs, brackets, separators
  ['From: admin@legit.test@attack.test', '? two-addresses'],
  ['From: <admin@legit.test@attack.test>', '? two-addresses'],
  ['From: <<admin@legit.test>any@attack.test>', '? two-addresses'],
  ['From: <admin@legit.test> <any@attack.test>', '? two-addresses'],
  ['From: <admin@legit.test', '? unbalanced-angle'],
  ['From: admin@legit.test;any@attack.test', '? stray-character'],
  ['From: admin@legit.test any@attack.test', '? two-addresses'],
  ['From: ,any@attack.test', '? empty-element'],
  ['From: mailto:admin@legit.test', '? group-syntax'],
  // domains
  ['From: admin@legit.test.', '? domain'],
  ['From: admin@legit..test', '? domain'],
  ['From: admin@.legit.test', '? domain'],
  ['From: admin@legit.test\\.attack.test', '? stray-character'],
  ['From: admin@legit.test%00.attack.test', '? domain'],
  ['From: admin@legit .test', '? space-in-address'],
  ['From: admin@legit\r\n .test', '? space-in-address'],
  ['From: admin@[192.0.2.1]', '[192.0.2.1]'],
  ['From: admin@[legit.test]', '[legit.test]'],
  ['From: admin@[admin@legit.test]', '? domain'],
  ['From: admin@legit\u3002test', '? domain'],
  ['From: admin@\uff4cegit.test', '? domain'],
  ['From: admin@legit\u200b.test', '? domain'],
  ['From: admin@legit.test\u00ad', '? domain'],
  [`From: admin@${'a'.repeat(64)}.test`, '? domain'],
  [`From: admin@${'a.'.repeat(127)}test`, '? domain'],
  // encoded words
  [`From: admin@${b64('legit.test')}`, '? encoded-word-in-address'],
  [`From: ${b64('admin')}@legit.test`, '? encoded-word-in-address'],
  [`From: ${b64('x\r\nFrom: admin@legit.test')} <any@attack.test>`, '? control'],
  [`From: ${b64('admin@legit.test\u0000')} <any@attack.test>`, '? control'],
  [`From: ${b64('\u202etset.tigel@nimda')} <any@attack.test>`, '? control'],
  // octets that are none of text
  ['From: admin@legit.test\u0000@attack.test', '? nul'],
  ['From: admin@legit.test\u0000', '? nul'],
  ['From: admin@legit.test\u0001', '? control'],
  ['From: admin@legit.test\u007f', '? control'],
  ['From: admin@legit.test\nFrom: any@attack.test', '? bare-line-ending'],
  ['From: admin@legit.test\rFrom: any@attack.test', '? bare-line-ending'],
  ['From: any@attack.test\r\n\r\nFrom: admin@legit.test', '? octets-after-end'],
  [
    Buffer.concat([Buffer.from('From: admin@legit.test'), Buffer.from([0x80]), Buffer.from('\r\n\r\n')]),
    '? domain',
  ],
  ['From: admin\u00a0@legit.test', '? local-part'],
  // fields that are nearly From
  ['Fr\u043em: admin@legit.test', '? bad-name'],
  ['From\u00a0: admin@legit.test', '? bad-name'],
  ['X-From: admin@legit.test', 'none'],
  ['From admin@legit.test Mon Jan 1\r\nFrom: any@attack.test', '? mbox-from-line'],
  ['\ufeffFrom: admin@legit.test\r\nFrom: any@attack.test', '? bad-name'],
  // length
  [`From: ${'x'.repeat(20_000)} <any@attack.test>`, '? too-long'],
  [`From: ${' '.repeat(20_000)}any@attack.test`, '? too-long'],
  [`From: ${Array.from({ length: 1000 }, (_, i) => `a${i}@attack.test`).join(',')}`, '? too-long'],
  [`From: ${'a@b.test,'.repeat(1500)}admin@legit.test`, '? several-domains'],
];

describe('the author of a message', () => {
  for (const [name, head, expected] of COMPOSITION) {
    test(`${name}: ${JSON.stringify(head)}`, () => assert.equal(judge(head), expected));
  }
  for (const [head, expected] of HOSTILE) {
    test(JSON.stringify(String(head).slice(0, 100)), () => assert.equal(judge(head), expected));
  }
});

describe('what a doubtful one may be taken for', () => {
  const cases: [head: string, domain: string][] = [
    ...COMPOSITION.filter(([name, , expected]) => expected.startsWith('? ') && !name.startsWith('A12')).map(
      ([, head]): [string, string] => [head, 'legit.test'],
    ),
    ['From: admin@LEGIT\uff0etest, x', 'legit.test'],
    ['From: <admin@ legit.test>', 'legit.test'],
    ['From: admin\uff20legit.test', 'legit.test'],
  ];
  for (const [head, domain] of cases) {
    test(JSON.stringify(head), () => {
      const author = read(head);
      assert.ok(author.kind === 'doubtful' && author.mentioned.includes(domain), JSON.stringify(author));
    });
  }

  test('is bounded', () => {
    const author = read(`From: ${Array.from({ length: 900 }, (_, i) => `a@b${i}.test`).join(',')}`);
    assert.ok(author.kind === 'doubtful' && author.mentioned.length <= 50);
  });
});

test('any octets have at most one author, whose domain is a name or a literal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      const author = read(Buffer.concat([Buffer.from('From: '), octets, Buffer.from('\r\n\r\n')]));
      if (author.kind === 'domain') assert.match(author.domain, /^(?:[a-z0-9_.-]+|\[[a-z0-9.:-]+\])$/);
    }),
  );
});

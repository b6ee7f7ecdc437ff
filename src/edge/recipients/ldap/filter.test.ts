import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BerReader } from './ber.ts';
import { encodeFilter, escapeValue, FilterError, fillFilter } from './filter.ts';

const hex = (text: string): string => Buffer.from(text).toString('hex');
const octets = (tag: string, text: string): string =>
  `${tag}${text.length.toString(16).padStart(2, '0')}${hex(text)}`;
const pair = (tag: string, name: string, value: string): string => {
  const inner = octets('04', name) + octets('04', value);
  return `${tag}${(inner.length / 2).toString(16).padStart(2, '0')}${inner}`;
};

describe('filters', () => {
  const good: [string, string][] = [
    ['(mail=a@b.c)', pair('a3', 'mail', 'a@b.c')],
    ['(cn=)', pair('a3', 'cn', '')],
    ['(cn>=5)', pair('a5', 'cn', '5')],
    ['(cn<=5)', pair('a6', 'cn', '5')],
    ['(cn~=x)', pair('a8', 'cn', 'x')],
    ['(mail=*)', octets('87', 'mail')],
    ['(cn=a=b)', pair('a3', 'cn', 'a=b')],
    [
      '(o=Parens R Us \\28for all your parenthetical needs\\29)',
      pair('a3', 'o', 'Parens R Us (for all your parenthetical needs)'),
    ],
    ['(cn=*\\2A*)', `a409${octets('04', 'cn')}3003${octets('81', '*')}`],
    [
      '(cn=a*b*c)',
      `a40f${octets('04', 'cn')}3009${octets('80', 'a')}${octets('81', 'b')}${octets('82', 'c')}`,
    ],
    ['(!(cn=x))', `a209${pair('a3', 'cn', 'x')}`],
    ['(&(cn=x)(cn=y))', `a012${pair('a3', 'cn', 'x')}${pair('a3', 'cn', 'y')}`],
    ['(|(cn=x))', `a109${pair('a3', 'cn', 'x')}`],
    ['(2.5.4.3=x)', pair('a3', '2.5.4.3', 'x')],
    ['(cn;lang-fr=x)', pair('a3', 'cn;lang-fr', 'x')],
    [
      '(userAccountControl:1.2.840.113556.1.4.803:=2)',
      `a92f${octets('81', '1.2.840.113556.1.4.803')}${octets('82', 'userAccountControl')}${octets('83', '2')}`,
    ],
    ['(o:dn:=Ace)', `a90b${octets('82', 'o')}${octets('83', 'Ace')}8401ff`],
    ['(:caseExactMatch:=x)', `a913${octets('81', 'caseExactMatch')}${octets('83', 'x')}`],
  ];
  for (const [text, wanted] of good) {
    test(text, () => assert.equal(encodeFilter(text).toString('hex'), wanted));
  }

  const bad = [
    '',
    'mail=x',
    '(mail=x',
    '(mail=x))',
    '(mail=x)(cn=y)',
    '(=x)',
    '(ma il=x)',
    '(&)',
    '(!)',
    '(!(a=b)(c=d))',
    '(cn=a**b)',
    '(cn=a(b)',
    '(cn=\\2)',
    '(cn=\\zz)',
    '(:=x)',
    '(a:b:c:d:=x)',
    `${'(!'.repeat(40)}(a=b)${')'.repeat(40)}`,
    `(cn=${'x'.repeat(9000)})`,
  ];
  for (const text of bad) {
    test(`refused: ${text.slice(0, 30)}`, () => assert.throws(() => encodeFilter(text), FilterError));
  }
});

describe('what is asked, in a filter', () => {
  test('all that means something is escaped', () => {
    assert.equal(escapeValue('a*b(c)d\\e\0f\u00e9'), 'a\\2ab\\28c\\29d\\5ce\\00f\\c3\\a9');
    assert.equal(
      fillFilter('(&(mail={address})(uid={local})(dc={domain})(x={other}))', 'a*)(uid=*@b.test'),
      '(&(mail=a\\2a\\29\\28uid=\\2a@b.test)(uid=a\\2a\\29\\28uid=\\2a)(dc=b.test)(x={other}))',
    );
  });

  test('no address can say more than itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (local) => {
        const filter = encodeFilter(fillFilter('(mail={address})', `${local}@b.test`));
        const inner = new BerReader(new BerReader(filter).expect(0xa3));
        assert.equal(inner.expect(4).toString(), 'mail');
        assert.deepEqual(inner.expect(4), Buffer.from(`${local}@b.test`));
        assert.ok(inner.done);
      }),
    );
  });

  test('an address can not name a placeholder', () => {
    assert.equal(fillFilter('(a={address})', '{domain}@b.test'), '(a={domain}@b.test)');
  });
});

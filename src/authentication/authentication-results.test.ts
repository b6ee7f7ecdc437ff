import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { HeaderIndex } from '../message/headers.ts';
import { claimedResults, formatResults, formatValue } from './authentication-results.ts';
import type { MethodResult } from './authentication-results.ts';
import { readResults } from './results-syntax.ts';

const value = (field: string): string => field.replace(/^Authentication-Results: /, '').replace(/\r\n/g, '');

describe('writing', () => {
  test('nothing was checked', () => {
    assert.equal(formatResults('mx.corp.test', []), 'Authentication-Results: mx.corp.test; none\r\n');
  });

  test('each method on its own line', () => {
    const results: MethodResult[] = [
      {
        method: 'spf',
        result: 'pass',
        comment: 'sender IP is 192.0.2.1',
        properties: [{ type: 'smtp', name: 'mailfrom', value: 'bounce+a=b.test@corp.test' }],
      },
      {
        method: 'dkim',
        result: 'fail',
        reason: 'body hash did not verify',
        properties: [
          { type: 'header', name: 'd', value: 'corp.test' },
          { type: 'header', name: 's', value: 'p2026a' },
          { type: 'header', name: 'b', value: 'abc/+d==' },
        ],
      },
    ];
    assert.equal(
      formatResults('mx.corp.test', results),
      'Authentication-Results: mx.corp.test;\r\n' +
        '\tspf=pass (sender IP is 192.0.2.1)\r\n\tsmtp.mailfrom=bounce+a=b.test@corp.test;\r\n' +
        '\tdkim=fail reason="body hash did not verify" header.d=corp.test\r\n\theader.s=p2026a header.b="abc/+d=="\r\n',
    );
  });

  const values: [text: string, written: string][] = [
    ['corp.test', 'corp.test'],
    ['a@corp.test', 'a@corp.test'],
    ['@corp.test', '@corp.test'],
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '"2001:db8::1"'],
    ['a b', '"a b"'],
    ['a;b', '"a;b"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['', '""'],
    ['a\r\nX: y', '"a??X: y"'],
    ['a\u0000b', '"a?b"'],
    ['j\u00fcrgen@corp.test', 'j?rgen@corp.test'],
    ['"a b"@corp.test', '"\\"a b\\"@corp.test"'],
    // names that were injected into filters that cut at the wrong place
    ["legitimate.test'@a.attack.test", '"legitimate.test\'@a.attack.test"'],
    ['legitimate.test(.attack.test', '"legitimate.test(.attack.test"'],
    ['x; dmarc=pass header.from=corp.test', '"x; dmarc=pass header.from=corp.test"'],
  ];
  for (const [text, written] of values) {
    test(JSON.stringify(text), () => assert.equal(formatValue(text), written));
  }

  for (const address of ['??@a', 'a?b@c.test', '=@a', '/a@b', 'a/b=c@d.test']) {
    test(`${address} is read back`, () => {
      const read = readResults(`mx; spf=fail smtp.mailfrom=${formatValue(address)}`);
      assert.equal(read?.results[0]?.properties[0]?.value, address);
    });
  }

  test('whatever the network says is read back as one value, and no line is long', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc
        .array(
          fc.constantFrom(
            '"',
            '\\',
            '(',
            ')',
            ';',
            '=',
            '\r\n',
            ' ',
            '\t',
            '@',
            "'",
            'dkim=pass',
            '\u0000',
            'a',
          ),
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, (text, comment, reason) => {
        const field = formatResults('mx.corp.test', [
          {
            method: 'spf',
            result: 'fail',
            comment,
            reason,
            properties: [{ type: 'smtp', name: 'mailfrom', value: text }],
          },
          { method: 'dmarc', result: 'fail', properties: [{ type: 'header', name: 'from', value: text }] },
        ]);
        assert.match(field, /^(?:[\x20-\x7e]|\t|\r\n\t)*\r\n$/);
        assert.ok(field.split('\r\n').every((line) => line.length < 998));
        const read = readResults(value(field));
        assert.deepEqual(
          read?.results.map(({ method, result }) => `${method}=${result}`),
          ['spf=fail', 'dmarc=fail'],
        );
        assert.ok(read.results.every(({ properties }) => properties.length <= 1));
      }),
    );
  });
});

describe('reading', () => {
  test('a whole field', () => {
    const text =
      'Mail.Example.COM (our name) 1 ; DKIM/1 = Pass (good; dkim=fail) reason="all \\"right\\"" header.d = a.test ' +
      'header.i=@a.test; spf=neutral smtp.mailfrom="x y"@b.test; arc=none;';
    const read = readResults(text);
    assert.equal(read?.id, 'Mail.Example.COM');
    assert.equal(read.version, 1);
    assert.deepEqual(read.results, [
      {
        method: 'dkim',
        result: 'pass',
        reason: 'all "right"',
        properties: [
          { name: 'header.d', value: 'a.test' },
          { name: 'header.i', value: '@a.test' },
        ],
      },
      { method: 'spf', result: 'neutral', properties: [{ name: 'smtp.mailfrom', value: 'x y@b.test' }] },
      { method: 'arc', result: 'none', properties: [] },
    ]);
  });

  for (const text of ['mx.test; none', 'mx.test;none', '"mx.test" (x) ; none (really)']) {
    test(text, () => assert.deepEqual(readResults(text)?.results, []));
  }

  for (const text of [
    '',
    'mx.test',
    'mx.test;',
    '; spf=pass',
    'mx.test; spf',
    'mx.test; spf=',
    'mx.test; spf=pass (open',
    'mx.test; spf=pass "open',
    'mx.test; spf=pass; none',
    'mx.test; none; spf=pass',
    'mx.test x; spf=pass',
    'spf=pass smtp.mailfrom=a.test; dkim=none',
    'mx.test; spf=pass smtp.mailfrom',
    'mx.test; spf=pass mailfrom=a.test',
    'mx.test; spf=pass, dkim=pass',
    'mx.test; spf=pass\u0000',
    `mx.test${'; spf=pass'.repeat(101)}`,
    `mx.test; spf=pass ${'('.repeat(50)}${')'.repeat(50)}`,
    `mx.test; spf=pass (${'x'.repeat(70_000)})`,
  ]) {
    test(`no field of results: ${text.slice(0, 60)}`, () => assert.equal(readResults(text), undefined));
  }

  test('never throws, and is linear', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readResults(text)));
    for (const piece of ['(', '"', '\\', 'a=', 'a.b=c ', ';', '@', '/'])
      readResults(`mx.test; ${piece.repeat(60_000 / piece.length)}`);
  });
});

describe('fields that claim to be ours', () => {
  const taken = (field: string, ids = ['mx.corp.test', 'mx2.corp.test']): boolean => {
    const index = new HeaderIndex(Buffer.from(`${field}\r\nFrom: a@b.test\r\n\r\n`), {
      headerBytes: 200_000,
      headerFields: 100,
    });
    assert.equal(index.fault, undefined);
    return claimedResults(index, ids).length === 1;
  };
  const claims = [
    'Authentication-Results: mx.corp.test; spf=pass',
    'AUTHENTICATION-RESULTS: mx.corp.test; spf=pass',
    'Authentication-Results:mx.corp.test;spf=pass',
    'Authentication-Results: MX.Corp.TEST; spf=pass',
    'Authentication-Results: mx2.corp.test; none',
    'Authentication-Results: mx.corp.test 1; spf=pass',
    'Authentication-Results: mx.corp.test 2; spf=pass',
    'Authentication-Results: mx.corp.test.; spf=pass',
    'Authentication-Results: mx.corp.test..; spf=pass',
    'Authentication-Results: "mx.corp.test"; spf=pass',
    'Authentication-Results: "mx\\.corp.\\test"; spf=pass',
    'Authentication-Results: " mx.corp.test "; spf=pass',
    'Authentication-Results: (a comment) mx.corp.test; spf=pass',
    'Authentication-Results: (a (nested; x) \\) comment) mx.corp.test (x); spf=pass',
    'Authentication-Results:\r\n mx.corp.test;\r\n spf=pass',
    'Authentication-Results:\r\n (x)\r\n\tmx.corp.test\r\n ; spf=pass',
    'Authentication-Results: \uff4dx.corp.test; spf=pass',
    'Authentication-Results: mx\u3002corp\u3002test; spf=pass',
    'Authentication-Results: mx.corp\u200b.test; spf=pass',
    // no reader could say whose these are
    'Authentication-Results: mx.corp.test/1; spf=pass',
    'Authentication-Results: mx.corp.test',
    'Authentication-Results: mx.corp.test spf=pass',
    'Authentication-Results: mx.corp.test, spf=pass',
    'Authentication-Results: mx .corp.test; spf=pass',
    'Authentication-Results: mx(x).corp.test; spf=pass',
    'Authentication-Results: ;mx.corp.test; spf=pass',
    'Authentication-Results: "mx.corp.test; spf=pass',
    'Authentication-Results: (mx.corp.test; spf=pass',
    'Authentication-Results: =?utf-8?q?mx.corp.test?=; spf=pass',
    'Authentication-Results: <mx.corp.test>; spf=pass',
    'Authentication-Results: other.test, mx.corp.test; spf=pass',
    'Authentication-Results: spf=pass smtp.mailfrom=corp.test; dkim=none',
    'Authentication-Results:',
    `Authentication-Results: ${'('.repeat(100)}${')'.repeat(100)} mx.corp.test; spf=pass`,
    `Authentication-Results: (${'x'.repeat(70_000)}) mx.corp.test; spf=pass`,
  ];
  for (const field of claims)
    test(`taken: ${JSON.stringify(field.slice(0, 90))}`, () => assert.ok(taken(field)));

  const foreign = [
    'Authentication-Results: other.test; spf=pass smtp.mailfrom=mx.corp.test',
    'Authentication-Results: other.test (mx.corp.test); none',
    'Authentication-Results: amx.corp.test; spf=pass',
    'Authentication-Results: mx.corp.test.other.test; spf=pass',
    'Authentication-Results: corp.test; none',
    'X-Authentication-Results: mx.corp.test; spf=pass',
    'Authentication-Results-Original: mx.corp.test; spf=pass',
  ];
  for (const field of foreign) test(`left: ${field}`, () => assert.ok(!taken(field)));
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { decodeBase64, parseTagList } from './tag-list.ts';

describe('tag list', () => {
  const good: [text: string, tags: Record<string, string>][] = [
    ['a=1; b=2', { a: '1', b: '2' }],
    ['a=1;b=2;', { a: '1', b: '2' }],
    [' a = 1 ;\r\n\tb =\r\n 2 3 ; ', { a: '1', b: '2\u00203' }],
    ['a=', { a: '' }],
    ['a_1=x=y', { a_1: 'x=y' }],
    ['A=1; a=2', { A: '1', a: '2' }],
    ['i=\u00c3\u00a9@x', { i: '\u00c3\u00a9@x' }],
  ];
  for (const [text, tags] of good) {
    test(JSON.stringify(text), () => {
      const read = parseTagList(text);
      assert.ok(read);
      assert.deepEqual(Object.fromEntries([...read].map(([name, tag]) => [name, tag.value])), tags);
    });
  }

  const bad = [
    '',
    ';',
    ' ',
    'a',
    'a=1;;b=2',
    ';a=1',
    'a=1;a=2',
    '1a=1',
    'a-b=1',
    'a=\0',
    'a=1\r\nb=2',
    'a=1\n b',
    '=1',
  ];
  for (const text of bad) {
    test(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseTagList(text), undefined));
  }

  test('says where a value lies', () => {
    const text = 'v=1; b= AB\r\n C ; x=2';
    const tag = parseTagList(text)?.get('b');
    assert.equal(text.slice(tag?.start, tag?.end), ' AB\r\n C ');
  });

  test('a bound on the number of tags', () => {
    const many = Array.from({ length: 65 }, (_, i) => `t${i}=x`).join(';');
    assert.equal(parseTagList(many), undefined);
  });
});

test('base64 is strict but for white space', () => {
  assert.equal(decodeBase64('aGVs\r\n bG8=')?.toString(), 'hello');
  for (const text of ['aGVsbG8', 'aGVs*G8=', 'aGVsbG8==', '=', 'a-_b']) {
    assert.equal(decodeBase64(text), undefined, text);
  }
});

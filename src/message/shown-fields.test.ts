import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LONGEST_SUBJECT, readShownFields } from './shown-fields.ts';

const head = (...lines: string[]) => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8');

suite('fields that a list of messages shows', () => {
  const subjects: [name: string, lines: string[], subject: string | undefined][] = [
    ['plain', ['From: a@b.example', 'Subject: Scan 4711'], 'Scan 4711'],
    ['name in any case', ['SUBJECT:Hello'], 'Hello'],
    ['first line', ['Subject: x', 'Message-ID: <1@a>'], 'x'],
    ['the first of several', ['Subject: one', 'Subject: two'], 'one'],
    ['none', ['From: a@b.example'], undefined],
    ['empty', ['Subject:'], ''],
    ['folded', ['Subject: a', ' b', '\tc'], 'a b\tc'.replace('\t', ' ')],
    [
      'encoded words',
      ['Subject: =?utf-8?q?Rechnung_f=C3=BCr?= =?utf-8?B?IE3DvGxsZXI=?='],
      'Rechnung für Müller',
    ],
    ['latin-1', ['Subject: =?iso-8859-1?Q?=E9t=E9?='], 'été'],
    ['raw UTF-8', ['Subject: Übung'], 'Übung'],
    ['unknown charset stays', ['Subject: =?x-none?q?a?='], '=?x-none?q?a?='],
    ['direction of text', ['Subject: invoice\u202efdp.exe'], 'invoice\ufffdfdp.exe'],
    ['controls in an encoded word', ['Subject: =?utf-8?q?a=00b=1B[31m?='], 'a\ufffdb\ufffd[31m'],
    ['line ends in an encoded word', ['Subject: =?utf-8?q?a=0D=0Ab?='], 'a b'],
    ['a name that only begins so', ['Subject-x: no', 'Subjec: no'], undefined],
    ['in the midst of a line', ['X: Subject: no'], undefined],
  ];
  for (const [name, lines, subject] of subjects) {
    test(`subject: ${name}`, () => assert.equal(readShownFields(head(...lines)).subject, subject));
  }

  test('what is too long is cut, also between the halves of a character', () => {
    const long = readShownFields(head(`Subject: ${'x'.repeat(5000)}`)).subject ?? '';
    assert.equal(long.length, LONGEST_SUBJECT);
    assert.ok(long.endsWith('…'));
    const pairs = readShownFields(head(`Subject: a${'😀'.repeat(300)}`)).subject ?? '';
    assert.ok(pairs.isWellFormed() && pairs.length <= LONGEST_SUBJECT);
  });

  test('the Message-ID, as it stands', () => {
    assert.equal(readShownFields(head('X: y', 'Message-Id: <a.1@b.example>')).messageId, '<a.1@b.example>');
    assert.equal(readShownFields(head('message-id:', ' <folded@b>')).messageId, '<folded@b>');
  });

  test('a section without an end, and octets that are nothing', () => {
    assert.deepEqual(readShownFields(Buffer.from('Subject: cut')), { subject: 'cut' });
    assert.deepEqual(readShownFields(Buffer.alloc(0)), {});
    assert.equal(
      readShownFields(Buffer.from([...Buffer.from('Subject: '), 0xff, 0xe9, 13, 10])).subject,
      'ÿé',
    );
  });
});

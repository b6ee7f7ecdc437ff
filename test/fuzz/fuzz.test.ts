import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seeded } from '../support/seeded.ts';
import { fuzz } from './fuzzer.ts';
import { chunked, Mutator } from './mutate.ts';
import { readConversation } from './smtp/reference.ts';
import { readReplies } from './smtp/replies.ts';
import { show, Violation } from './target.ts';
import { targets } from './targets.ts';

test('whatever strangers send, every target keeps its word', async (t) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
  t.diagnostic(`SEED=${seed}`);
  const reports = await fuzz({ targets, inputs: 30_000, seed });
  for (const { target, inputs, rate, corpus, peakRss } of reports) {
    t.diagnostic(`${target}: ${inputs} inputs, ${rate}/s, corpus ${corpus}, peak RSS ${peakRss} MB`);
  }
  const findings = reports.flatMap((report) => report.findings);
  assert.deepEqual(
    findings.map(({ target, kind, text, input }) => `${target}, ${kind}: ${text} with ${show(input, 2000)}`),
    [],
  );
  assert.ok(reports.every(({ inputs }) => inputs > 20));
});

describe('the fuzzer', () => {
  test('makes the same inputs of the same seed, and other ones of another', () => {
    const inputs = (seed: number): string => {
      const mutator = new Mutator(['word'], seeded(seed));
      return Array.from({ length: 200 }, () =>
        mutator.next([Buffer.from('EHLO x\r\n')]).toString('base64'),
      ).join();
    };
    assert.equal(inputs(1), inputs(1));
    assert.notEqual(inputs(1), inputs(2));
  });

  test('cuts inputs without losing an octet', () => {
    const random = seeded(3);
    for (let length = 0; length < 200; length++) {
      const input = Buffer.from(Array.from({ length }, (_, index) => index));
      assert.deepEqual(Buffer.concat(chunked(input, random)), input);
    }
  });
});

describe('the reading of replies', () => {
  const wrong = [
    '250 ok\n',
    '250 ok',
    '250-ok\r\n',
    '250-a\r\n251 b\r\n',
    '25 ok\r\n',
    '250 a\0\r\n',
    '650 ok\r\n',
    '550 no\r\n',
    '550 4.1.1 no\r\n',
    `250 ${'x'.repeat(600)}\r\n`,
    '250\tok\r\n',
    '250 a\r250 b\r\n',
  ];
  for (const text of wrong) {
    test(`refuses ${show(text, 60)}`, () => assert.throws(() => readReplies(text, false), Violation));
  }
});

describe('the reference', () => {
  const heard = (said: string, ...replies: string[]) =>
    readConversation(
      Buffer.from(said, 'latin1'),
      readReplies(replies.map((reply) => `${reply}\r\n`).join(''), false),
      {
        lineEndings: 'refuse',
        exact: true,
        closedByServer: false,
      },
    );
  const HELLO = ['220 x', '250 x'];
  const MAIL = [...HELLO, '250 2.1.0 ok', '250 2.1.5 ok'];
  const ENVELOPE = 'EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n';

  test('counts messages as a strict reader does', () => {
    const one = heard(
      `${ENVELOPE}DATA\r\na\n.\n\r\n..b\r\n.\r\nNOOP\r\n`,
      ...MAIL,
      '354 go',
      '250 2.0.0 ok',
      '250 2.0.0 ok',
    );
    assert.deepEqual(
      one.accepted.map(({ content }) => content.toString()),
      ['a\n.\n\r\n.b\r\n'],
    );
    const chunks = heard(
      `${ENVELOPE}BDAT 3\r\nabcBDAT 5 LAST\r\n\r\n.\r\nNOOP\r\n`,
      ...MAIL,
      '250 2.0.0 ok',
      '250 2.0.0 ok',
      '250 2.0.0 ok',
    );
    assert.deepEqual(
      chunks.accepted.map(({ content }) => content.toString()),
      ['abc\r\n.\r\n'],
    );
  });

  const wrong: [what: string, said: string, replies: string[]][] = [
    [
      'a smuggled command',
      `${ENVELOPE}DATA\r\na\n.\nNOOP\r\n.\r\n`,
      [...MAIL, '354 go', '250 2.0.0 ok', '250 2.0.0 ok', '500 5.5.2 what'],
    ],
    ['a command without reply', 'EHLO x\r\nNOOP\r\n', HELLO],
    ['a second reply', 'EHLO x\r\n', [...HELLO, '250 2.0.0 ok']],
    ['MAIL before EHLO', 'MAIL FROM:<a@b>\r\n', ['220 x', '250 2.1.0 ok']],
    ['DATA without recipient', 'EHLO x\r\nMAIL FROM:<a@b>\r\nDATA\r\n', [...HELLO, '250 2.1.0 ok', '354 go']],
    ['yes to a bare LF', 'EHLO x\n', HELLO],
    ['yes to nonsense', 'EHLO x\r\nFOO\r\n', [...HELLO, '250 2.0.0 ok']],
  ];
  for (const [what, said, replies] of wrong) {
    test(`notices ${what}`, () => assert.throws(() => heard(said, ...replies), Violation));
  }
});

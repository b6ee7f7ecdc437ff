import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RemoteReply } from './reply-parser.ts';
import { authenticate, SaslError } from './sasl.ts';

const LOGIN = { username: 'relay', password: 'secret' };
const RANDOM = { bytes: (count: number) => Buffer.alloc(count, 7), fraction: () => 0.5 };
const NONCE = Buffer.alloc(18, 7).toString('base64');

const reply = (code: number, text = ''): RemoteReply => ({
  code,
  lines: [Buffer.from(text).toString('base64')],
});

/** Plays a server that says these replies in turn. */
function against(...replies: RemoteReply[]): Promise<RemoteReply | undefined> {
  return authenticate(['SCRAM-SHA-256'], LOGIN, RANDOM, () => Promise.resolve(replies.shift() ?? reply(535)));
}

describe('SCRAM as a client', () => {
  const challenge = reply(334, `r=${NONCE}more,s=c2FsdA==,i=4096`);
  const unproved: [string, RemoteReply[]][] = [
    ['lets in at once', [reply(235)]],
    ['lets in without its signature', [challenge, reply(235)]],
    [
      'shows another signature',
      [challenge, reply(334, `v=${Buffer.alloc(32).toString('base64')}`), reply(235)],
    ],
    ['shows none', [challenge, reply(334, 'e=other-error'), reply(235)]],
    ['does not go on with our nonce', [reply(334, 'r=other,s=c2FsdA==,i=4096'), reply(235)]],
    ['asks for too much work', [reply(334, `r=${NONCE}more,s=c2FsdA==,i=9999999`), reply(235)]],
  ];
  for (const [what, replies] of unproved) {
    it(`does not believe a server that ${what}`, () => assert.rejects(against(...replies), SaslError));
  }

  it('hands a refusal on', async () => {
    assert.equal((await against(reply(535)))?.code, 535);
    assert.equal((await against(challenge, reply(535)))?.code, 535);
  });
});

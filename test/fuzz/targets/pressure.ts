/**
 * How much a session takes in while it can not go on: the handler thinks, or the client does not read its replies.
 * The client offers far more than any buffer may hold; what was taken is counted when nothing moves any more.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock } from '../../../src/platform/clock.ts';
import { Connection } from '../../../src/smtp/server/connection.ts';
import type { ListenerTls } from '../../../src/smtp/server/tls.ts';
import { DialogueHandler } from '../../dialogues/handler.ts';
import { LIMITS } from '../smtp/converse.ts';
import { memorySocket } from '../smtp/memory-socket.ts';
import { WatchedHandler } from '../smtp/watched-handler.ts';
import { SESSIONS, SMTP_WORDS } from '../smtp/words.ts';
import { must, show, type Target } from '../target.ts';

const OFFERED = 2 ** 19;
const CHUNK = 16_384;
/** The session's queue and the streams' own buffers on both sides, each with a chunk that is under way. */
const MOST_TAKEN = 3 * (65_536 + CHUNK) + 4000;
/** What the session lets wait, and what it makes before it looks. */
const MOST_REPLIES = 65_536 + 2 * 16_384;

export const pressureTarget: Target = {
  name: 'server under pressure',
  weight: 0.2,
  // a hundred thousand short commands
  slow: 4000,
  seeds: [
    ...SESSIONS,
    'EHLO x\r\nMAIL FROM:<a@corp.example>\r\nRCPT TO:<never@corp.example>\r\nDATA\r\nx\r\n.\r\n',
    'NOOP\r\n',
    'EHLO x\r\nHELP\r\n',
    'x',
    'EHLO x\r\nMAIL FROM:<a@corp.example>\r\nRCPT TO:<slow-write@corp.example>\r\nBDAT 100000\r\n',
  ].map((text) => Buffer.from(text, 'latin1')),
  words: SMTP_WORDS,
  async run(input, random) {
    const dialogue = new DialogueHandler();
    const handler = new WatchedHandler(dialogue);
    const clock = new ManualClock();
    const deaf = random() < 0.5;
    const { socket, peer } = memorySocket();
    let over = false;
    const connection = new Connection(
      {
        clock,
        newId: () => 'session',
        admit: () => true,
        release: () => undefined,
        done: () => (over = true),
      },
      {
        rules: {
          hostname: 'mail.test',
          listener: { name: 'test', credentials: new Set(['password'] as const), plainAuthentication: true },
          // so that only buffers bound what is taken
          limits: { ...LIMITS, commands: 1e9, errors: 1e9, messageBytes: 1e9 },
          startTls: 'none',
          lineEndings: 'repair',
          handler,
          clock,
        },
        tls: undefined as ListenerTls | undefined,
        implicit: false,
        proxied: false,
      },
      socket,
    );
    connection.start(false);
    await turn();
    if (deaf) peer.pause();
    else peer.resume();
    peer.on('end', () => undefined);

    // the session as far as it goes, then its last line again and again
    const text = input.subarray(0, 4000);
    const last = text.subarray(text.lastIndexOf('\n', text.length - 2) + 1);
    const more = last.length === 0 ? Buffer.from('NOOP\r\n') : last;
    const flood = Buffer.concat(Array.from({ length: Math.ceil(CHUNK / more.length) }, () => more)).subarray(
      0,
      CHUNK,
    );
    let offered = 0;
    let still = 0;
    // octets that were taken since the handler was asked what it has not answered yet
    let waiting = { since: 0, question: -1 };
    peer.write(Buffer.from(text));
    for (let turns = 0; still < 6 && offered < OFFERED && turns < 2000 && !over && peer.writable; turns++) {
      if (!peer.writableNeedDrain) {
        peer.write(Buffer.from(flood));
        offered += flood.length;
        still = 0;
      } else still++;
      await turn();
      if (handler.pending === 0 || handler.asked !== waiting.question)
        waiting = { since: offered, question: handler.asked };
      const taken = offered - waiting.since;
      must(taken <= MOST_TAKEN, () => `${taken} octets were taken while the handler thinks: ${show(text)}`);
      must(
        socket.writableLength <= MOST_REPLIES,
        () => `${socket.writableLength} octets of replies wait: ${show(text)}`,
      );
    }
    const stuck = still >= 6 && !over;

    peer.destroy();
    for (let turns = 0; !over || handler.closings === 0; turns++) {
      must(turns < 1000, 'the session does not end');
      dialogue.release();
      await turn();
      clock.advance(1000);
      if (!over) connection.tick();
    }
    return `${deaf}${stuck}${offered >> 16}`;
  },
};

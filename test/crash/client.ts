/** Sends messages with identifiers of their own until the relay dies, and remembers which were answered 250. */
import { createHash } from 'node:crypto';
import net from 'node:net';

export interface SentMessage {
  id: string;
  bodyHash: string;
}

/** The record of a run: what the relay has answered for, and what it may or may not have. */
export class Ledger {
  /** Answered 250: must never be lost. */
  readonly accepted = new Map<string, SentMessage>();
  /** Sent whole, but the reply never came: either way is right. */
  readonly uncertain = new Map<string, SentMessage>();
  /** Replies other than 250 to a message, with their count. */
  readonly refused = new Map<string, number>();
  #next = 0;

  /** A body whose size and lines vary, some beginning with dots, some larger than what is kept in memory. */
  compose(): SentMessage & { text: string } {
    const n = this.#next++;
    const id = `crash-${process.pid}-${n}`;
    const lines = n % 97 === 0 ? 6000 : 1 + ((n * 7919) % 200);
    const body = Array.from(
      { length: lines },
      (_, i) => `${i % 13 === 0 ? '.' : ''}line ${i} of ${id} ${'x'.repeat(i % 60)}`,
    )
      .join('\r\n')
      .concat('\r\n');
    const bodyHash = createHash('sha256').update(body, 'latin1').digest('hex');
    const text = `From: <app@corp.test>\r\nTo: <user@dest.test>\r\nSubject: ${id}\r\nDate: ${new Date().toUTCString().replace('GMT', '+0000')}\r\nMessage-ID: <${id}@corp.test>\r\nX-Crash-Id: ${id}\r\n\r\n${body}`;
    return { id, bodyHash, text };
  }
}

/** Runs until the connection ends or `stopped` says so. */
export async function sendUntilDead(port: number, ledger: Ledger, stopped: () => boolean): Promise<void> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  let buffered = '';
  let waiting: ((reply: string | undefined) => void) | undefined;
  let ended = false;
  const end = (): void => {
    ended = true;
    waiting?.(undefined);
  };
  socket.on('error', end);
  socket.on('close', end);
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    buffered += text;
    deliver();
  });
  const deliver = (): void => {
    const match = /^(?:\d{3}-[^\n]*\n)*(\d{3} [^\n]*)\n/.exec(buffered);
    if (!match || !waiting) return;
    buffered = buffered.slice(match[0].length);
    waiting(match[1]?.trim());
  };
  const reply = (): Promise<string | undefined> =>
    new Promise((resolve) => {
      if (ended) return resolve(undefined);
      waiting = (value) => {
        waiting = undefined;
        resolve(value);
      };
      return deliver();
    });
  const say = (text: string): Promise<string | undefined> => {
    socket.write(text);
    return reply();
  };

  try {
    if ((await reply()) === undefined) return;
    if ((await say('EHLO crash.test\r\n')) === undefined) return;
    while (!stopped()) {
      const message = ledger.compose();
      for (const command of ['MAIL FROM:<app@corp.test>', 'RCPT TO:<user@dest.test>', 'DATA']) {
        const answer = await say(`${command}\r\n`);
        if (answer === undefined) return;
        if (answer.startsWith('4') || answer.startsWith('5')) {
          ledger.refused.set(answer, (ledger.refused.get(answer) ?? 0) + 1);
          await say('RSET\r\n');
          await new Promise((resolve) => setTimeout(resolve, 20));
          break;
        }
        if (command !== 'DATA') continue;
        const sent = { id: message.id, bodyHash: message.bodyHash };
        ledger.uncertain.set(sent.id, sent);
        const final = await say(`${message.text.replace(/^\./gm, '..')}.\r\n`);
        if (final === undefined) return;
        ledger.uncertain.delete(sent.id);
        if (final.startsWith('250')) ledger.accepted.set(sent.id, sent);
        else ledger.refused.set(final, (ledger.refused.get(final) ?? 0) + 1);
      }
    }
    await say('QUIT\r\n');
  } finally {
    socket.destroy();
  }
}

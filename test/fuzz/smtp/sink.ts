import type { Duplex } from 'node:stream';
import { chunked } from '../mutate.ts';
import { must, show } from '../target.ts';

/**
 * A next server that reads strictly, by itself, and replies as its script says: the n-th reply is the n-th part,
 * where an empty part is what a good server would say. When the script is at its end all is well.
 */
export class Sink {
  /** What arrived between 354 and the end of data, dots unstuffed. */
  readonly contents: Buffer[] = [];
  readonly #peer: Duplex;
  readonly #script: readonly Buffer[];
  readonly #random: () => number;
  #replies = 0;
  #input: Buffer = Buffer.alloc(0);
  #inData = false;
  #faults: string[] = [];
  /** Until now each command had exactly one reply; afterwards nobody can tell content from commands. */
  #inStep = true;

  constructor(peer: Duplex, script: readonly Buffer[], random: () => number) {
    this.#peer = peer;
    this.#script = script;
    this.#random = random;
    peer.on('data', (chunk: Buffer) => {
      this.#input = Buffer.concat([this.#input, chunk]);
      this.#work();
    });
    peer.on('end', () => peer.end());
    this.#reply('220 sink\r\n');
  }

  /** @param good nothing but good replies were said, so everything must have arrived */
  check(bodies: readonly Buffer[], good: boolean): void {
    const [fault] = this.#faults;
    must(fault === undefined, fault ?? '');
    const sent = bodies.map((body) => {
      // a dot after a bare CR or LF is stuffed too, in case the server takes that for a line
      const octets = Buffer.from(body.toString('latin1').replaceAll(/(\r|(?<!\r)\n)\./g, '$1..'), 'latin1');
      const content = Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), octets]);
      return content.subarray(-2).equals(Buffer.from('\r\n'))
        ? content
        : Buffer.concat([content, Buffer.from('\r\n')]);
    });
    for (const content of this.contents) {
      must(
        content.length === 0 || sent.some((one) => one.equals(content)),
        () => `arrived: ${show(content)}`,
      );
    }
    must(
      !good || this.contents.length === sent.length,
      `${this.contents.length} messages arrived of ${sent.length}`,
    );
  }

  #work(): void {
    for (;;) {
      if (this.#inData) {
        const lone = this.#input.subarray(0, 3).equals(Buffer.from('.\r\n'));
        const end = lone ? -2 : this.#input.indexOf('\r\n.\r\n');
        if (end === -1) return;
        const raw = this.#input.toString('latin1', 0, Math.max(0, end + 2));
        const lines = raw.split('\r\n').map((line) => (line.startsWith('.') ? line.slice(1) : line));
        if (this.#inStep) this.contents.push(Buffer.from(lines.join('\r\n'), 'latin1'));
        this.#input = this.#input.subarray(end + 5);
        this.#inData = false;
        this.#reply('250 2.0.0 taken\r\n');
        continue;
      }
      const end = this.#input.indexOf('\n');
      if (end < 0) return;
      const line = this.#input.toString('latin1', 0, end + 1);
      this.#input = this.#input.subarray(end + 1);
      this.#command(line);
    }
  }

  #command(line: string): void {
    if (
      this.#inStep &&
      !/^(?:EHLO relay\.test|HELO relay\.test|MAIL FROM:<[!-;=?-~]*>[ -~]*|RCPT TO:<[!-;=?-~]+>[ -~]*|DATA|RSET|QUIT|AUTH [ -~]+|[A-Za-z0-9+/=]*|\.)\r\n$/.test(
        line,
      )
    ) {
      this.#faults.push(`no command: ${show(line)}`);
    }
    const verb = line.slice(0, 4).trim();
    if (verb === 'EHLO') this.#reply('250-sink\r\n250-PIPELINING\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n');
    else if (verb === 'AUTH') this.#reply('235 2.7.0 ok\r\n');
    else if (verb === 'DATA') this.#reply('354 go\r\n', true);
    else {
      this.#reply(verb === 'QUIT' ? '221 2.0.0 bye\r\n' : '250 2.0.0 ok\r\n');
      if (verb === 'QUIT') this.#peer.end();
    }
  }

  #reply(good: string, data = false): void {
    const scripted = this.#script[this.#replies++];
    const text = scripted === undefined || scripted.length === 0 ? Buffer.from(good) : scripted;
    const code = regularCode(text.toString('latin1'));
    if (code === 0) this.#inStep = false;
    // before the reply is written: the client may answer it in the same turn
    this.#inData = data && code >= 300 && code < 400;
    if (!this.#peer.writable) return;
    for (const chunk of this.#random() < 0.8
      ? [Buffer.from(text)]
      : chunked(text.subarray(0, 5000), this.#random))
      this.#peer.write(chunk);
  }
}

/** The code if this is one reply, whole and with nothing behind it. */
function regularCode(text: string): number {
  const found = /^(?:([2-5]\d\d)-[^\r\n]{0,400}\r\n)*([2-5]\d\d)(?: [^\r\n]{0,400})?\r\n$/.exec(text);
  return found &&
    (found[1] === undefined ||
      text.split('\r\n').every((line) => line === '' || line.startsWith(found[1] ?? '')))
    ? Number(found[2])
    : 0;
}

/** Messages at a steady rate over a few connections; measures from the end of the data to the reply. */
import net from 'node:net';

export interface PacedResult {
  sent: number;
  refused: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  most: number;
}

export async function pacedLoad(options: {
  port: number;
  perSecond: number;
  seconds: number;
  connections: number;
  bytes: number;
}): Promise<PacedResult> {
  const line = 'The quick brown fox jumps over the lazy dog, and the device sends its report.\r\n';
  const body = line.repeat(Math.round(options.bytes / line.length));
  const clients = await Promise.all(
    Array.from({ length: options.connections }, () => Client.open(options.port)),
  );
  const idle = [...clients];
  const waiting: ((client: Client) => void)[] = [];
  const latencies: number[] = [];
  let refused = 0;
  const running: Promise<void>[] = [];
  const total = options.perSecond * options.seconds;
  const start = performance.now();
  for (let n = 0; n < total; n++) {
    const due = start + (n * 1000) / options.perSecond;
    while (performance.now() < due)
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    // in turn: one connection would reach the bound on its commands
    const client = idle.shift() ?? (await new Promise<Client>((resolve) => waiting.push(resolve)));
    running.push(
      client.message(n, body).then(({ code, ms }) => {
        latencies.push(ms);
        if (code !== 250) refused++;
        const next = waiting.shift();
        if (next) next(client);
        else idle.push(client);
      }),
    );
  }
  await Promise.all(running);
  for (const client of clients) client.end();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    Number((latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0).toFixed(2));
  return { sent: latencies.length, refused, p50: at(0.5), p99: at(0.99), most: at(1) };
}

/** One SMTP connection of a load. */
export class Client {
  readonly #socket: net.Socket;
  readonly #replies: { resolve(code: number): void; reject(error: Error): void }[] = [];
  #buffered = '';
  #closed = false;

  static async open(port: number): Promise<Client> {
    const client = new Client(net.connect({ host: '127.0.0.1', port, noDelay: true }));
    await client.#reply();
    await client.#say('EHLO bench.test\r\n');
    return client;
  }

  private constructor(socket: net.Socket) {
    this.#socket = socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#buffered += text;
      for (;;) {
        const match = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: [^\n]*)?\r?\n/.exec(this.#buffered);
        if (!match) return;
        this.#buffered = this.#buffered.slice(match[0].length);
        this.#replies.shift()?.resolve(Number(match[1]));
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#closed = true;
      for (const { reject } of this.#replies.splice(0)) reject(new Error('the relay closed the connection'));
    });
  }

  #reply(): Promise<number> {
    if (this.#closed) return Promise.reject(new Error('the connection is closed'));
    return new Promise((resolve, reject) => this.#replies.push({ resolve, reject }));
  }

  #say(text: string): Promise<number> {
    const reply = this.#reply();
    this.#socket.write(text);
    return reply;
  }

  message(n: number, body: string): Promise<{ code: number; ms: number }> {
    const id = `paced-${process.pid}-${n}`;
    const text = `From: <app@corp.test>\r\nTo: <user@dest.test>\r\nSubject: report ${n}\r\nDate: ${new Date().toUTCString().replace('GMT', '+0000')}\r\nMessage-ID: <${id}@corp.test>\r\nX-Bench-Id: ${id}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n${body}`;
    return this.transaction('app@corp.test', 'user@dest.test', text);
  }

  /** Milliseconds from the end of the data to the reply. @param text whole, with CRLF at its end and without dots to stuff */
  async transaction(from: string, to: string, text: string): Promise<{ code: number; ms: number }> {
    if (this.#closed) throw new Error('the connection is closed');
    const envelope = [this.#reply(), this.#reply(), this.#reply()];
    this.#socket.write(`MAIL FROM:<${from}>\r\nRCPT TO:<${to}>\r\nDATA\r\n`);
    const codes = await Promise.all(envelope);
    if (codes[2] !== 354) return { code: codes[2] ?? 0, ms: 0 };
    const start = performance.now();
    const code = await this.#say(`${text}.\r\n`);
    return { code, ms: performance.now() - start };
  }

  end(): void {
    this.#socket.end('QUIT\r\n');
  }
}

/** A client that says what a story tells it to, and nothing else: no pipelining, no dot-stuffing, no manners. */
import net from 'node:net';
import tls from 'node:tls';

export interface Mail {
  from: string;
  to: string[];
  /** Header section, empty line and body; line ends as they are to be on the wire, and one at the end. */
  content: string | Buffer;
}

const PATIENCE_MS = 20_000;

export class SmtpDialogue {
  #socket: net.Socket;
  #buffered = '';
  #ended = false;
  #wake = (): void => {};

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#listen(socket);
  }

  /** Connects and takes the greeting. @param options.clientAddress IPv4, said by PROXY protocol */
  static async connect(
    port: number,
    options: { implicitTls?: boolean; clientAddress?: string } = {},
  ): Promise<SmtpDialogue> {
    const socket = options.implicitTls
      ? tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : net.connect({ port, host: '127.0.0.1' });
    const client = new SmtpDialogue(socket);
    if (options.clientAddress !== undefined)
      client.write(`PROXY TCP4 ${options.clientAddress} 127.0.0.1 40000 25\r\n`);
    await client.reply();
    return client;
  }

  /** The next whole reply, its lines joined by line feeds. */
  async reply(): Promise<string> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const whole = /^(?:\d{3}-[^\n]*\r\n)*\d{3}(?: [^\n]*)?\r\n/.exec(this.#buffered)?.[0];
      if (whole !== undefined) {
        this.#buffered = this.#buffered.slice(whole.length);
        return whole.trimEnd().replaceAll('\r\n', '\n');
      }
      if (this.#ended) throw new Error(`the connection has ended after ${JSON.stringify(this.#buffered)}`);
      if (Date.now() > end) throw new Error('no reply in time');
      await this.#news(end);
    }
  }

  write(octets: string | Buffer): void {
    this.#socket.write(octets);
  }

  say(line: string): Promise<string> {
    this.write(`${line}\r\n`);
    return this.reply();
  }

  hello(): Promise<string> {
    return this.say('EHLO client.test');
  }

  /** @param own a certificate of the client's own, PEM */
  async startTls(own: { cert?: string; key?: string } = {}): Promise<string> {
    const answer = await this.say('STARTTLS');
    if (!answer.startsWith('220')) return answer;
    this.#socket.removeAllListeners();
    const secured = tls.connect({ socket: this.#socket, rejectUnauthorized: false, ...own });
    await new Promise<void>((resolve, reject) => {
      secured.once('secureConnect', resolve).once('error', reject);
    });
    this.#socket = secured;
    this.#listen(secured);
    return answer;
  }

  login(account: string, password: string): Promise<string> {
    return this.say(`AUTH PLAIN ${Buffer.from(`\0${account}\0${password}`).toString('base64')}`);
  }

  /** One transaction; answers the first refusal, or the reply to the message. */
  async send({ from, to, content }: Mail): Promise<string> {
    for (const command of [`MAIL FROM:<${from}>`, ...to.map((address) => `RCPT TO:<${address}>`), 'DATA']) {
      const answer = await this.say(command);
      if (!/^[23]/.test(answer)) return answer;
    }
    this.write(content);
    return this.say('.');
  }

  /** Resolves when the other side has closed. */
  async closed(): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    while (!this.#ended) {
      if (Date.now() > end) throw new Error('the connection is still open');
      await this.#news(end);
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #listen(socket: net.Socket): void {
    const ended = (): void => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('data', (chunk: Buffer) => {
      this.#buffered += chunk.toString('latin1');
      this.#wake();
    });
    // what a story has to know of an error it learns from the missing reply
    socket.on('error', ended);
    socket.on('end', ended);
    socket.on('close', ended);
  }

  #news(end: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, end - Date.now());
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** A plain message with the header fields that are given. */
export function plainMessage(fields: string[], body = 'Text.\r\n'): string {
  return `${[...fields, ''].join('\r\n')}\r\n${body}`;
}

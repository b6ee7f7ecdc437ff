/** A client for what the others can not do: SCRAM, and its binding to the TLS connection (RFC 5802, 7677, 9266). */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import type { Security } from './clients.ts';
import type { Sample } from './sample.ts';

export type Binding = 'tls-exporter' | 'tls-server-end-point';

export interface ScramJob {
  port: number;
  tls: Security;
  account: string;
  password: string;
  /** PEM of the certificate that is trusted. */
  ca: string;
  /** Absent: SCRAM-SHA-256 without channel binding. */
  binding?: Binding;
  /** What is bound to instead of this connection, as somebody in the middle would. */
  bound?: Buffer;
}

export interface Reply {
  code: number;
  lines: string[];
}

/** One connection, one command after another. */
export class ScramClient {
  #socket: net.Socket;
  #received = '';
  #wake: () => void = () => {};

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#read();
  }

  /** Connects, goes to TLS if it shall, and has said EHLO at the end. */
  static async open({ port, tls: security, ca }: ScramJob): Promise<ScramClient> {
    const trust = { ca, host: '127.0.0.1' };
    const socket =
      security === 'implicit' ? tls.connect({ ...trust, port }) : net.connect({ port, host: '127.0.0.1' });
    const client = new ScramClient(socket);
    expect(220, await client.reply());
    expect(250, await client.say('EHLO client.test'));
    if (security === 'starttls') {
      expect(220, await client.say('STARTTLS'));
      socket.removeAllListeners('data');
      client.#socket = tls.connect({ ...trust, socket });
      client.#read();
      expect(250, await client.say('EHLO client.test'));
    }
    return client;
  }

  #read(): void {
    const wake = (): void => this.#wake();
    this.#socket.on('error', wake).on('close', wake);
    this.#socket.on('data', (octets: Buffer) => {
      this.#received += octets.toString();
      wake();
    });
  }

  async reply(): Promise<Reply> {
    for (;;) {
      const whole = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/.exec(this.#received)?.[0];
      if (whole !== undefined) {
        this.#received = this.#received.slice(whole.length);
        const lines = whole.trimEnd().split('\r\n');
        return { code: Number(whole.slice(0, 3)), lines: lines.map((line) => line.slice(4)) };
      }
      if (this.#socket.destroyed) throw new Error(`the server has closed: ${this.#socket.errored?.message}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  say(line: string): Promise<Reply> {
    this.#socket.write(`${line}\r\n`);
    return this.reply();
  }

  /** Answers the reply that ends the exchange. @throws when the server does not prove that it knows the password. */
  async authenticate({ account, password, binding, bound }: ScramJob): Promise<Reply> {
    const header = binding === undefined ? 'n,,' : `p=${binding},,`;
    const channel = bound ?? (binding === undefined ? Buffer.alloc(0) : this.#channel(binding));
    const first = `n=${account},r=${randomBytes(18).toString('base64')}`;
    const mechanism = binding === undefined ? 'SCRAM-SHA-256' : 'SCRAM-SHA-256-PLUS';
    const challenge = await this.say(`AUTH ${mechanism} ${base64(header + first)}`);
    if (challenge.code !== 334) return challenge;

    const serverFirst = Buffer.from(challenge.lines[0] ?? '', 'base64').toString();
    const [, nonce = '', salt = '', iterations = ''] =
      /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(serverFirst) ?? [];
    const withoutProof = `c=${Buffer.concat([Buffer.from(header), channel]).toString('base64')},r=${nonce}`;
    const text = `${first},${serverFirst},${withoutProof}`;
    const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
    const key = mac(salted, 'Client Key');
    const signature = mac(createHash('sha256').update(key).digest(), text);
    const proof = Buffer.from(key.map((octet, at) => octet ^ (signature[at] ?? 0)));
    const last = await this.say(base64(`${withoutProof},p=${proof.toString('base64')}`));
    if (last.code !== 334) return last;
    if (last.lines[0] !== base64(`v=${mac(mac(salted, 'Server Key'), text).toString('base64')}`)) {
      throw new Error('the server does not know the password');
    }
    // RFC 4954 §4: an empty answer to a challenge that asks nothing
    return this.say('');
  }

  /** RFC 9266 §2, RFC 5929 §4.1 */
  #channel(binding: Binding): Buffer {
    const socket = this.#socket as tls.TLSSocket;
    if (binding === 'tls-exporter') {
      return socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
    }
    return createHash('sha256').update(socket.getPeerCertificate().raw).digest();
  }

  async send({ from, to, whole }: Sample): Promise<void> {
    expect(250, await this.say(`MAIL FROM:<${from}> BODY=8BITMIME SIZE=${whole.length}`));
    expect(250, await this.say(`RCPT TO:<${to}>`));
    expect(354, await this.say('DATA'));
    this.#socket.write(Buffer.from(whole.toString('latin1').replace(/^\./gm, '..'), 'latin1'));
    expect(250, await this.say('.'));
    expect(221, await this.say('QUIT'));
  }

  close(): void {
    this.#socket.destroy();
  }
}

function expect(code: number, reply: Reply): void {
  if (reply.code !== code) throw new Error(`expected ${code}, got ${reply.code} ${reply.lines.join(' | ')}`);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const mac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

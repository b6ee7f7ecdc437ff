/** A next hop that does as it is told: takes mail, refuses it, or breaks off at a chosen point of the protocol. */
import net from 'node:net';
import tls from 'node:tls';

export type ProtocolPoint =
  | 'connect'
  | 'EHLO'
  | 'STARTTLS'
  | 'TLS'
  | 'AUTH'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'content'
  | 'dot'
  | 'after-dot'
  | 'RSET'
  | 'QUIT';

export type FaultAction = 'close' | '421' | 'rst' | 'stall';

export interface ScriptedOptions {
  extensions?: string[];
  fault?: { point: ProtocolPoint; action: FaultAction; times?: number };
  /** What to answer to a line instead of the usual; the line of a final dot is `.`. */
  reply?(line: string, connection: number): string | undefined;
  /** Sends each octet of a reply on its own. */
  byteWise?: boolean;
  tls?: { key: string; cert: string };
  implicitTls?: boolean;
  login?: { username: string; password: string };
}

export interface ReceivedMessage {
  mail: string;
  recipients: string[];
  /** Dots unstuffed. */
  content: string;
  connection: number;
  encrypted: boolean;
}

export const USUAL_EXTENSIONS = ['PIPELINING', '8BITMIME', 'SIZE 10485760', 'DSN', 'SMTPUTF8'];

export class ScriptedServer {
  readonly messages: ReceivedMessage[] = [];
  /** Every line received but content, with the connection's number before it. */
  readonly lines: string[] = [];
  /** What each read of a socket brought, unencrypted connections only. */
  readonly reads: string[] = [];
  connections = 0;
  open = 0;
  mostOpen = 0;
  options: ScriptedOptions;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  constructor(options: ScriptedOptions = {}) {
    this.options = options;
    this.#server = net.createServer((socket) => this.#accept(socket));
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    return this;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #accept(socket: net.Socket): void {
    const number = ++this.connections;
    this.mostOpen = Math.max(this.mostOpen, ++this.open);
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.open--;
      this.#sockets.delete(socket);
    });
    if (this.options.implicitTls) this.#secure(socket, number, true);
    else this.#converse(socket, socket, number, false, true);
  }

  #secure(socket: net.Socket, number: number, greet: boolean): void {
    if (this.#fault('TLS', socket)) return;
    const secured = new tls.TLSSocket(socket, {
      isServer: true,
      secureContext: tls.createSecureContext(this.options.tls),
    });
    secured.on('error', () => socket.destroy());
    this.#converse(secured, socket, number, true, greet);
  }

  /** Carries out the fault when it is this point's turn; true when nothing more is to be said. */
  #fault(point: ProtocolPoint, socket: net.Socket, raw = socket): boolean {
    const { fault } = this.options;
    if (fault?.point !== point || fault.times === 0) return false;
    if (fault.times !== undefined) fault.times--;
    if (fault.action === '421') socket.end('421 4.3.2 closing\r\n');
    else if (fault.action === 'rst') raw.resetAndDestroy();
    else if (fault.action === 'close') socket.end();
    return true;
  }

  #converse(socket: net.Socket, raw: net.Socket, number: number, encrypted: boolean, greet: boolean): void {
    let buffered = '';
    let inData = false;
    let dead = false;
    let mail = '';
    let recipients: string[] = [];
    let sasl: ((line: string) => string) | undefined;
    const say = (text: string): void => {
      if (!this.options.byteWise) socket.write(`${text}\r\n`);
      else for (const octet of `${text}\r\n`) socket.write(octet);
    };
    const stop = (point: ProtocolPoint): boolean => {
      dead = this.#fault(point, socket, raw);
      return dead;
    };
    if (greet && !stop('connect')) say(this.options.reply?.('', number) ?? '220 sink ESMTP');

    const command = (line: string): void => {
      this.lines.push(`${number} ${line}`);
      if (sasl) {
        const answer = sasl(line);
        if (!answer.startsWith('334')) sasl = undefined;
        return say(answer);
      }
      const verb = line.slice(0, 4).toUpperCase();
      const point = { STAR: 'STARTTLS', HELO: 'EHLO' }[verb] ?? verb;
      if (stop(point as ProtocolPoint)) return;
      if (verb === 'MAIL' || verb === 'RSET' || verb === 'EHLO') {
        mail = '';
        recipients = [];
      }
      const scripted = this.options.reply?.(line, number);
      if (scripted !== undefined && !scripted.startsWith('2')) return say(scripted);
      switch (verb) {
        case 'EHLO': {
          const offered = this.options.extensions ?? USUAL_EXTENSIONS;
          const all = [
            'sink',
            ...offered,
            ...(this.options.tls && !encrypted ? ['STARTTLS'] : []),
            ...(this.options.login ? ['AUTH PLAIN LOGIN'] : []),
          ];
          return say(
            scripted ?? all.map((name, i) => `250${i === all.length - 1 ? ' ' : '-'}${name}`).join('\r\n'),
          );
        }
        case 'STAR':
          dead = true;
          socket.removeAllListeners('data');
          say(scripted ?? '220 2.0.0 go');
          return this.#secure(socket, number, false);
        case 'AUTH':
          sasl = this.#authenticate(line);
          return command('');
        case 'MAIL':
          mail = line;
          return say(scripted ?? '250 2.1.0 ok');
        case 'RCPT':
          if (mail === '') return say('503 5.5.1 MAIL first');
          recipients.push(line);
          return say(scripted ?? '250 2.1.5 ok');
        case 'DATA':
          if (recipients.length === 0) return say('503 5.5.1 no recipient');
          inData = true;
          return say('354 go');
        case 'QUIT':
          say('221 2.0.0 bye');
          socket.end();
          return undefined;
        default:
          return say(scripted ?? '250 2.0.0 ok');
      }
    };

    socket.on('data', (chunk: Buffer) => {
      if (!encrypted) this.reads.push(chunk.toString('latin1'));
      buffered += chunk.toString('latin1');
      while (!dead) {
        if (inData) {
          if (this.options.fault?.point === 'content' && buffered.length > 0 && stop('content')) return;
          const lone = buffered.startsWith('.\r\n');
          const end = lone ? 0 : buffered.indexOf('\r\n.\r\n');
          if (end < 0) return;
          const content = lone ? '' : buffered.slice(0, end + 2).replace(/^\./gm, '');
          buffered = buffered.slice(end + (lone ? 3 : 5));
          inData = false;
          if (stop('dot')) return;
          const scripted = this.options.reply?.('.', number);
          if (scripted === undefined || scripted.startsWith('2')) {
            this.messages.push({ mail, recipients, content, connection: number, encrypted });
          }
          if (stop('after-dot')) return;
          say(scripted ?? '250 2.0.0 taken');
        } else {
          const end = buffered.indexOf('\r\n');
          if (end < 0) return;
          const line = buffered.slice(0, end);
          buffered = buffered.slice(end + 2);
          command(line);
        }
      }
    });
    socket.on('error', () => {});
  }

  #authenticate(first: string): (line: string) => string {
    const { username, password } = this.options.login ?? { username: '', password: '' };
    const plain = Buffer.from(`\0${username}\0${password}`).toString('base64');
    return () => (first === `AUTH PLAIN ${plain}` ? '235 2.7.0 ok' : '535 5.7.8 wrong');
  }
}

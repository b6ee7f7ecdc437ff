/** The next hop of the crash stories: remembers what arrived, octet for octet, and can be made unreliable. */
import { createHash } from 'node:crypto';
import net from 'node:net';

const END = Buffer.from('\r\n.\r\n');

export interface Arrival {
  /** How often it was answered 250. */
  times: number;
  /** SHA-256 of the body, dots unstuffed. */
  bodyHash: string;
  subject: string;
  signed: boolean;
  /** Wall times of the 250, milliseconds. */
  at: number[];
}

export interface SinkFaults {
  /** Share of messages answered 451 after the data. */
  defer: number;
  /** Share of connections cut after the data, before the reply. */
  cut: number;
}

export class CrashSink {
  readonly arrivals = new Map<string, Arrival>();
  faults: SinkFaults = { defer: 0, cut: 0 };
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  constructor() {
    this.#server = net.createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as net.AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {}); // a killed relay resets its connections
    socket.write('220 sink ESMTP\r\n');
    let pending: Buffer = Buffer.alloc(0);
    let inData = false;
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      for (;;) {
        if (inData) {
          const end = pending.indexOf(END);
          if (end < 0) return;
          const message = pending.subarray(0, end + 2);
          pending = pending.subarray(end + 5);
          inData = false;
          if (Math.random() < this.faults.cut) {
            socket.destroy();
            return;
          }
          if (Math.random() < this.faults.defer) {
            socket.write('451 4.3.0 later\r\n');
            continue;
          }
          this.#record(message);
          socket.write('250 2.0.0 taken\r\n');
          continue;
        }
        const end = pending.indexOf(10);
        if (end < 0) return;
        const verb = pending.toString('latin1', 0, Math.min(end, 4)).toUpperCase();
        pending = pending.subarray(end + 1);
        if (verb === 'EHLO')
          socket.write('250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 100000000\r\n');
        else if (verb === 'DATA') {
          inData = true;
          socket.write('354 go\r\n');
        } else if (verb === 'QUIT') {
          socket.end('221 bye\r\n');
          return;
        } else socket.write('250 2.0.0 ok\r\n');
      }
    });
  }

  #record(message: Buffer): void {
    const split = message.indexOf('\r\n\r\n');
    const head = message.toString('latin1', 0, split);
    const id = /^X-Crash-Id: (\S+)/im.exec(head)?.[1];
    if (id === undefined) return; // a bounce or a delay notice of the relay itself
    const body = message.toString('latin1', split + 4).replace(/^\.\./gm, '.');
    const bodyHash = createHash('sha256').update(body, 'latin1').digest('hex');
    const known = this.arrivals.get(id);
    if (known) {
      known.times++;
      known.at.push(Date.now());
      // a second copy must be the same message
      if (known.bodyHash !== bodyHash) known.bodyHash = 'differs';
      return;
    }
    this.arrivals.set(id, {
      times: 1,
      bodyHash,
      subject: /^Subject: ([^\r]*)/im.exec(head)?.[1] ?? '',
      signed: /^DKIM-Signature:/im.test(head),
      at: [Date.now()],
    });
  }
}

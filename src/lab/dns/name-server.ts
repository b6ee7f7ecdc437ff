/** A name server for loopback, over UDP and TCP, that knows one set of records and nothing else. */
import dgram from 'node:dgram';
import net, { type AddressInfo } from 'node:net';
import { readQuestion, writeResponse } from './message.ts';
import type { Zone } from './zone.ts';

const HOST = '127.0.0.1';
const TCP_LONGEST = 65_535;
/** A client that asks nothing is not kept. */
const TCP_IDLE_MS = 10_000;
const TCP_CONNECTIONS = 50;
/** Tries to find a port that is free for both. */
const TRIES = 20;

export class NameServer {
  readonly #zone: Zone;
  readonly #connections = new Set<net.Socket>();
  #udp: dgram.Socket | undefined;
  #tcp: net.Server | undefined;
  #port = 0;

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  /** @param port 0 takes any that is free for UDP and TCP. Rejects with the system's error. */
  async listen(port: number): Promise<void> {
    for (let tries = port === 0 ? TRIES : 1; ; tries--) {
      try {
        await this.#open(port);
        return;
      } catch (error) {
        await this.close();
        if (tries <= 1) throw error;
      }
    }
  }

  get port(): number {
    return this.#port;
  }

  get address(): string {
    return `${HOST}:${this.#port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    const { udp, tcp } = { udp: this.#udp, tcp: this.#tcp };
    this.#udp = undefined;
    this.#tcp = undefined;
    if (udp) await new Promise<void>((resolve) => udp.close(() => resolve()));
    if (tcp?.listening) await new Promise<void>((resolve) => tcp.close(() => resolve()));
  }

  async #open(port: number): Promise<void> {
    const tcp = net.createServer((socket) => this.#serve(socket));
    tcp.maxConnections = TCP_CONNECTIONS;
    this.#tcp = tcp;
    await new Promise<void>((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen({ host: HOST, port }, () => {
        tcp.removeListener('error', reject);
        tcp.on('error', () => undefined);
        resolve();
      });
    });
    this.#port = (tcp.address() as AddressInfo).port;
    const udp = dgram.createSocket('udp4');
    this.#udp = udp;
    udp.on('message', (query, from) => {
      const answer = this.#answer(query, 'udp');
      // a client that has gone learns nothing, and nobody else does
      if (answer) udp.send(answer, from.port, from.address, () => undefined);
    });
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind({ port: this.#port, address: HOST }, () => {
        udp.removeListener('error', reject);
        udp.on('error', () => undefined);
        resolve();
      });
    });
  }

  /** RFC 1035 §4.2.2: each message after its length in two octets. */
  #serve(socket: net.Socket): void {
    let input: Buffer = Buffer.alloc(0);
    this.#connections.add(socket);
    socket.setTimeout(TCP_IDLE_MS, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.once('close', () => this.#connections.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      input = Buffer.concat([input, chunk]);
      while (input.length >= 2 && input.length >= 2 + input.readUInt16BE(0)) {
        const end = 2 + input.readUInt16BE(0);
        const answer = this.#answer(input.subarray(2, end), 'tcp');
        input = input.subarray(end);
        if (!answer) {
          socket.destroy();
          return;
        }
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        socket.write(Buffer.concat([length, answer]));
      }
    });
  }

  #answer(query: Buffer, by: 'udp' | 'tcp'): Buffer | undefined {
    const question = readQuestion(query);
    if (!question) return undefined;
    const most = by === 'tcp' ? TCP_LONGEST : question.udpSize;
    if (question.opcode !== 0) return writeResponse(question, 'not-implemented', [], most);
    const { name, type } = question;
    const values = type === undefined ? [] : this.#zone.get(name, type);
    const found = values.length > 0 || this.#zone.exists(name);
    return writeResponse(question, found ? 'no-error' : 'no-such-name', values, most);
  }
}

import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import type { Outside } from './outside.ts';
import { systemDialer } from '../platform/dialer.ts';

export interface SeenRequest {
  url: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export interface Canned {
  status: number;
  headers?: Record<string, string>;
  body?: string;
  /** Never answers. */
  silent?: boolean;
}

/** For tests: an HTTP server that answers what it was told to, the last answer again and again. */
export class AnsweringServer {
  readonly seen: SeenRequest[] = [];
  answers: Canned[] = [{ status: 200 }];
  readonly #server: http.Server;

  constructor(certificate?: { key: string; cert: string }) {
    const handle: http.RequestListener = (request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        this.seen.push({ url: request.url ?? '', headers: request.headers, body });
        const answer = (this.answers.length > 1 ? this.answers.shift() : this.answers[0]) ?? { status: 200 };
        if (answer.silent) return;
        response.writeHead(answer.status, answer.headers).end(answer.body);
      });
    };
    this.#server = certificate ? https.createServer(certificate, handle) : http.createServer(handle);
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** For tests: a syslog receiver over TLS that reads octet counting as RFC 5425 §4.3 has it. */
export class SyslogReceiver {
  readonly messages: string[] = [];
  /** What did not follow the framing. */
  readonly broken: string[] = [];
  readonly #server: tls.Server;
  readonly #sockets: net.Socket[] = [];

  constructor(certificate: { key: string; cert: string }) {
    this.#server = tls.createServer(certificate, (socket) => {
      this.#sockets.push(socket);
      socket.on('error', () => {});
      let rest: Buffer = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        rest = Buffer.concat([rest, chunk]);
        for (;;) {
          const space = rest.indexOf(' ');
          if (space < 0) return;
          const count = rest.subarray(0, space).toString();
          if (!/^[1-9]\d*$/.test(count)) {
            this.broken.push(count);
            socket.destroy();
            return;
          }
          const end = space + 1 + Number(count);
          if (rest.length < end) return;
          this.messages.push(rest.subarray(space + 1, end).toString());
          rest = rest.subarray(end);
        }
      });
    });
    this.#server.on('tlsClientError', () => {});
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** For tests: names as the test has them. */
export function outsideOf(names: Record<string, string[]> = {}): Outside & { dialled: string[] } {
  const dialled: string[] = [];
  return {
    dialled,
    dialer: {
      connect(options) {
        dialled.push(options.host);
        return systemDialer.connect(options);
      },
    },
    resolver: { addresses: async (host) => names[host] ?? [] },
  };
}

/** Asks until it is so. */
export async function until(check: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!check()) {
    if (Date.now() > end) throw new Error('it did not come to be');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * A directory server on loopback that does as it is told. It reads and writes BER with code of its own, so that an
 * error of the client's can not cancel itself out.
 */
import net from 'node:net';
import tls from 'node:tls';

export interface LdapRequest {
  id: number;
  /** Tag of the operation: 0x60 bind, 0x63 search, 0x77 extended, 0x42 unbind. */
  op: number;
  /** What the operation holds, element by element. */
  parts: { tag: number; value: Buffer }[];
  encrypted: boolean;
}

export interface LdapServerOptions {
  key: string;
  cert: string;
  implicitTls?: boolean;
  /** Answers octets to send, instead of the usual: success to everything, and one entry when `entries` has it. */
  reply?(request: LdapRequest): Buffer[] | undefined;
  /** Raw octets of the search filter that find an entry. */
  finds?(filter: Buffer): boolean;
}

export function element(tag: number, ...parts: (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

/** An LDAPMessage; the number as servers write it, with a leading zero octet that is not needed. */
export function message(id: number, op: Buffer): Buffer {
  return element(0x30, element(0x02, Buffer.from([0, id])), op);
}

/** An LDAPResult of the given operation. */
export function result(op: number, code: number, text = ''): Buffer {
  return element(op, element(0x0a, Buffer.from([code])), element(0x04), element(0x04, text));
}

export function entry(dn: string): Buffer {
  return element(0x64, element(0x04, dn), element(0x30));
}

export class LdapServer {
  readonly requests: LdapRequest[] = [];
  connections = 0;
  options: LdapServerOptions;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  constructor(options: LdapServerOptions) {
    this.options = options;
    this.#server = net.createServer((socket) => this.#accept(socket));
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return this;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  /** Ends all connections, as a server does with those that are idle. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hangUp();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #accept(socket: net.Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    if (this.options.implicitTls) this.#secure(socket);
    else this.#converse(socket, false);
  }

  #secure(socket: net.Socket): void {
    const { key, cert } = this.options;
    const secured = new tls.TLSSocket(socket, {
      isServer: true,
      secureContext: tls.createSecureContext({ key, cert }),
    });
    secured.on('error', () => socket.destroy());
    this.#converse(secured, true);
  }

  #converse(socket: net.Socket, encrypted: boolean): void {
    let received = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        const first = take(received);
        if (!first) return;
        received = received.subarray(first.end);
        const [id, op] = parts(first.value);
        if (!id || !op) return;
        const request: LdapRequest = {
          id: id.value.readUIntBE(0, id.value.length),
          op: op.tag,
          parts: op.tag === 0x42 ? [] : parts(op.value),
          encrypted,
        };
        this.requests.push(request);
        const scripted = this.options.reply?.(request);
        for (const octets of scripted ?? this.#usual(request)) socket.write(octets);
        if (request.op === 0x77 && !scripted) {
          socket.off('data', read);
          this.#secure(socket);
          return;
        }
        if (request.op === 0x42) socket.end();
      }
    };
    socket.on('data', read);
  }

  #usual({ id, op, parts: [, , , , , , filter] }: LdapRequest): Buffer[] {
    if (op === 0x60) return [message(id, result(0x61, 0))];
    if (op === 0x77) return [message(id, result(0x78, 0))];
    if (op !== 0x63 || !filter) return [];
    const found = this.options.finds?.(element(filter.tag, filter.value)) ?? false;
    return [...(found ? [message(id, entry('cn=somebody'))] : []), message(id, result(0x65, 0))];
  }
}

function take(bytes: Buffer): { tag: number; value: Buffer; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const first = bytes[1] as number;
  const size = first < 128 ? 0 : first - 128;
  if (bytes.length < 2 + size) return undefined;
  const length = size === 0 ? first : bytes.readUIntBE(2, size);
  const end = 2 + size + length;
  if (bytes.length < end) return undefined;
  return { tag: bytes[0] as number, value: bytes.subarray(2 + size, end), end };
}

function parts(bytes: Buffer): { tag: number; value: Buffer }[] {
  const found: { tag: number; value: Buffer }[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const next = take(rest);
    if (!next) throw new Error('the client sent an element that is cut off');
    found.push(next);
    rest = rest.subarray(next.end);
  }
  return found;
}

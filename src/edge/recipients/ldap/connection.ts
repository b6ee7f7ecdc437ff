/**
 * One connection to a directory server: LDAPv3 (RFC 4511) as far as a search for one entry needs it, over TLS always.
 */
import type net from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Clock, Timer } from '../../../platform/clock.ts';
import type { Dialer } from '../../../platform/dialer.ts';
import { secure } from '../../../smtp/client/tls.ts';
import {
  BerError,
  BerReader,
  elementLength,
  encode,
  encodeBoolean,
  encodeInteger,
  encodeText,
  TAG,
} from './ber.ts';

export interface LdapServer {
  host: string;
  port: number;
  /** From the first octet (`ldaps`), or by StartTLS. */
  implicitTls: boolean;
}

export interface LdapOptions {
  dialer: Dialer;
  clock: Clock;
  /** For each step: connection, handshake, bind, search. */
  timeoutMs: number;
  /** Trusted roots; absent: the well-known ones. */
  context?: SecureContext;
  /** Absent: anonymous. */
  bind?: { dn: string; password: string };
}

/** The server could not be asked, or gave no answer that can be used; the message is for a person. */
export class LdapError extends Error {
  /** The connection is of no use any more. */
  readonly lost: boolean;
  constructor(message: string, lost: boolean, options?: ErrorOptions) {
    super(message, options);
    this.lost = lost;
  }
}

const OP = {
  bindRequest: 0x60,
  bindResponse: 0x61,
  unbind: 0x42,
  searchRequest: 0x63,
  entry: 0x64,
  done: 0x65,
  reference: 0x73,
  extendedRequest: 0x77,
  extendedResponse: 0x78,
} as const;

const RESULT = { success: 0, sizeLimitExceeded: 4 } as const;
const START_TLS = '1.3.6.1.4.1.1466.20037';
/** RFC 4511 §4.5.1.8: no attribute, the entry alone. */
const NO_ATTRIBUTES = '1.1';
/** An answer without attributes is a name; a server that sends more is none. */
const MOST_OCTETS = 65_536;
/** Entries and references of one search that are read; one is asked for. */
const MOST_ANSWERS = 100;
const MOST_WAITING = 200;

interface Waiting {
  id: number;
  answers: number;
  /** Answers true when nothing more is expected. */
  take(tag: number, content: Buffer): boolean;
  fail(error: LdapError): void;
  timer: Timer;
}

export class LdapConnection {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #socket: net.Socket;
  #received: Buffer = Buffer.alloc(0);
  #lastId = 0;
  #waiting: Waiting[] = [];
  #failure: LdapError | undefined;

  private constructor(socket: net.Socket, { clock, timeoutMs }: LdapOptions) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#socket = socket;
    this.#listen();
  }

  /** Connects, goes over to TLS, and binds. @throws LdapError */
  static async open(server: LdapServer, options: LdapOptions): Promise<LdapConnection> {
    const { host, port, implicitTls } = server;
    const { dialer, clock, timeoutMs, context, bind } = options;
    let connection: LdapConnection | undefined;
    try {
      let socket = await dialer.connect({ host, port, timeoutMs });
      const demand = { mode: 'verified', context } as const;
      if (implicitTls) socket = await secure(socket, host, demand, clock, timeoutMs);
      connection = new LdapConnection(socket, options);
      if (!implicitTls) await connection.#startTls(host, options);
      if (bind) await connection.#bind(bind.dn, bind.password);
      return connection;
    } catch (error) {
      connection?.close();
      const text = error instanceof Error ? error.message : String(error);
      throw new LdapError(`${host}:${port}: ${text}`, true, { cause: error });
    }
  }

  get closed(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * Whether an entry matches below `base`. What lies on other servers (references) is not followed.
   * @throws LdapError
   */
  async exists(base: string, filter: Buffer): Promise<boolean> {
    const request = encode(
      OP.searchRequest,
      encodeText(base),
      encodeInteger(2, TAG.enumerated), // whole subtree
      encodeInteger(0, TAG.enumerated), // aliases are not followed
      encodeInteger(1), // one entry is enough
      encodeInteger(Math.max(1, Math.ceil(this.#timeoutMs / 1000))),
      encodeBoolean(true),
      filter,
      encode(TAG.sequence, encodeText(NO_ATTRIBUTES)),
    );
    let found = false;
    const done = await this.#ask(request, (tag) => {
      if (tag === OP.entry) found = true;
      return tag !== OP.entry && tag !== OP.reference;
    });
    const result = resultOf(done, OP.done);
    // more than one is found, too
    if (result.code === RESULT.success || (result.code === RESULT.sizeLimitExceeded && found)) return found;
    throw new LdapError(`the search failed: ${result.text}`, false);
  }

  /** Says goodbye; whoever still waits learns that the connection is gone. */
  close(): void {
    if (this.#failure) return;
    this.#socket.end(this.#message(encode(OP.unbind, Buffer.alloc(0))));
    this.#socket.destroySoon();
    this.#fail(new LdapError('the connection was closed', true));
  }

  async #startTls(host: string, { clock, timeoutMs, context }: LdapOptions): Promise<void> {
    const request = encode(OP.extendedRequest, encodeText(START_TLS, 0x80));
    const result = resultOf(await this.#ask(request, () => true), OP.extendedResponse);
    if (result.code !== RESULT.success) throw new LdapError(`StartTLS was refused: ${result.text}`, true);
    // octets in the clear behind the answer were put there by somebody else (RFC 4511 §4.14.1)
    if (this.#received.length > 0) throw new LdapError('data before the TLS handshake', true);
    this.#socket.removeAllListeners();
    this.#socket = await secure(this.#socket, host, { mode: 'verified', context }, clock, timeoutMs);
    this.#listen();
  }

  async #bind(dn: string, password: string): Promise<void> {
    const request = encode(OP.bindRequest, encodeInteger(3), encodeText(dn), encodeText(password, 0x80));
    const result = resultOf(await this.#ask(request, () => true), OP.bindResponse);
    if (result.code !== RESULT.success) throw new LdapError(`${dn} was not let in: ${result.text}`, true);
  }

  /** Sends a request; resolves with the answer for which `isLast` says true. */
  #ask(request: Buffer, isLast: (tag: number) => boolean): Promise<{ tag: number; content: Buffer }> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      if (this.#waiting.length >= MOST_WAITING)
        return reject(new LdapError('too many questions at a time', false));
      const message = this.#message(request);
      this.#waiting.push({
        id: this.#lastId,
        answers: 0,
        take: (tag, content) => {
          if (!isLast(tag)) return false;
          resolve({ tag, content });
          return true;
        },
        fail: reject,
        timer: this.#clock.after(this.#timeoutMs, () => this.#fail(new LdapError('no answer in time', true))),
      });
      this.#socket.write(message);
      return undefined;
    });
  }

  #message(request: Buffer): Buffer {
    return encode(TAG.sequence, encodeInteger(++this.#lastId), request);
  }

  #listen(): void {
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', (error) => this.#fail(new LdapError(error.message, true, { cause: error })));
    this.#socket.on('close', () => this.#fail(new LdapError('the connection was lost', true)));
  }

  #read(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    try {
      for (;;) {
        // what is no message may never have an end
        const [first = TAG.sequence] = this.#received;
        if (first !== TAG.sequence) throw new BerError(`an element of tag ${first}`);
        const length = elementLength(this.#received, MOST_OCTETS);
        if (length === undefined || length > this.#received.length) return;
        const message = new BerReader(this.#received.subarray(0, length));
        this.#received = this.#received.subarray(length);
        this.#take(new BerReader(message.expect(TAG.sequence)));
      }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#fail(new LdapError(`the server does not speak LDAP: ${text}`, true, { cause: error }));
    }
  }

  #take(message: BerReader): void {
    const id = message.integer();
    const { tag, content } = message.next();
    // RFC 4511 §4.4.1: number 0 is the server's own word, and the only one there is says that it ends
    if (id === 0) return this.#fail(new LdapError('the server ended the connection', true));
    const waiting = this.#waiting.find((each) => each.id === id);
    if (!waiting) throw new Error('an answer to no question');
    if (++waiting.answers > MOST_ANSWERS) throw new Error('too many answers');
    if (!waiting.take(tag, content)) return undefined;
    waiting.timer.cancel();
    this.#waiting = this.#waiting.filter((each) => each !== waiting);
    return undefined;
  }

  #fail(error: LdapError): void {
    if (this.#failure) return;
    this.#failure = error;
    if (!this.#socket.writableEnded) this.#socket.destroy();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { timer, fail } of waiting) {
      timer.cancel();
      fail(error);
    }
  }
}

/** RFC 4511 §4.1.9. The text is the server's; bounded, printable. */
function resultOf(
  { tag, content }: { tag: number; content: Buffer },
  wanted: number,
): { code: number; text: string } {
  if (tag !== wanted) throw new LdapError(`an answer of tag ${tag}, not ${wanted}`, true);
  const reader = new BerReader(content);
  const code = reader.integer(TAG.enumerated);
  reader.expect(TAG.octets);
  const text = reader
    .expect(TAG.octets)
    .toString('utf8')
    .slice(0, 300)
    .replace(/[^\x20-\x7e]/g, '?');
  return { code, text: text === '' ? `result ${code}` : `${text} (result ${code})` };
}

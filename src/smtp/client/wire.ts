import type net from 'node:net';
import type { Clock, Timer } from '../../platform/clock.ts';
import { type RemoteReply, ReplyError, ReplyParser, oneLine } from './reply-parser.ts';

/** Why a connection is of no use any more. */
export interface WireFailure {
  kind: /** The connection broke or was closed. */
    | 'lost'
    | 'timeout'
    /** The server broke the protocol. */
    | 'protocol'
    /** The server said 421, with `reply`. */
    | 'closing'
    /** This side ended it. */
    | 'local';
  text: string;
  reply?: RemoteReply;
}

interface Expectation {
  take: (reply: RemoteReply) => void;
  timeoutMs: number;
  /** For the text of a time-out: `MAIL`. */
  command: string;
}

/**
 * One connection to a server: bytes out, replies in, each reply handed to whoever waits for it, in order.
 * A single lazily moved timer watches the oldest outstanding reply, so that a message costs no timer.
 */
export class Wire {
  readonly socket: net.Socket;
  readonly #clock: Clock;
  readonly #parser = new ReplyParser();
  readonly #expected: Expectation[] = [];
  #deadline = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #failure: WireFailure | undefined;
  #detached = false;
  /** Runs once, when the connection has failed or was destroyed. */
  onFailure: (failure: WireFailure) => void = () => {};

  constructor(socket: net.Socket, clock: Clock) {
    this.socket = socket;
    this.#clock = clock;
    socket.on('data', this.#onData);
    socket.on('error', this.#onError);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onEnd);
  }

  get failure(): WireFailure | undefined {
    return this.#failure;
  }

  get waiting(): number {
    return this.#expected.length;
  }

  /** Bytes of a reply that nobody asked for yet have arrived (see STARTTLS). */
  get hasInput(): boolean {
    return this.#parser.partial;
  }

  /** The next reply that nobody waits for yet goes to `take`. */
  expect(command: string, timeoutMs: number, take: (reply: RemoteReply) => void): void {
    this.#expected.push({ take, timeoutMs, command });
    if (this.#expected.length === 1) this.#watch(timeoutMs);
  }

  /** Sends a command and resolves with its reply; rejects with the WireFailure when there is none. */
  command(line: string | undefined, name: string, timeoutMs: number): Promise<RemoteReply> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(new WireError(this.#failure));
      this.onFailure = (failure) => reject(new WireError(failure));
      this.expect(name, timeoutMs, resolve);
      if (line !== undefined) this.socket.write(`${line}\r\n`, 'utf8');
      return undefined;
    });
  }

  /** Something moved: the oldest outstanding reply has `timeoutMs` from now. */
  touch(timeoutMs: number): void {
    this.#watch(timeoutMs);
  }

  /** Ends the connection; what waits learns of it through `onFailure`. */
  fail(failure: WireFailure): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.#expected.length = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!this.#detached) this.socket.destroy();
    this.onFailure(failure);
  }

  /** Hands the socket over, for TLS; this wire is of no use afterwards. */
  detach(): net.Socket {
    this.#detached = true;
    this.socket.off('data', this.#onData);
    this.socket.off('error', this.#onError);
    this.socket.off('end', this.#onEnd);
    this.socket.off('close', this.#onEnd);
    this.#timer?.cancel();
    this.#timer = undefined;
    return this.socket;
  }

  readonly #onData = (chunk: Buffer): void => {
    try {
      this.#parser.push(chunk, this.#take);
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      this.fail({ kind: 'protocol', text: `protocol error: ${error.message}` });
    }
  };

  readonly #take = (reply: RemoteReply): void => {
    if (this.#failure) return;
    if (reply.code === 421) {
      // RFC 5321 §3.8: may come as the reply to any command, or to none
      this.fail({ kind: 'closing', text: oneLine(reply), reply });
      return;
    }
    const expectation = this.#expected.shift();
    if (!expectation) {
      this.fail({ kind: 'protocol', text: `a reply to no command: ${oneLine(reply)}` });
      return;
    }
    const next = this.#expected[0];
    if (next) this.#watch(next.timeoutMs);
    else this.#deadline = Number.POSITIVE_INFINITY;
    expectation.take(reply);
  };

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.fail({ kind: 'lost', text: `connection lost: ${error.code ?? error.message}` });
  };

  readonly #onEnd = (): void => {
    const command = this.#expected[0]?.command;
    this.fail({ kind: 'lost', text: `connection closed${command ? ` in reply to ${command}` : ''}` });
  };

  #watch(timeoutMs: number): void {
    this.#deadline = this.#clock.monotonic() + timeoutMs;
    if (this.#deadline >= this.#timerAt) return;
    this.#timer?.cancel();
    this.#arm(timeoutMs);
  }

  #arm(ms: number): void {
    this.#timerAt = this.#clock.monotonic() + ms;
    this.#timer = this.#clock.after(ms, this.#tick);
  }

  readonly #tick = (): void => {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    if (this.#failure || this.#expected.length === 0) return;
    const left = this.#deadline - this.#clock.monotonic();
    if (left > 0) return this.#arm(left);
    const command = this.#expected[0]?.command ?? '';
    this.fail({ kind: 'timeout', text: `timed out waiting for the reply to ${command}` });
  };
}

/** A WireFailure as a rejection. */
export class WireError extends Error {
  readonly failure: WireFailure;
  constructor(failure: WireFailure) {
    super(failure.text);
    this.failure = failure;
  }
}

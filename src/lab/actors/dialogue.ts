/**
 * One SMTP session as a device, a service or an attacker has it: a command at a time, everything written down. It
 * talks to this machine only, and carries only what is marked as the lab's.
 */
import type net from 'node:net';
import type tls from 'node:tls';
import type { Clock } from '../../platform/clock.ts';
import type { Dialer } from '../../platform/dialer.ts';
import type { Random } from '../../platform/random.ts';
import { endsLine, stuffDots } from '../../smtp/client/dot-stuffing.ts';
import { parseExtensions } from '../../smtp/client/extensions.ts';
import { oneLine, type RemoteReply } from '../../smtp/client/reply-parser.ts';
import { authenticate, type Login } from '../../smtp/client/sasl.ts';
import { secure } from '../../smtp/client/tls.ts';
import { Wire } from '../../smtp/client/wire.ts';

/** Every message of the lab has this field: a filter anywhere can tell that it is a demonstration. */
export const LAB_FIELD = 'X-Postern-Lab';

/** How somebody comes to a server, and what is said there. */
export interface Visit {
  /** An address of this machine. */
  host: string;
  port: number;
  /** The address to appear with, by a PROXY header; absent: as one is. */
  address?: string;
  /** What is said behind EHLO. */
  hello: string;
  /** STARTTLS; `context` has the client's certificate. The server's is not verified, as devices do not. */
  tls?: { context?: tls.SecureContext };
  login?: Login;
  /** Envelope sender. */
  from: string;
  to: readonly string[];
  /** Whole, with CRLF. */
  message: Buffer;
}

export interface TranscriptLine {
  /** `note`: what no line shows, such as the TLS handshake. */
  by: 'client' | 'server' | 'note';
  text: string;
}

export interface Dialogue {
  transcript: TranscriptLine[];
  /** The message was taken for all recipients. */
  accepted: boolean;
  /** The reply that decided: the refusal, or the one to the end of the message. */
  reply: string;
}

export interface DialogueRooms {
  clock: Clock;
  dialer: Dialer;
  random: Random;
}

/** Ends the note on a handshake in which a client certificate was shown. */
export const WITH_CERTIFICATE = ', with a client certificate';

/** Long enough for a machine under load, short enough for somebody who watches. */
const PATIENCE_MS = 20_000;

/** Where an actor was about to send something that is not for there. */
export class OutsideError extends Error {}

/**
 * Sends the message and answers what was said.
 * @throws OutsideError for a server elsewhere, or a message without the lab's mark
 */
export async function converse(visit: Visit, rooms: DialogueRooms): Promise<Dialogue> {
  const { host, port } = visit;
  if (!isLoopback(host)) throw new OutsideError(`actors send to this machine only, not to ${host}`);
  if (!isMarked(visit.message)) throw new OutsideError(`actors send only messages with ${LAB_FIELD}`);
  const connected = await rooms.dialer.connect({ host, port, timeoutMs: PATIENCE_MS });
  if (!isLoopback(connected.remoteAddress ?? '')) {
    connected.destroy();
    throw new OutsideError(`${host} led to ${connected.remoteAddress}`);
  }
  if (visit.address !== undefined) {
    connected.write(`PROXY TCP4 ${visit.address} 127.0.0.1 ${connected.localPort} ${port}\r\n`);
  }
  const conversation = new Conversation(connected, rooms);
  try {
    const reply = await conversation.carry(visit);
    await conversation.command('QUIT').catch(() => undefined);
    return { transcript: conversation.transcript, accepted: reply.code < 300, reply: oneLine(reply) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    conversation.note(text);
    return { transcript: conversation.transcript, accepted: false, reply: text };
  } finally {
    conversation.close();
  }
}

class Conversation {
  readonly transcript: TranscriptLine[] = [];
  readonly #rooms: DialogueRooms;
  #wire: Wire;

  constructor(socket: net.Socket, rooms: DialogueRooms) {
    this.#rooms = rooms;
    this.#wire = new Wire(socket, rooms.clock);
  }

  /** Up to the reply that decides. */
  async carry(visit: Visit): Promise<RemoteReply> {
    const greeting = await this.command(undefined);
    if (greeting.code !== 220) return greeting;
    let hello = await this.command(`EHLO ${visit.hello}`);
    if (hello.code >= 300) return hello;
    if (visit.tls) {
      const ready = await this.command('STARTTLS');
      if (ready.code !== 220) return ready;
      await this.#encrypt(visit);
      hello = await this.command(`EHLO ${visit.hello}`);
      if (hello.code >= 300) return hello;
    }
    if (visit.login) {
      const { authentication } = parseExtensions(hello);
      const reply = await authenticate(authentication, visit.login, this.#rooms.random, (line) =>
        this.command(line, `${/^AUTH [A-Z0-9-]+/.exec(line)?.[0] ?? ''} ********`.trim()),
      );
      if (!reply) throw new Error('the server offers no way to log in');
      if (reply.code !== 235) return reply;
    }
    const envelope = [`MAIL FROM:<${visit.from}>`, ...visit.to.map((address) => `RCPT TO:<${address}>`)];
    for (const command of envelope) {
      const reply = await this.command(command);
      if (reply.code >= 300) return reply;
    }
    const data = await this.command('DATA');
    if (data.code !== 354) return data;
    return this.#content(visit.message);
  }

  async #content(message: Buffer): Promise<RemoteReply> {
    const { socket } = this.#wire;
    socket.write(stuffDots(message, true));
    this.note(`${message.length} octets of message`);
    return this.command(endsLine(message) ? '.' : '\r\n.', '.');
  }

  async #encrypt({ host, tls: demand }: Visit): Promise<void> {
    const { clock } = this.#rooms;
    const context = demand?.context;
    const socket = await secure(
      this.#wire.detach(),
      host,
      { mode: 'opportunistic', ...(context && { context }) },
      clock,
      PATIENCE_MS,
    );
    this.#wire = new Wire(socket, clock);
    const certificate = demand?.context ? WITH_CERTIFICATE : '';
    this.note(`${socket.getProtocol()} ${socket.getCipher().standardName ?? ''}${certificate}`);
  }

  /** @param shown what the transcript has instead of the line */
  async command(line: string | undefined, shown: string | undefined = line): Promise<RemoteReply> {
    if (shown !== undefined) this.transcript.push({ by: 'client', text: shown });
    const reply = await this.#wire.command(line, shown?.split(' ')[0] ?? 'the connection', PATIENCE_MS);
    const last = reply.lines.length - 1;
    for (const [index, text] of reply.lines.entries()) {
      this.transcript.push({ by: 'server', text: `${reply.code}${index < last ? '-' : ' '}${text}` });
    }
    return reply;
  }

  note(text: string): void {
    this.transcript.push({ by: 'note', text });
  }

  close(): void {
    this.#wire.fail({ kind: 'local', text: 'done' });
  }
}

/** 127.0.0.0/8, ::1, and the former as IPv4-mapped. Names are not: what they lead to is somebody else's decision. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address);
}

function isMarked(message: Buffer): boolean {
  const end = message.indexOf('\r\n\r\n');
  const head = message.toString('latin1', 0, end < 0 ? message.length : end);
  return new RegExp(`^${LAB_FIELD}:`, 'im').test(head);
}

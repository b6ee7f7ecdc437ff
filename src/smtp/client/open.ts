import type net from 'node:net';
import tls from 'node:tls';
import type { Random } from '../../platform/random.ts';
import { type Extensions, NO_EXTENSIONS, parseExtensions } from './extensions.ts';
import { type RemoteReply, oneLine } from './reply-parser.ts';
import { type Login, SaslError, authenticate } from './sasl.ts';
import { ClientSession, type SessionFacts, type SessionOptions } from './session.ts';
import { type TlsDemand, TlsError, secure } from './tls.ts';
import { Wire, WireError } from './wire.ts';

export interface OpenOptions extends SessionOptions {
  random: Random;
  /** What this relay calls itself (RFC 5321 §4.1.1.1). */
  hostname: string;
  host: string;
  address: string;
  tls: TlsDemand;
  login?: Login;
}

/** A connection that did not become a session. `stage` says how far it came. */
export class OpenError extends Error {
  readonly stage: 'greeting' | 'hello' | 'tls' | 'authentication';
  readonly reply: RemoteReply | undefined;
  constructor(stage: OpenError['stage'], message: string, reply?: RemoteReply, options?: ErrorOptions) {
    super(message, options);
    this.stage = stage;
    this.reply = reply;
  }
}

/** A connection on which MAIL may be said. */
export interface OpenedWire {
  wire: Wire;
  facts: SessionFacts;
}

/**
 * Brings a fresh connection to where mail can be sent: greeting, EHLO, STARTTLS and EHLO again, AUTH.
 * @throws OpenError; the socket is then closed, or about to be
 */
export async function openSession(connected: net.Socket, options: OpenOptions): Promise<ClientSession> {
  const { wire, facts } = await openWire(connected, options);
  return new ClientSession(wire, facts, options);
}

/** As `openSession`, for who says the commands. @throws OpenError */
export async function openWire(connected: net.Socket, options: OpenOptions): Promise<OpenedWire> {
  const { clock, timeouts, tls: demand, host } = options;
  let stage: OpenError['stage'] = 'tls';
  let socket = connected;
  let wire: Wire | undefined;
  try {
    if (demand.implicit) socket = await secure(socket, host, demand, clock, timeouts.tls);
    stage = 'greeting';
    wire = new Wire(socket, clock);
    const greeting = await wire.command(undefined, 'the connection', timeouts.greeting);
    if (greeting.code !== 220) throw new OpenError(stage, oneLine(greeting), greeting);
    stage = 'hello';
    let extensions = await hello(wire, options);

    if (!demand.implicit && demand.mode !== 'none' && extensions.startTls) {
      stage = 'tls';
      await startTls(wire, timeouts.hello);
      socket = await secure(wire.detach(), host, demand, clock, timeouts.tls);
      wire = new Wire(socket, clock);
      stage = 'hello';
      // RFC 3207 §4.2: what was said before TLS is forgotten
      extensions = await hello(wire, options);
    }
    const encrypted = socket instanceof tls.TLSSocket ? socket : undefined;
    if (demand.mode === 'verified' && !encrypted) {
      throw new OpenError('tls', 'the server does not offer STARTTLS');
    }
    stage = 'authentication';
    if (options.login) await logIn(wire, extensions, options.login, options, encrypted !== undefined);
    const facts = {
      extensions,
      host,
      address: options.address,
      tls: encrypted && tlsFacts(encrypted, demand),
    };
    return { wire, facts };
  } catch (error) {
    if (wire && !wire.failure && !wire.hasInput && error instanceof OpenError) leave(wire, timeouts.quit);
    else socket.destroy();
    if (error instanceof OpenError) throw error;
    if (error instanceof TlsError)
      throw new OpenError('tls', `TLS: ${error.message}`, undefined, { cause: error });
    if (error instanceof WireError) {
      throw new OpenError(stage, error.message, error.failure.reply, { cause: error });
    }
    if (error instanceof SaslError) throw new OpenError(stage, error.message, undefined, { cause: error });
    throw error;
  }
}

/** Ends a connection that is in order but of no use: not without a QUIT (RFC 5321 §4.1.1.10). Nobody waits for it. */
function leave(wire: Wire, timeoutMs: number): void {
  wire.onFailure = () => {};
  wire.expect('QUIT', timeoutMs, () => wire.fail({ kind: 'local', text: 'done' }));
  wire.socket.write('QUIT\r\n');
}

async function hello(wire: Wire, options: OpenOptions): Promise<Extensions> {
  const { hostname, timeouts } = options;
  const reply = await wire.command(`EHLO ${hostname}`, 'EHLO', timeouts.hello);
  if (reply.code < 300) return parseExtensions(reply);
  if (reply.code < 500) throw new OpenError('hello', oneLine(reply), reply);
  // RFC 5321 §3.2: a server of old
  const old = await wire.command(`HELO ${hostname}`, 'HELO', timeouts.hello);
  if (old.code >= 300) throw new OpenError('hello', oneLine(old), old);
  return NO_EXTENSIONS;
}

async function startTls(wire: Wire, timeoutMs: number): Promise<void> {
  const reply = await wire.command('STARTTLS', 'STARTTLS', timeoutMs);
  if (reply.code !== 220) throw new OpenError('tls', oneLine(reply), reply);
  // octets behind the 220 were put there by someone who wants them taken for what comes under TLS (CVE-2011-0411)
  if (wire.failure || wire.hasInput) throw new OpenError('tls', 'data before the TLS handshake');
}

async function logIn(
  wire: Wire,
  extensions: Extensions,
  login: Login,
  options: OpenOptions,
  encrypted: boolean,
): Promise<void> {
  // only a route that says `none` in so many words sends a password in the clear
  if (!encrypted && options.tls.mode !== 'none') {
    throw new OpenError('authentication', 'credentials are not sent without TLS');
  }
  const reply = await authenticate(extensions.authentication, login, options.random, (line) =>
    wire.command(line, 'AUTH', options.timeouts.hello),
  );
  if (!reply) throw new OpenError('authentication', 'the server offers no AUTH mechanism that can be used');
  if (reply.code !== 235) throw new OpenError('authentication', oneLine(reply), reply);
}

function tlsFacts(
  socket: tls.TLSSocket,
  demand: TlsDemand,
): { version: string; cipher: string; verified: boolean } {
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName ?? socket.getCipher().name,
    verified: demand.mode === 'verified',
  };
}

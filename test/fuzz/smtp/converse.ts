import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import { ManualClock } from '../../../src/platform/clock.ts';
import { Connection, type ConnectionHost } from '../../../src/smtp/server/connection.ts';
import type { SmtpHandler, TlsFacts } from '../../../src/smtp/server/handler.ts';
import type { ServerLimits } from '../../../src/smtp/server/limits.ts';
import type { ListenerRules } from '../../../src/smtp/server/rules.ts';
import type { ListenerTls } from '../../../src/smtp/server/tls.ts';
import { chunked } from '../mutate.ts';
import { must, show } from '../target.ts';
import { memorySocket } from './memory-socket.ts';
import { type Heard, readConversation } from './reference.ts';
import { readReplies } from './replies.ts';
import { WatchedHandler } from './watched-handler.ts';

export const LIMITS: ServerLimits = {
  connections: 10,
  connectionsPerNetwork: 10,
  commandLine: 2048,
  commands: 200,
  errors: 25,
  recipients: 20,
  messageBytes: 60_000,
  idleSeconds: 60,
  dataIdleSeconds: 60,
  sessionSeconds: 600,
  minimumBytesPerSecond: 10,
};

export interface Stage {
  handler: SmtpHandler;
  clock: ManualClock;
  lineEndings: 'refuse' | 'repair';
  proxied?: boolean;
  plainAuthentication?: boolean;
  /** Lets go of whatever the handler holds back. */
  release?(): void;
}

export interface Conversation {
  heard: Heard;
  /** What the handler accepted. */
  accepted: Buffer[];
  refusals: string[];
  output: string;
}

/** Turns of the event loop without any change after which nothing more is to be expected. */
const QUIET_TURNS = 6;
/** Bound for every wait; when it is reached, the session hangs. */
const MOST_TURNS = 4000;

/**
 * Plays `prelude`, one write, and then `input` in chunks as a client over a connection in memory, and holds what the
 * server says and takes against the reference. Three in ten clients are rude: they leave, stall or stop reading.
 */
export async function converse(
  stage: Stage,
  prelude: string,
  input: Buffer,
  random: () => number,
): Promise<Conversation> {
  const client = new Client(stage, random);
  const rude = random() < 0.3;
  if (prelude !== '') await client.say(Buffer.from(prelude, 'latin1'));
  for (const chunk of chunked(input, random)) {
    if (rude && (await client.misbehave())) break;
    await client.say(chunk, random() < 0.5);
  }
  await client.quiet();
  const closedByServer = client.ended;
  await client.leave();

  const said = Buffer.concat(client.said);
  const replies = readReplies(client.output, client.broken);
  const { accepted, refusals } = client.handler;
  const heard = readConversation(stage.proxied ? afterProxyHeader(said) : said, replies, {
    lineEndings: stage.lineEndings,
    exact: !rude,
    closedByServer,
  });
  const missed = refusals.length > replies.filter(({ code }) => code >= 400).length;
  compare(heard, accepted, client.broken, missed);
  client.handler.check();
  return { heard, accepted, refusals, output: client.output };
}

/** @param missed the client left before it heard of a refusal */
function compare(heard: Heard, accepted: Buffer[], cut: boolean, missed: boolean): void {
  const expected = heard.accepted.map(({ content }) => content);
  // a client that left may have missed the last reply; if that was a refusal, what was taken may be another message behind it
  if (cut && !missed && heard.unanswered && accepted.length === expected.length + 1)
    expected.push(heard.unanswered);
  must(
    cut ? accepted.length >= expected.length : accepted.length === expected.length,
    () =>
      `${accepted.length} messages were taken, ${expected.length} were sent: ${show(accepted.map(String).join(' / '), 600)}`,
  );
  for (const [index, content] of expected.entries()) {
    const taken = accepted[index];
    must(taken?.equals(content), () => `taken was ${show(taken ?? '', 300)}, sent was ${show(content, 300)}`);
    must(
      heard.accepted[index]?.binary || !/\r(?!\n)|(?<!\r)\n/.test(content.toString('latin1')),
      () => `a bare CR or LF was taken: ${show(content, 300)}`,
    );
  }
}

/** What follows the PROXY header, which is read here by its length alone. */
function afterProxyHeader(said: Buffer): Buffer {
  if (said[0] === 13) return said.subarray(said.length < 16 ? said.length : 16 + said.readUInt16BE(14));
  const end = said.indexOf('\r\n');
  return said.subarray(end < 0 ? said.length : end + 2);
}

class Client {
  readonly handler: WatchedHandler;
  readonly said: Buffer[] = [];
  output = '';
  ended = false;
  /** The connection was lost: what the server still said may not have arrived. */
  broken = false;
  readonly #stage: Stage;
  readonly #random: () => number;
  readonly #peer: Duplex;
  readonly #connection: Connection;
  #done = false;
  #changes = 0;

  constructor(stage: Stage, random: () => number) {
    this.#stage = stage;
    this.#random = random;
    this.handler = new WatchedHandler(stage.handler);
    const { socket, peer } = memorySocket();
    this.#peer = peer;
    peer.on('data', (chunk: Buffer) => {
      this.output += chunk.toString('utf8');
      this.#changes++;
    });
    peer.on('end', () => (this.ended = true));
    peer.on('close', () => (this.ended = true));
    const { clock } = stage;
    const host: ConnectionHost = {
      clock,
      newId: () => 'session',
      admit: () => true,
      release: () => undefined,
      done: () => {
        must(!this.#done, 'the connection ended twice');
        this.#done = true;
      },
    };
    const rules: ListenerRules = {
      hostname: 'mail.test',
      listener: {
        name: 'test',
        credentials: new Set(['password', 'network'] as const),
        plainAuthentication: stage.plainAuthentication ?? true,
      },
      limits: LIMITS,
      startTls: 'offered',
      lineEndings: stage.lineEndings,
      handler: this.handler,
      clock,
    };
    const setup = { rules, tls: NULL_TLS, implicit: false, proxied: stage.proxied ?? false };
    this.#connection = new Connection(host, setup, socket);
    this.#connection.start(false);
  }

  /** Waits for room as TCP would; what does not fit within bounds is not said. */
  async say(chunk: Buffer, hurry = false): Promise<void> {
    if (this.ended || this.#peer.writableEnded) return;
    this.said.push(Buffer.from(chunk));
    this.#peer.write(chunk);
    if (!hurry) await turn();
    await this.#until(() => !this.#peer.writableNeedDrain || this.ended, 'room to write');
  }

  /** Now and then; true when the client has said its last. */
  async misbehave(): Promise<boolean> {
    const way = this.#random();
    if (way < 0.05) {
      this.broken = true;
      this.#peer.destroy();
      return true;
    }
    if (way < 0.1) return true;
    if (way < 0.15) this.#tick(1000 * Math.ceil(this.#random() * 90));
    else if (way < 0.2) this.#stage.release?.();
    else if (way < 0.25) {
      this.#peer.pause();
      await turn();
      this.#peer.resume();
    }
    return false;
  }

  /** Until the server has worked off what was said. */
  async quiet(): Promise<void> {
    let still = 0;
    let seen = this.#changes;
    for (let turns = 0; still < QUIET_TURNS; turns++) {
      must(turns < MOST_TURNS, 'the session never comes to rest');
      await turn();
      if (this.handler.pending > 0) {
        this.#stage.release?.();
        // a handler may wait for the clock, or for the thread pool
        if (turns % 4 === 3) this.#stage.clock.advance(1000);
        if (turns > 40) await wait(1);
        still = 0;
      } else if (seen !== this.#changes) {
        seen = this.#changes;
        still = 0;
      } else still++;
    }
  }

  /** Closes this side; whatever happens, the session must come to its end. */
  async leave(): Promise<void> {
    if (!this.#peer.writableEnded && !this.#peer.destroyed) this.#peer.end();
    for (let rounds = 0; !this.#done || this.handler.pending > 0; rounds++) {
      must(rounds < MOST_TURNS, 'the session does not end');
      this.#stage.release?.();
      await turn();
      if (rounds > 3) this.#tick(1000);
      if (rounds > 40 && this.handler.pending > 0) await wait(1);
    }
    await turn();
    this.#peer.destroy();
  }

  #tick(milliseconds: number): void {
    this.#stage.clock.advance(milliseconds);
    if (!this.#done) this.#connection.tick();
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    for (let turns = 0; !condition(); turns++) {
      must(turns < MOST_TURNS, `no ${what}`);
      this.#stage.release?.();
      await turn();
      if (turns % 8 === 7) this.#stage.clock.advance(500);
      if (turns > 40) await wait(1);
    }
  }
}

/** A handshake that does nothing, so that what comes before and after STARTTLS can be played without encryption. */
const NULL_TLS = {
  accept(
    socket: unknown,
    _address: string,
    observer: { succeeded(socket: unknown, facts: TlsFacts): void },
  ): void {
    setImmediate(() => {
      const facts = { version: 'TLSv1.3', cipher: 'TLS_NULL', certificateVerified: false, socket };
      observer.succeeded(socket, facts as TlsFacts);
    });
  },
} as unknown as ListenerTls;

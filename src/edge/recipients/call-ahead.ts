import type { SecureContext } from 'node:tls';
import { domainOf } from '../../message/envelope.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Dialer } from '../../platform/dialer.ts';
import type { Disk } from '../../platform/disk.ts';
import type { Random } from '../../platform/random.ts';
import { OpenError } from '../../smtp/client/open.ts';
import { escapeText, oneLine, type RemoteReply } from '../../smtp/client/reply-parser.ts';
import { RecipientProbe } from '../../smtp/client/recipient-probe.ts';
import type { Login } from '../../smtp/client/sasl.ts';
import { DEFAULT_CLIENT_TIMEOUTS } from '../../smtp/client/transaction.ts';
import type { RecipientAnswer } from '../rooms.ts';
import type { Tenant } from '../tenant.ts';
import type { RecipientSource } from './source.ts';

/** Where mail of a domain goes on to. */
export interface NextHop {
  /** Hops of one name share their connections. */
  name: string;
  /** Tried in order. */
  hosts: readonly { host: string; port: number }[];
  implicitTls: boolean;
  tls: 'none' | 'opportunistic' | 'verified';
  /** Client certificate and trusted roots. */
  context?: SecureContext;
  login?: Login;
}

export interface CallAheadOptions {
  /** The next hop of a domain now; undefined when it has none that could be asked. */
  nextHop(domain: string): NextHop | undefined;
  dialer: Dialer;
  clock: Clock;
  random: Random;
  disk: Disk;
  /** What this relay calls itself. */
  hostname: string;
  /** For one question, connection included. */
  timeoutMs: number;
}

/** Connections to one next hop at a time. */
const MOST_CONNECTIONS = 4;
/** Servers count transactions that come to nothing: after so many it is another connection's turn. */
const MOST_ASKED = 50;
const IDLE_MS = 20_000;
/** Questions that wait for a connection. */
const MOST_WAITING = 200;

/**
 * Asks the next hop by RCPT TO whether it takes mail for a recipient. That is only sound towards a server that one's
 * own mail goes to anyway, and only useful when it refuses unknown recipients at RCPT.
 */
export class CallAhead implements RecipientSource {
  readonly name = 'call-ahead';
  readonly #options: CallAheadOptions;
  readonly #hops = new Map<string, HopConnections>();
  #problem: string | undefined;

  constructor(options: CallAheadOptions) {
    this.#options = options;
  }

  problem(): string | undefined {
    return this.#problem;
  }

  async find(_tenant: Tenant, address: string): Promise<RecipientAnswer> {
    const domain = domainOf(address);
    const hop = this.#options.nextHop(domain);
    if (!hop) {
      this.#problem = `no route to another server is set for ${domain}`;
      return 'unavailable';
    }
    try {
      const asked = await this.#connections(hop).ask(hop, address);
      const { answer, text } =
        asked.kind === 'reply' ? judge(asked.reply) : { answer: 'unavailable' as const, text: asked.text };
      this.#problem = answer === 'unavailable' ? `${hop.name}: ${text}` : undefined;
      return answer;
    } catch (error) {
      this.#problem = escapeText(
        `${hop.name}: ${error instanceof Error ? error.message : String(error)}`,
        300,
      );
      return 'unavailable';
    }
  }

  close(): void {
    for (const connections of this.#hops.values()) connections.close();
  }

  #connections(hop: NextHop): HopConnections {
    let found = this.#hops.get(hop.name);
    if (!found) this.#hops.set(hop.name, (found = new HopConnections(this.#options)));
    return found;
  }
}

/** What is said of addressing (RFC 3463 §3.2), but of the sender's: 5.1.7 and 5.1.8; 5.1.9 is of the message. */
const UNKNOWN_STATUS = /^5\.1\.(?![789]$)\d+$/;
/** Codes that by themselves say that there is no such mailbox (RFC 5321 §4.2.2). */
const UNKNOWN_CODES = [550, 551, 553];

/**
 * What a reply to RCPT says of the recipient. Only what is clearly about it counts as unknown: a refusal for policy
 * (5.7.x) or for want of space tells nothing, or even that it exists.
 */
export function judge(reply: RemoteReply): { answer: RecipientAnswer; text: string } {
  const { code, enhanced } = reply;
  const text = oneLine(reply).slice(0, 300);
  if (code < 300) return { answer: 'known', text };
  // RFC 3463 §3.3: a mailbox that is full is one
  if (enhanced === '4.2.2' || enhanced === '5.2.2' || code === 552) return { answer: 'known', text };
  if (code < 500) return { answer: 'unavailable', text };
  // Exchange Online says so of recipients that its directory does not have, where RFC 3463 means a host
  const byDirectory = enhanced === '5.4.1' && /recipient address(es)? rejected/i.test(text);
  const unknown =
    enhanced === undefined || enhanced === '5.0.0'
      ? UNKNOWN_CODES.includes(code)
      : byDirectory || UNKNOWN_STATUS.test(enhanced);
  return { answer: unknown ? 'unknown' : 'unavailable', text };
}

/** The connections to one next hop, reused. */
class HopConnections {
  readonly #options: CallAheadOptions;
  #idle: RecipientProbe[] = [];
  #busy = 0;
  #waiting: (() => void)[] = [];

  constructor(options: CallAheadOptions) {
    this.#options = options;
  }

  /** @throws when it could not be asked in time */
  async ask(hop: NextHop, address: string): ReturnType<RecipientProbe['ask']> {
    const { clock, timeoutMs } = this.#options;
    let probe: RecipientProbe | undefined;
    let over = false;
    const work = async (): ReturnType<RecipientProbe['ask']> => {
      await this.#turn();
      try {
        if (over) throw new Error('no answer in time');
        probe = this.#idle.pop();
        const reused = probe !== undefined;
        probe ??= await this.#open(hop);
        // time ran out while the connection was made: nobody waits for it
        if (over) throw new Error('no answer in time');
        return await probe.ask(address).catch(async (error: unknown) => {
          if (!reused || over) throw error;
          // closed by the server while it was idle
          probe = await this.#open(hop);
          return probe.ask(address);
        });
      } finally {
        this.#release(probe);
      }
    };
    return new Promise((resolve, reject) => {
      const timer = clock.after(timeoutMs, () => {
        over = true;
        probe?.destroy();
        reject(new Error('no answer in time'));
      });
      work()
        .then(resolve, reject)
        .finally(() => timer.cancel());
    });
  }

  close(): void {
    for (const probe of this.#idle) probe.quit();
    this.#idle = [];
  }

  async #turn(): Promise<void> {
    if (this.#busy >= MOST_CONNECTIONS) {
      if (this.#waiting.length >= MOST_WAITING) throw new Error('too many questions at a time');
      // the place of whoever is done next is handed over
      return new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#busy++;
    return undefined;
  }

  #release(probe: RecipientProbe | undefined): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#busy--;
    if (!probe || probe.closed) return;
    if (probe.asked >= MOST_ASKED) return probe.quit();
    const { asked } = probe;
    this.#idle.push(probe);
    this.#options.clock.after(IDLE_MS, () => {
      // only if it was not used since: then a later timer looks after it
      if (probe.asked !== asked) return;
      this.#idle = this.#idle.filter((each) => each !== probe);
      probe.quit();
    });
    return undefined;
  }

  async #open(hop: NextHop): Promise<RecipientProbe> {
    let failure: unknown;
    for (const { host, port } of hop.hosts) {
      try {
        return await this.#connect(hop, host, port, hop.tls);
      } catch (error) {
        failure = error;
        const broken = error instanceof OpenError && error.stage === 'tls' && hop.tls === 'opportunistic';
        if (!broken || hop.implicitTls || hop.login) continue;
      }
      try {
        // as mail itself goes there: TLS that proves nothing protects from nobody who can break it (RFC 7435 §3)
        return await this.#connect(hop, host, port, 'none');
      } catch (error) {
        failure = error;
      }
    }
    throw failure ?? new Error('the route has no host');
  }

  async #connect(hop: NextHop, host: string, port: number, mode: NextHop['tls']): Promise<RecipientProbe> {
    const { dialer, clock, random, disk, hostname, timeoutMs } = this.#options;
    const { implicitTls, context, login } = hop;
    const socket = await dialer.connect({ host, port, timeoutMs });
    return RecipientProbe.open(socket, {
      clock,
      random,
      disk,
      hostname,
      host,
      address: socket.remoteAddress ?? host,
      tls: { mode, implicit: implicitTls, context },
      login,
      timeouts: bounded(timeoutMs),
    });
  }
}

/** No step may take longer than the whole question. */
function bounded(ms: number): typeof DEFAULT_CLIENT_TIMEOUTS {
  const { connect, tls, greeting, hello, mail, recipient, quit } = DEFAULT_CLIENT_TIMEOUTS;
  return {
    ...DEFAULT_CLIENT_TIMEOUTS,
    connect: Math.min(connect, ms),
    tls: Math.min(tls, ms),
    greeting: Math.min(greeting, ms),
    hello: Math.min(hello, ms),
    mail: Math.min(mail, ms),
    recipient: Math.min(recipient, ms),
    quit: Math.min(quit, ms),
  };
}

import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import { RelayProcess } from '../support/relay-process.ts';
import type { ReceivedMessage } from '../support/scripted-server.ts';
import { SINK_CERTIFICATE } from '../support/sink-certificate.ts';
import { type Keys, mailauth } from './dkim-tools.ts';
import { type Hop, HOPS, NextHop } from './next-hop.ts';
import { parted, type Sample, sameOctets } from './sample.ts';
import { eventually, type SeenEvent } from './sandbox.ts';

/** The account of the relay at the next hop. */
export const USERNAME = 'relay@corp.test';
const PASSWORD = 'a password, with = and \u00fc';

export interface Extras {
  to?: string[];
  dsn?: { id: string; return: string; notify: string[]; recipient?: string };
  /** Account and password; absent: the source that is known by its network. */
  login?: { user: string; pass: string };
}

/** Mailboxes that do not exist, and ones that are greylisted. */
function mailboxPolicy(): (recipient: string) => string {
  const seen = new Set<string>();
  return (recipient) => {
    if (recipient.startsWith('nobody')) return '550 5.1.1 no such mailbox';
    if (!recipient.startsWith('later') || seen.has(recipient)) return 'DUNNO';
    seen.add(recipient);
    return '450 4.2.0 greylisted, come back';
  };
}

/** A relay with a route to each listener of the next hop, set up by the command line as an operator would. */
export class NextHopScene {
  readonly hop = new NextHop({ username: USERNAME, password: PASSWORD, policy: mailboxPolicy() });
  readonly relay: RelayProcess;
  /** Accounts of two sources; what the first sends, the relay hands to itself as the second. */
  readonly passwords = { first: 'first-first-first-first', second: 'second-second-second-second' };
  #port = 0;
  #keys: Keys = {};

  constructor() {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-relay-'));
    this.relay = new RelayProcess({
      folder,
      config: '[delivery]\nretryFirstSeconds = 1\nretryMostSeconds = 2\ntrustedCa = "authority.pem"\n',
    });
    writeFileSync(path.join(folder, 'authority.pem'), SINK_CERTIFICATE);
  }

  async start(): Promise<void> {
    await Promise.all([this.hop.start(), this.relay.start()]);
    this.#port = (await this.relay.ports())['bench'] ?? assert.fail('no listener');
    const domain = JSON.parse(this.relay.cli('domain', 'add', 'corp.test', '--json')) as {
      keys: { record: { name: string; text: string } }[];
    };
    this.#keys = Object.fromEntries(domain.keys.map(({ record }) => [record.name, record.text]));
    this.#addSource('app', '--network', '127.0.0.0/8');
    for (const [name, password] of Object.entries(this.passwords)) {
      this.#addSource(name, '--password-file', this.#secret(name, password));
    }
    this.#addRoutes();
  }

  #secret(name: string, text: string): string {
    const file = path.join(this.relay.folder, `${name}-password`);
    writeFileSync(file, `${text}\n`, { mode: 0o600 });
    return file;
  }

  #addSource(name: string, ...credential: string[]): void {
    const policy = ['--from', 'corp.test', '--recipients', 'any', '--limit', 'messages/minute=none'];
    this.relay.cli('source', 'add', name, '--owner', 'owner@corp.test', ...policy, ...credential);
  }

  /** The route of a name is for the recipient domain of that name. */
  #addRoutes(): void {
    const route = (name: string, to: Hop, ...security: string[]): void => {
      const where = ['--smarthost', this.hop.address(to), '--recipient-domain', `${name}.test`];
      this.relay.cli('route', 'set', name, ...where, ...security);
    };
    const login = ['--user', USERNAME, '--password-file'];
    const right = [...login, this.#secret('right', PASSWORD)];
    const security: Record<Hop, string[]> = {
      plain: ['--tls', 'none'],
      starttls: ['--tls', 'verified'],
      implicit: ['--tls', 'verified', '--implicit-tls'],
      stranger: ['--tls', 'opportunistic'],
      ancient: ['--tls', 'opportunistic'],
      bare: ['--tls', 'none'],
      'plain-auth': ['--tls', 'verified', ...right],
      'login-auth': ['--tls', 'verified', ...right],
    };
    for (const name of HOPS) route(name, name, ...security[name]);
    route('untrusted', 'stranger', '--tls', 'verified');
    route('never-clear', 'ancient', '--tls', 'verified');
    route('wrong-login', 'plain-auth', '--tls', 'verified', ...login, this.#secret('wrong', 'another'));
    // notices to senders go the same way
    route('corp', 'plain', '--tls', 'none');
    const itself = ['--smarthost', `127.0.0.1:${this.#port}`, '--tls', 'opportunistic'];
    const second = ['--user', 'second', '--password-file', this.#secret('second', this.passwords.second)];
    this.relay.cli('route', 'set', 'itself', '--source', 'first', ...itself, ...second);
  }

  async stop(): Promise<void> {
    await this.relay.stop();
    this.relay.remove();
    await this.hop.stop();
  }

  /** Hands a message to the relay; answers its identifier there. */
  async submit(sample: Sample, { to = [sample.to], dsn, login }: Extras = {}): Promise<string> {
    const transport = createTransport({
      host: '127.0.0.1',
      port: this.#port,
      ignoreTLS: login === undefined,
      tls: { rejectUnauthorized: false },
      auth: login,
    });
    const envelope = { from: sample.from, to };
    const { response } = await transport.sendMail({ envelope, raw: sample.whole, dsn });
    transport.close();
    return /(\S+) queued/.exec(response)?.[1] ?? assert.fail(response);
  }

  readonly #trouble = (): string => `${this.hop.log()}\n${this.relay.cli('log', '--json', '--limit', '30')}`;

  arrival(what: string, matching: (message: ReceivedMessage) => boolean): Promise<ReceivedMessage> {
    return eventually(`the arrival of ${what}`, () => this.hop.sink.messages.find(matching), this.#trouble);
  }

  /** The message has come through Postfix unaltered, and its signatures, one for each relay it passed, verify still. */
  async expect(sample: Sample, signatures = 1): Promise<ReceivedMessage> {
    const subject = Buffer.from(`Subject: ${sample.subject}\r\n`).toString('latin1');
    const arrived = await this.arrival(sample.subject, ({ content }) => content.includes(subject));
    const octets = Buffer.from(arrived.content, 'latin1');
    sameOctets(parted(octets).body, sample.body);
    const results = await mailauth.verify([octets], this.#keys, signatures);
    assert.deepEqual(results, [Array<string>(signatures).fill('pass')]);
    return arrived;
  }

  /** What the relay has told the sender of a message, which has gone to him by way of Postfix. */
  noticeOf(sample: Sample): Promise<ReceivedMessage> {
    const messageId = /^Message-ID: (.*)\r$/m.exec(sample.head.toString())?.[1] ?? assert.fail();
    return this.arrival(
      `a notice of ${sample.subject}`,
      ({ mail, content }) => mail.startsWith('MAIL FROM:<>') && content.includes(messageId),
    );
  }

  /** The events that a query finds, oldest first, once there are that many. */
  events(query: string, count = 1): Promise<SeenEvent[]> {
    return eventually(
      `${count} events ${query}`,
      async () => {
        const answer = await this.relay.ask(`/events?${query}`);
        const { items } = (await answer.json()) as { items: SeenEvent[] };
        return items.length < count ? undefined : items.reverse();
      },
      this.#trouble,
    );
  }

  /** The first attempt, which failed, of a message that is still in the queue; it is removed from there. */
  async deferral(message: string): Promise<SeenEvent> {
    const [event] = await this.events(`message=${message}&type=attempt`);
    const queued = JSON.parse(this.relay.cli('queue', 'list', '--json')) as {
      message: string;
      state: string;
    }[];
    const states = queued.filter((one) => one.message === message).map(({ state }) => state);
    assert.deepEqual(states, ['queued']);
    this.relay.cli('queue', 'delete', message, '--yes');
    return event ?? assert.fail();
  }
}

/** What Postfix has written of the connection that a message came over. */
export function traceOf({ content }: ReceivedMessage): string {
  const trace = /^Received: from relay\.test .*\r\n(?:[ \t].*\r\n)*/m.exec(content)?.[0];
  return trace ?? assert.fail(content.slice(0, 2000));
}

/** The addresses of RCPT commands. */
export function addressesOf({ recipients }: ReceivedMessage): string[] {
  return recipients.map((line) => /<(.*?)>/.exec(Buffer.from(line, 'latin1').toString())?.[1] ?? line);
}

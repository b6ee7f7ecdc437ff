import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { ManualClock } from '../../src/platform/clock.ts';
import type { ListenerOptions, ServerLimits } from '../../src/smtp/server/server.ts';
import { SmtpServer } from '../../src/smtp/server/server.ts';
import { refuse } from '../../src/smtp/reply.ts';
import { DialogueHandler } from './handler.ts';

export interface Dialogue {
  name: string;
  steps: { line: number; text: string }[];
}

/** Cuts a file into its dialogues; comments and empty lines are left out. */
export function parseDialogues(text: string): Dialogue[] {
  const dialogues: Dialogue[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.startsWith('== ')) dialogues.push({ name: line.slice(3), steps: [] });
    else if (line.trim() !== '' && !line.startsWith('#')) {
      dialogues.at(-1)?.steps.push({ line: index + 1, text: line });
    }
  });
  return dialogues;
}

const file = (name: string): string => readFileSync(new URL(`tls/${name}`, import.meta.url), 'utf8');
export const serverTls = { key: file('server-key.pem'), cert: file('server-cert.pem') };

export const LIMITS: ServerLimits = {
  connections: 100,
  connectionsPerNetwork: 10,
  commandLine: 2048,
  commands: 1000,
  errors: 20,
  recipients: 5,
  messageBytes: 100_000,
  idleSeconds: 300,
  dataIdleSeconds: 180,
  sessionSeconds: 3600,
  minimumBytesPerSecond: 10,
};

/** Plays one dialogue; rejects at the first line that does not come true. */
export async function play(dialogue: Dialogue): Promise<void> {
  const settings = new Map<string, string>();
  let at = 0;
  for (; dialogue.steps[at]?.text.startsWith('@ '); at++) {
    for (const word of dialogue.steps[at]?.text.slice(2).split(' ') ?? []) {
      const equals = word.indexOf('=');
      settings.set(word.slice(0, equals), word.slice(equals + 1));
    }
  }
  const stage = await Stage.set(settings);
  try {
    for (const { line, text } of dialogue.steps.slice(at)) {
      try {
        await stage.step(text);
      } catch (error) {
        throw new Error(`line ${line}: ${text}\n${(error as Error).message}`, { cause: error });
      }
    }
  } finally {
    await stage.clear();
  }
}

class Stage {
  readonly handler = new DialogueHandler();
  readonly clock = new ManualClock();
  readonly #server: SmtpServer;
  #socket: net.Socket = new net.Socket();
  #received = '';
  #ended = false;
  #wake: () => void = () => undefined;
  #named = 0;

  private constructor(server: (stage: Stage) => SmtpServer) {
    this.#server = server(this);
  }

  static async set(settings: Map<string, string>): Promise<Stage> {
    const listener: ListenerOptions = {
      name: 'test',
      host: '127.0.0.1',
      port: 0,
      tls: (settings.get('tls') as ListenerOptions['tls'] | undefined) ?? 'none',
      credentials: ['password'],
      plainAuthentication: settings.get('plainAuthentication') === 'yes',
      lineEndings: settings.get('lineEndings') === 'repair' ? 'repair' : 'refuse',
    };
    const limits = { ...LIMITS };
    for (const [key, value] of settings) {
      if (Object.hasOwn(limits, key)) limits[key as keyof ServerLimits] = Number(value);
    }
    let release: () => void = () => undefined;
    const stage = new Stage(
      ({ handler, clock }) =>
        new SmtpServer({
          hostname: 'mail.test',
          listeners: [listener],
          limits,
          tls: listener.tls === 'none' ? undefined : serverTls,
          proxyFrom: settings.get('proxy') === 'yes' ? ['127.0.0.0/8'] : [],
          handler,
          clock,
        }),
    );
    if (settings.get('greeting') === 'slow') {
      stage.handler.greet = new Promise((resolve) => {
        release = resolve;
      });
    }
    if (settings.get('mechanisms') === 'none') stage.handler.offered = [];
    if (settings.get('connection') === 'refused') stage.handler.connectionRefusal = refuse('L705');
    const [listening] = await stage.#server.listen();
    const socket = net.connect({ host: '127.0.0.1', port: listening?.port ?? 0, allowHalfOpen: true });
    await new Promise((resolve) => socket.once('connect', resolve));
    stage.#use(socket);
    stage.#greet = release;
    return stage;
  }

  #greet: () => void = () => undefined;

  #use(socket: net.Socket): void {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('utf8');
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('end', end);
    socket.on('close', end);
    socket.on('error', end);
  }

  async step(text: string): Promise<void> {
    const rest = text.includes(' ') ? text.slice(text.indexOf(' ') + 1) : '';
    switch (text.split(' ', 1)[0] ?? '') {
      case 'C:':
        this.#socket.write(`${rest}\r\n`);
        return;
      case 'C~':
        this.#socket.write(unescape(rest));
        return;
      case 'S:':
        match(await this.#line(), rest);
        return;
      case 'S…':
        while (/^\d{3}-/.test(await this.#line()));
        return;
      case 'SKIP':
        for (let lines = Number(rest); lines > 0; lines--) match(await this.#line(), '250 *');
        return;
      case 'S-':
        await pause();
        assert.equal(this.#received, '', 'the server has said more');
        assert.equal(this.#ended, false, 'the server has closed the connection');
        return;
      case 'S.':
        await this.#until(() => this.#ended || this.#received.includes('\n'));
        assert.equal(this.#received, '', 'the server has said more');
        return;
      case 'TLS':
        await this.#startTls();
        return;
      case 'TLS!':
        await this.#failTls();
        return;
      case 'FIN':
        this.#socket.end();
        return;
      case 'RST':
        this.#socket.resetAndDestroy();
        return;
      case 'GREET':
        this.#greet();
        return;
      case 'RELEASE':
        this.handler.release();
        return;
      case 'STOP':
        void this.#server.close(60_000);
        return;
      case 'WAIT':
        await pause();
        for (let seconds = Number(rest); seconds > 0; seconds--) this.clock.advance(1000);
        return;
      case 'M:':
        await this.#until(() => this.handler.taken.length > this.#named);
        assert.equal(this.#describe(this.#named++), rest);
        return;
      case 'M-':
        await pause();
        assert.equal(this.handler.taken.length, this.#named, 'a message was taken');
        return;
      case 'ABORTED':
        await pause();
        assert.equal(this.handler.aborted, Number(rest));
        return;
      case 'REFUSED':
        await pause();
        assert.equal(this.handler.refusals.join(', '), rest);
        return;
      case 'IDENTITY':
        assert.equal(String(this.handler.session?.identity), rest);
        return;
      case 'ADDRESS':
        assert.equal(`${this.handler.session?.address} ${this.handler.session?.port}`, rest);
        return;
      case 'TLSFAILED':
        await this.#until(() => this.handler.tlsFailures.length > 0);
        match(JSON.stringify(this.handler.tlsFailures[0]), rest);
        return;
      case 'END':
        this.#socket.end();
        await this.#until(() => this.handler.closings.length > 0);
        await pause();
        assert.deepEqual(
          this.handler.closings.map(({ ending }) => ending),
          [rest],
        );
        return;
      default:
        throw new Error('unknown step');
    }
  }

  async clear(): Promise<void> {
    this.#socket.destroy();
    this.handler.release();
    const closed = this.#server.close(0);
    this.clock.advance(1);
    await closed;
  }

  async #line(): Promise<string> {
    await this.#until(() => this.#received.includes('\n') || this.#ended);
    const end = this.#received.indexOf('\r\n');
    assert.ok(end >= 0, `no line, but ${JSON.stringify(this.#received)}${this.#ended ? ', closed' : ''}`);
    const line = this.#received.slice(0, end);
    this.#received = this.#received.slice(end + 2);
    return line;
  }

  async #until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + 5000;
    while (!condition()) {
      if (performance.now() > deadline)
        throw new Error(`in vain; received ${JSON.stringify(this.#received)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 10);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async #startTls(): Promise<void> {
    const raw = this.#socket;
    raw.removeAllListeners();
    const socket = tls.connect({ socket: raw, servername: 'mail.test', ca: serverTls.cert });
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    this.#use(socket);
  }

  async #failTls(): Promise<void> {
    const raw = this.#socket;
    raw.removeAllListeners();
    const socket = tls.connect({
      socket: raw,
      servername: 'mail.test',
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
      rejectUnauthorized: false,
    });
    await new Promise((resolve) => socket.once('error', resolve));
    this.#ended = true;
  }

  #describe(index: number): string {
    const taken = this.handler.taken[index];
    const to = taken?.envelope.recipients.map(({ address }) => address).join(', ');
    return `${taken?.envelope.from} > ${to} ${JSON.stringify(taken?.content.toString('latin1'))}`;
  }
}

/** Gives what is under way on the loopback time to arrive. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 30);
  });
}

function match(actual: string, pattern: string): void {
  const expression = pattern
    .split('*')
    .map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'))
    .join('.*');
  assert.match(actual, new RegExp(`^${expression}$`, 's'));
}

const ESCAPES: Record<string, number> = { r: 13, n: 10, t: 9, '0': 0, '\\': 92 };

/** Text is UTF-8; `\xHH` is one octet. */
function unescape(text: string): Buffer {
  const repeated = text.replaceAll(/\{(.+?)\*(\d+)\}/g, (_, part: string, count: string) =>
    part.repeat(Number(count)),
  );
  const parts = repeated.split(/(\\x[0-9a-fA-F]{2}|\\.)/);
  return Buffer.concat(
    parts.map((part) => {
      if (!part.startsWith('\\')) return Buffer.from(part);
      return Buffer.from([
        part[1] === 'x' ? Number.parseInt(part.slice(2), 16) : (ESCAPES[part[1] ?? ''] ?? 63),
      ]);
    }),
  );
}

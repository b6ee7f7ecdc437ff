/**
 * A relay as an operator has it: its own folder, free ports, everything else by the command line and the API.
 * The command line runs beside the story, so that servers in the story's own process can answer meanwhile.
 */
import { spawn } from 'node:child_process';
import { endWithProcess } from './end-with-process.ts';
import { cleanEnvironment, POSTERN, RelayChild } from './relay-child.ts';
import { SmtpDialogue } from './smtp-dialogue.ts';

export { until } from './until.ts';

const COMMAND_PATIENCE_MS = 30_000;

/** How a command ended. */
export interface Finished {
  code: number | null;
  out: string;
  err: string;
}

export interface Answer<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
}

export interface LoggedEvent {
  id: number;
  type: string;
  source?: string;
  sourceName?: string;
  session?: string;
  message?: string;
  network?: string;
  listener?: string;
  tls?: string;
  code?: string;
  reply?: string;
  from?: string;
  to?: string[];
  destination?: string;
  outcome?: string;
  text?: string;
  detail?: Record<string, unknown>;
}

export interface QueuedDelivery {
  message: string;
  domain: string;
  recipients: string[];
  sourceName: string;
  from: string;
  state: string;
  hold?: string;
  attempts: number;
  nextAttemptAt: number;
  lastReply?: string;
}

/** Runs a command of the command line to its end. */
export function postern(
  args: string[],
  options: { cwd?: string; environment?: Record<string, string> } = {},
): Promise<Finished> {
  const { cwd, environment } = options;
  const child = spawn(process.execPath, [POSTERN, ...args], {
    cwd,
    env: cleanEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithProcess(child, 'SIGKILL');
  const finished: Finished = { code: null, out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (finished.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (finished.err += chunk.toString()));
  // a command that should have ended, such as a start that should have been refused
  const patience = setTimeout(() => child.kill('SIGKILL'), COMMAND_PATIENCE_MS);
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(patience);
      resolve({ ...finished, code });
    });
  });
}

/** Listeners on free ports: `smtp` with STARTTLS, `plain` that takes passwords without. */
export const LISTENERS = `
[[listener]]
name = "smtp"
port = 0

[[listener]]
name = "plain"
port = 0
tls = "none"
plainAuthentication = true

[api]
port = 0
`;

export interface StoryOptions {
  /** The configuration file; empty: there is none. */
  config?: string;
  environment?: Record<string, string>;
  /** Where it is started; absent: a new folder. It is removed in the end either way. */
  folder?: string;
}

export class StoryRelay extends RelayChild {
  #ports: Record<string, number> = {};

  constructor({ config = `hostname = "relay.test"\n${LISTENERS}`, ...options }: StoryOptions = {}) {
    super({ config, ...options });
  }

  get data(): string {
    return this.dataFolder;
  }

  /** Resolves when the relay says that it is ready. */
  async start(): Promise<this> {
    await this.launch();
    this.#ports = await this.ports();
    return this;
  }

  port(listener: string): number {
    const port = this.#ports[listener];
    if (port === undefined) throw new Error(`there is no listener ${listener}`);
    return port;
  }

  /** Greeted, and with EHLO said. */
  async connect(listener = 'plain'): Promise<SmtpDialogue> {
    const client = await SmtpDialogue.connect(this.port(listener));
    await client.hello();
    return client;
  }

  /** A session of an account, ready for its first message. */
  async session(account: string, password: string): Promise<SmtpDialogue> {
    const client = await this.connect();
    const answer = await client.login(account, password);
    if (!answer.startsWith('235')) throw new Error(`${account} was not let in: ${answer}`);
    return client;
  }

  /** Runs the command line against this relay. */
  run(...args: string[]): Promise<Finished> {
    return postern([...args, '--data', this.data], { cwd: this.folder });
  }

  /** As `run`, of a command that has to succeed; answers what it printed. */
  async cli(...args: string[]): Promise<string> {
    const { code, out, err } = await this.run(...args);
    if (code !== 0) throw new Error(`postern ${args.join(' ')} ended with ${code}: ${err}${out}`);
    return out;
  }

  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.cli(...args, '--json')) as T;
  }

  /** Adds a source with an account of its own name; answers the password. */
  async addSource(name: string, ...options: string[]): Promise<string> {
    const { credentials } = await this.json<{ credentials: { password: string }[] }>(
      'source',
      'add',
      name,
      '--owner',
      'owner@corp.test',
      '--password',
      ...options,
    );
    return credentials[0]?.password ?? '';
  }

  /** The events that `postern log` finds, oldest first. */
  async log(...filters: string[]): Promise<LoggedEvent[]> {
    const text = await this.cli('log', '--json', ...filters);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LoggedEvent);
  }

  queue(...filters: string[]): Promise<QueuedDelivery[]> {
    return this.json('queue', 'list', ...filters);
  }

  /** As `log`, by the API: for what is asked again and again. */
  async events(filter: Record<string, string>): Promise<LoggedEvent[]> {
    const query = new URLSearchParams({ limit: '500', ...filter });
    const { body } = await this.api<{ items: LoggedEvent[] }>('GET', `/events?${query.toString()}`);
    return body.items.reverse();
  }

  /** As `queue`, by the API. */
  async deliveries(filter: Record<string, string> = {}): Promise<QueuedDelivery[]> {
    const query = new URLSearchParams({ limit: '500', ...filter });
    return (await this.api<{ items: QueuedDelivery[] }>('GET', `/queue?${query.toString()}`)).body.items;
  }

  /** The administration, without the time that a process takes to start: for what is only the scene of a story. */
  api<T>(method: string, target: string, body?: unknown): Promise<Answer<T>> {
    return this.request<T>(method, `/api/v1${target}`, {
      key: this.token,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  async request<T = Record<string, unknown>>(
    method: string,
    target: string,
    options: { key?: string; body?: string | Buffer; headers?: Record<string, string> } = {},
  ): Promise<Answer<T>> {
    const { key, body, headers } = options;
    const response = await fetch(`${this.address}${target}`, {
      method,
      body: typeof body === 'string' ? body : body && new Uint8Array(body),
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: (json ? JSON.parse(text) : text) as T,
    };
  }

  /** Ends what still runs, and removes the folder. */
  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    this.removeFolder();
  }
}

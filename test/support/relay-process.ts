/** A relay started as a user would: own folder, own configuration, set up by the command line. For benches and stories. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithProcess } from './end-with-process.ts';

const POSTERN = fileURLToPath(new URL('../../bin/postern.mjs', import.meta.url));

export interface RelayOptions {
  /** Absent: the system chooses. */
  smtpPort?: number;
  apiPort?: number;
  /** Instead of the one listener with STARTTLS; the system chooses the port of each. */
  listeners?: { name: string; tls: string; plainAuthentication?: boolean }[];
  /** More TOML, after what the bench itself sets. */
  config?: string;
  folder?: string;
  environment?: Record<string, string>;
}

export class RelayProcess {
  readonly folder: string;
  readonly #options: RelayOptions;
  /** What `start` has printed. */
  printed = '';
  #child: ChildProcess | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.folder = options.folder ?? mkdtempSync(path.join(os.tmpdir(), 'postern-relay-'));
    const listeners = options.listeners ?? [{ name: 'bench', tls: 'starttls' }];
    const tables = listeners.map(
      ({ name, tls, plainAuthentication = false }) =>
        `[[listener]]\nname = "${name}"\nport = ${options.smtpPort ?? 0}\ntls = "${tls}"\nplainAuthentication = ${plainAuthentication}\n`,
    );
    writeFileSync(
      path.join(this.folder, 'postern.toml'),
      `hostname = "relay.test"
${tables.join('')}[api]
port = ${options.apiPort ?? 0}
[log]
level = "error"
file = "${path.join(this.folder, 'postern.log')}"
${options.config ?? ''}`,
    );
  }

  /** Resolves with the milliseconds until the relay answered that it is ready. */
  async start(): Promise<number> {
    const started = performance.now();
    // `start` writes the address once it listens: the one of an earlier start must not be taken for it
    rmSync(this.data('api-address'), { force: true });
    this.printed = '';
    const child = spawn(
      process.execPath,
      [POSTERN, 'start', '--config', path.join(this.folder, 'postern.toml')],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, ...this.#options.environment },
      },
    );
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.printed += text;
    });
    endWithProcess(child, 'SIGKILL');
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the relay stopped at once, with ${child.exitCode}`);
      const ready =
        existsSync(this.data('api-address')) &&
        (await fetch(`${this.api}/readyz`).then(
          (response) => response.ok,
          () => false, // not listening yet
        ));
      if (ready) return performance.now() - started;
      if (performance.now() - started > 60_000) throw new Error('the relay was not ready within a minute');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** A file of the data folder. */
  data(name: string): string {
    return path.join(this.folder, 'data', name);
  }

  /** Address of the API, of a relay that runs. */
  get api(): string {
    return readFileSync(this.data('api-address'), 'utf8').trim();
  }

  /** GET below `/api/v1`, as the administrator. */
  async ask(target: string): Promise<Response> {
    const authorization = `Bearer ${readFileSync(this.data('admin-token'), 'utf8').trim()}`;
    const response = await fetch(`${this.api}/api/v1${target}`, { headers: { authorization } });
    if (!response.ok) throw new Error(`${target}: ${response.status} ${await response.text()}`);
    return response;
  }

  /** Port of each listener, by name. */
  async ports(): Promise<Record<string, number>> {
    const { listeners } = (await (await this.ask('/status')).json()) as {
      listeners: { name: string; address: string }[];
    };
    return Object.fromEntries(
      listeners.map(({ name, address }) => [name, Number(/\d+$/.exec(address)?.[0])]),
    );
  }

  /** Runs the command line against this relay and answers what it printed. */
  cli(...args: string[]): string {
    return execFileSync(process.execPath, [POSTERN, ...args, '--data', path.join(this.folder, 'data')], {
      encoding: 'utf8',
    });
  }

  /** What the bench needs: a domain with its key, a source for loopback without limits, and a route to the sink. */
  setUp(sinkPort: number, { signed = true } = {}): void {
    if (signed) this.cli('domain', 'add', 'corp.test');
    this.cli(
      'source',
      'add',
      'bench',
      '--unaligned',
      'send',
      '--owner',
      'bench@corp.test',
      '--from',
      'corp.test',
      '--recipients',
      'any',
      '--network',
      '127.0.0.0/8',
      '--connections',
      '1000',
      '--limit',
      'messages/minute=none',
      '--limit',
      'messages/hour=none',
      '--limit',
      'messages/day=none',
    );
    this.cli(
      'route',
      'set',
      'sink',
      '--smarthost',
      `127.0.0.1:${sinkPort}`,
      '--tls',
      'none',
      '--connections',
      '20',
    );
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resident memory in MB, as the system counts it. */
  residentMegabytes(): number {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes) / 1024;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A relay started as a user would: own folder, own configuration, set up by the command line. For benches and stories. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const POSTERN = fileURLToPath(new URL('../../bin/postern.mjs', import.meta.url));

export interface RelayOptions {
  smtpPort: number;
  apiPort: number;
  /** More TOML, after what the bench itself sets. */
  config?: string;
  folder?: string;
}

export class RelayProcess {
  readonly folder: string;
  readonly #options: RelayOptions;
  #child: ChildProcess | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.folder = options.folder ?? mkdtempSync(path.join(os.tmpdir(), 'postern-relay-'));
    writeFileSync(
      path.join(this.folder, 'postern.toml'),
      `hostname = "relay.test"
[[listener]]
name = "bench"
port = ${options.smtpPort}
tls = "starttls"
[api]
port = ${options.apiPort}
[log]
level = "error"
file = "${path.join(this.folder, 'postern.log')}"
${options.config ?? ''}`,
    );
  }

  /** Resolves with the milliseconds until the relay answered that it is ready. */
  async start(): Promise<number> {
    const started = performance.now();
    const child = spawn(process.execPath, [POSTERN, 'start', '--config', path.join(this.folder, 'postern.toml')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#child = child;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the relay stopped at once, with ${child.exitCode}`);
      const ready = await fetch(`http://127.0.0.1:${this.#options.apiPort}/readyz`).then(
        (response) => response.ok,
        () => false, // not listening yet
      );
      if (ready) return performance.now() - started;
      if (performance.now() - started > 60_000) throw new Error('the relay was not ready within a minute');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Runs the command line against this relay and answers what it printed. */
  cli(...args: string[]): string {
    return execFileSync(process.execPath, [POSTERN, '--data', path.join(this.folder, 'data'), ...args], { encoding: 'utf8' });
  }

  /** What the bench needs: a domain with its key, a source for loopback without limits, and a route to the sink. */
  setUp(sinkPort: number): void {
    this.cli('domain', 'add', 'corp.test');
    this.cli('source', 'add', 'bench', '--owner', 'bench@corp.test', '--from', 'corp.test', '--recipients', 'any', '--network', '127.0.0.0/8', '--connections', '1000', '--limit', 'none');
    this.cli('route', 'set', 'sink', '--smarthost', `127.0.0.1:${sinkPort}`, '--tls', 'none', '--max-connections', '20');
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

/** A relay started as a user would: own folder, own configuration, set up by the command line. For benches and stories. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { cleanEnvironment, POSTERN, RelayChild } from './relay-child.ts';

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

export class RelayProcess extends RelayChild {
  constructor({ folder, environment, ...options }: RelayOptions) {
    super({ folder, environment, config: configOf(options), showErrors: true });
  }

  /** What the last `start` has printed. */
  get printed(): string {
    return this.output;
  }

  /** Resolves with the milliseconds until the relay answered that it is ready. */
  async start(): Promise<number> {
    const started = performance.now();
    this.output = '';
    await this.launch();
    return performance.now() - started;
  }

  /** A file of the data folder. */
  data(name: string): string {
    return path.join(this.dataFolder, name);
  }

  /** Address of the API, of a relay that runs. */
  get api(): string {
    return this.address;
  }

  /** GET below `/api/v1`, as the administrator. */
  async ask(target: string): Promise<Response> {
    const authorization = `Bearer ${this.token}`;
    const response = await fetch(`${this.api}/api/v1${target}`, { headers: { authorization } });
    if (!response.ok) throw new Error(`${target}: ${response.status} ${await response.text()}`);
    return response;
  }

  /** Runs the command line against this relay and answers what it printed. */
  cli(...args: string[]): string {
    return execFileSync(process.execPath, [POSTERN, ...args, '--data', this.dataFolder], {
      encoding: 'utf8',
      env: cleanEnvironment(),
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

  /** Resident memory in MB, as the system counts it. */
  residentMegabytes(): number {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes) / 1024;
  }

  remove(): void {
    this.removeFolder();
  }
}

function configOf({
  smtpPort = 0,
  apiPort = 0,
  listeners = [{ name: 'bench', tls: 'starttls' }],
  config = '',
}: RelayOptions): string {
  const tables = listeners.map(
    ({ name, tls, plainAuthentication = false }) => `[[listener]]
name = "${name}"
port = ${smtpPort}
tls = "${tls}"
plainAuthentication = ${plainAuthentication}
`,
  );
  return `hostname = "relay.test"
${tables.join('')}[api]
port = ${apiPort}
[log]
level = "error"
file = "postern.log"
${config}`;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithProcess } from './end-with-process.ts';
import { until } from './until.ts';

export const POSTERN = fileURLToPath(new URL('../../bin/postern.mjs', import.meta.url));
const START_PATIENCE_MS = 60_000;

export interface RelayChildOptions {
  /** The configuration file; empty: there is none. */
  config: string;
  environment?: Record<string, string>;
  /** Where it is started; absent: a new folder. */
  folder?: string;
  /** What it writes to its standard error is shown at once, instead of kept in `errors`. */
  showErrors?: boolean;
}

/** `postern start` in a folder of its own. */
export class RelayChild {
  readonly folder: string;
  /** What the process has written, of all its starts. */
  output = '';
  errors = '';
  /** Of the API, once it was ready. */
  address = '';
  readonly #options: RelayChildOptions;
  #child: ChildProcess | undefined;

  constructor(options: RelayChildOptions) {
    this.#options = options;
    this.folder = options.folder ?? mkdtempSync(path.join(os.tmpdir(), 'postern-relay-'));
    if (options.config !== '') writeFileSync(path.join(this.folder, 'postern.toml'), options.config);
  }

  get dataFolder(): string {
    return path.join(this.folder, 'data');
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Of the administrator. */
  get token(): string {
    return readFileSync(path.join(this.dataFolder, 'admin-token'), 'utf8').trim();
  }

  /** Resolves when the relay says that it is ready. */
  protected async launch(): Promise<void> {
    const { environment, showErrors = false } = this.#options;
    // written once it listens: the address of an earlier start must not be taken for it
    const addressFile = path.join(this.dataFolder, 'api-address');
    rmSync(addressFile, { force: true });
    const child = spawn(process.execPath, [POSTERN, 'start'], {
      cwd: this.folder,
      env: cleanEnvironment(environment),
      stdio: ['ignore', 'pipe', showErrors ? 'inherit' : 'pipe'],
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.#child = child;
    endWithProcess(child, 'SIGKILL');
    await until(
      'the relay is ready',
      async () => {
        if (hasEnded(child)) throw new Error(`the relay stopped at once: ${this.errors}`);
        if (!existsSync(addressFile)) return false;
        this.address = readFileSync(addressFile, 'utf8').trim();
        if (this.address === '') return false;
        return fetch(`${this.address}/readyz`).then(
          ({ ok }) => ok,
          () => false, // not listening yet
        );
      },
      START_PATIENCE_MS,
    );
  }

  /** Port of each listener, by name. */
  async ports(): Promise<Record<string, number>> {
    const headers = { authorization: `Bearer ${this.token}` };
    const response = await fetch(`${this.address}/api/v1/status`, { headers });
    const { listeners } = (await response.json()) as { listeners: { name: string; address: string }[] };
    return Object.fromEntries(
      listeners.map(({ name, address }) => [name, Number(/\d+$/.exec(address)?.[0])]),
    );
  }

  /** Resolves with the exit code when the process has ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (child === undefined) return null;
    if (!hasEnded(child)) {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill(signal);
      await ended;
    }
    return child.exitCode;
  }

  protected removeFolder(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The environment without what this machine says of another relay. */
export function cleanEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('POSTERN_'));
  // the relays of tests serve the console that is there: the stories about it build it themselves
  return { ...Object.fromEntries(own), NO_COLOR: '1', POSTERN_CONSOLE_BUILD: 'never', ...more };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

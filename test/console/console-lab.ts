/** A lab with people of every role, started as an operator starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endWithProcess } from '../support/end-with-process.ts';
import { cleanEnvironment, POSTERN } from '../support/relay-child.ts';
import { until } from '../support/until.ts';
import { buildConsole, PASSWORD, PEOPLE, ROLES } from './console-relay.ts';

const PATIENCE_MS = 60_000;

export class ConsoleLab {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'postern-console-lab-'));
  #child: ChildProcess | undefined;
  #token = '';
  address = '';

  async start(): Promise<this> {
    const data = path.join(this.#folder, 'lab');
    const child = spawn(process.execPath, [POSTERN, 'lab', 'start', '--data', data, '--port', '0'], {
      cwd: this.#folder,
      // this build alone, whatever is built beside the story
      env: cleanEnvironment({ POSTERN_CONSOLE_BUILD: buildConsole() }),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#child = child;
    endWithProcess(child, 'SIGKILL');
    await until(
      'the lab is ready',
      async () => {
        if (child.exitCode !== null) throw new Error(`the lab ended with ${child.exitCode}`);
        const file = path.join(data, 'api-address');
        if (!existsSync(file)) return false;
        this.address = readFileSync(file, 'utf8').trim();
        this.#token = readFileSync(path.join(data, 'admin-token'), 'utf8').trim();
        return this.address !== '';
      },
      PATIENCE_MS,
    );
    return this;
  }

  /** As the administrator. @throws Error with what the lab says */
  async api<T>(method: string, target: string, body?: unknown): Promise<T> {
    return this.#send<T>(method, target, { authorization: `Bearer ${this.#token}` }, body);
  }

  async addPeople(): Promise<void> {
    for (const role of ROLES) {
      const { invitation } = await this.api<{ invitation: string }>('POST', '/people', {
        ...PEOPLE[role],
        role,
      });
      await this.#send(
        'POST',
        '/session/invitation',
        { 'x-postern-request': '1' },
        { invitation, password: PASSWORD },
      );
    }
  }

  async remove(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #send<T>(
    method: string,
    target: string,
    headers: Record<string, string>,
    body?: unknown,
  ): Promise<T> {
    const response = await fetch(`${this.address}/api/v1${target}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${target}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}

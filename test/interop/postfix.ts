/** A Postfix of the tests' own: its configuration, queue and log below one folder, nothing of the system's touched. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { eventually } from './sandbox.ts';
import { endWithProcess } from '../support/end-with-process.ts';
import { needs, succeed } from './programs.ts';

const DAEMONS = '/usr/lib/postfix/sbin';
/** It ends itself after this time, should nobody be left to stop it. */
const LONGEST_SECONDS = 300;

/** Only root can start Postfix: a reason to skip, or false. */
export const POSTFIX_NEEDS_ROOT = process.getuid?.() !== 0 && 'Postfix can be started by root only';

export interface PostfixOptions {
  main: Record<string, string>;
  /** Lines of master.cf besides the services that every Postfix needs. */
  services: string[];
  /** One listener that answers once Postfix is ready. */
  port: number;
}

const SERVICES = [
  'cleanup unix n - n - 0 cleanup',
  'qmgr unix n - n 300 1 qmgr',
  'tlsmgr unix - - n 1000? 1 tlsmgr',
  'rewrite unix - - n - - trivial-rewrite',
  'bounce unix - - n - 0 bounce',
  'defer unix - - n - 0 bounce',
  'trace unix - - n - 0 bounce',
  'error unix - - n - - error',
  'retry unix - - n - - error',
  'smtp unix - - n - - smtp',
  'anvil unix - - n - 1 anvil',
  'scache unix - - n - 1 scache',
  'postlog unix-dgram n - n - 1 postlogd',
];

export class Postfix {
  readonly folder: string;
  readonly #options: PostfixOptions;
  #master: ChildProcess | undefined;

  constructor(options: PostfixOptions) {
    this.#options = options;
    this.folder = mkdtempSync(path.join(os.tmpdir(), 'postern-postfix-'));
    // its daemons run as a user of their own
    chmodSync(this.folder, 0o755);
    mkdirSync(path.join(this.folder, 'etc'));
  }

  /** Puts a file into `$config_directory`. */
  write(name: string, text: string): void {
    writeFileSync(path.join(this.folder, 'etc', name), text);
  }

  /** @throws when the Debian package is missing, or Postfix does not start. */
  async start(): Promise<void> {
    needs('/usr/sbin/postfix', 'postfix');
    const { main, services, port } = this.#options;
    const at = (name: string): string => path.join(this.folder, name);
    for (const name of ['queue', 'data']) mkdirSync(at(name));
    await succeed('/usr/bin/chown', ['postfix', at('data')]);
    const settings = {
      compatibility_level: '3.6',
      queue_directory: at('queue'),
      data_directory: at('data'),
      daemon_directory: DAEMONS,
      maillog_file: this.#log,
      maillog_file_prefixes: this.folder,
      myhostname: 'postfix.test',
      mydestination: '',
      local_recipient_maps: '',
      alias_maps: '',
      alias_database: '',
      inet_interfaces: '127.0.0.1',
      inet_protocols: 'ipv4',
      mynetworks: '127.0.0.0/8',
      smtpd_relay_restrictions: 'permit_mynetworks, reject',
      disable_dns_lookups: 'yes',
      smtp_host_lookup: 'native',
      in_flow_delay: '0',
      ...main,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
    this.write('main.cf', lines.join(''));
    this.write('master.cf', `${[...SERVICES, ...services].join('\n')}\n`);
    // makes the folders of the queue
    await succeed('/usr/sbin/postfix', ['-c', at('etc'), 'check']);
    // the master itself, not `postfix start`: a child of this process, which can be stopped by its identifier
    const master = spawn(`${DAEMONS}/master`, ['-c', at('etc'), '-d', '-e', String(LONGEST_SECONDS)], {
      stdio: 'ignore',
    });
    this.#master = master;
    endWithProcess(master, 'SIGTERM');
    await eventually(
      'the start of Postfix',
      () => {
        if (master.exitCode !== null) throw new Error(`Postfix ended with ${master.exitCode}\n${this.log()}`);
        return answers(port);
      },
      () => this.log(),
    );
  }

  get #log(): string {
    return path.join(this.folder, 'mail.log');
  }

  log(): string {
    try {
      return readFileSync(this.#log, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    }
  }

  async stop(): Promise<void> {
    const master = this.#master;
    if (master !== undefined && master.exitCode === null && master.signalCode === null) {
      const ended = new Promise((resolve) => master.once('exit', resolve));
      // ends the daemons as well, which are its process group
      master.kill('SIGTERM');
      await ended;
    }
    // a daemon may write its last line while the master is gone already
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** True once somebody greets. */
function answers(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    const end = (answer: true | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    let greeted: true | undefined;
    socket.on('data', () => {
      if (!greeted) socket.write('QUIT\r\n');
      greeted = true;
    });
    socket.once('error', () => end(undefined));
    socket.once('close', () => end(greeted));
  });
}

/**
 * Ports that nobody listens on, below those that the system gives to connections: of these, one could be taken by
 * somebody else's connection before it is used. All are held before one is given back, so that they differ.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers: net.Server[] = [];
  while (servers.length < count) {
    const server = net.createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(10_000 + Math.floor(Math.random() * 22_000), '127.0.0.1', () => resolve(true));
    });
    if (free) servers.push(server);
  }
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

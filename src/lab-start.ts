/**
 * Starts a lab: a name server, a relay, and beside it the front door of a mail service with two organisations. Everything
 * listens on loopback, and nothing leaves it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { configSchema } from './config/schema.ts';
import { prepareFolder, sealKey, StartError, writeSecret } from './first-run.ts';
import { EventLog } from './journal/log.ts';
import { Archive } from './lab/archive.ts';
import { type Lab, LabError, type LabLanguage } from './lab/lab.ts';
import { proxiedDialer } from './lab/proxied-dialer.ts';
import { RunningLab } from './lab/running-lab.ts';
import { loadSecrets, loadSettings } from './lab/state.ts';
import { ADDRESSES, NAMES, PRINTER } from './lab/world.ts';
import type { SetupLink } from './people/setup-links.ts';
import type { ConsoleBuilds } from './api/console.ts';
import { buildConsole, consoleBuilds } from './console-build.ts';
import { labSummary } from './lab-summary.ts';
import { systemDialer } from './platform/dialer.ts';
import { type Relay, startRelay, VERSION } from './relay.ts';
import { FolderLocked } from './store/folder-lock.ts';
import { Seal } from './store/seal.ts';
import { wireLab } from './wiring/lab.ts';

export interface LabStartOptions {
  /** Folder of the lab; made when it is not there. */
  data: string;
  language: LabLanguage;
  /**
   * The first of five ports in a row: front door, front door with PROXY header, relay, DNS, API. 0: any that are free.
   */
  firstPort: number;
}

export interface StartedLab {
  lab: Lab;
  /** `http://127.0.0.1:10029` */
  api: string;
  /** Of the administrator; opens the API. */
  token: string;
  /** Makes the first owner account of the console; absent when there is one. */
  setupLink?: SetupLink;
  /** Served at the address of the API. */
  console: ConsoleBuilds;
  close(): Promise<void>;
}

export const FIRST_PORT = 10_025;

/** @throws StartError, in one line that says what to do */
export async function startLab({ data, language, firstPort }: LabStartOptions): Promise<StartedLab> {
  const folder = path.resolve(data);
  prepareFolder(folder);
  const labFolder = path.join(folder, 'lab');
  try {
    const secrets = await loadSecrets(labFolder);
    const settings = loadSettings(labFolder);
    const archive = new Archive(labFolder);
    const lab = new RunningLab({ folder: labFolder, language, settings, secrets, archive });
    try {
      const port = (offset: number): number => (firstPort === 0 ? 0 : firstPort + offset);
      await lab.nameServer.listen(port(3));
      const builds = consoleBuilds(process.env);
      const relay = await startRelay(
        {
          console: builds,
          config: configSchema.parse({
            hostname: NAMES.relay,
            listener: [{ name: 'submission', port: port(2), tls: 'starttls' }],
            dns: { servers: [lab.dns.address] },
            api: { port: port(4) },
          }),
          data: folder,
          seal: new Seal(sealKey(folder, process.env)),
          certificate: {
            cert: secrets.relay.certificate,
            key: secrets.relay.privateKey,
            selfSigned: false,
          },
          trustedCa: secrets.authority.certificate,
          log: new EventLog({
            level: 'info',
            destination: pino.destination({
              dest: path.join(folder, 'postern.log'),
              mkdir: true,
              sync: false,
            }),
          }),
          dialer: proxiedDialer(systemDialer, {
            address: ADDRESSES.relay,
            isFrontDoor: (to) => to === lab.frontDoor.proxiedPort,
          }),
          lab: async (ground, rooms, closers) => {
            // nothing of another lab, nor of one that runs: the relay holds the lock of the folder from here on
            await archive.open();
            closers.add(() => lab.close());
            return wireLab(
              ground,
              rooms,
              {
                lab,
                server: secrets.server,
                password: secrets.password,
                ports: { people: port(0), proxied: port(1) },
              },
              closers,
            );
          },
        },
        async ({ administrator }) => {
          if (await administrator.load()) return;
          await administrator.rotate((token) => writeSecret(path.join(folder, 'admin-token'), `${token}\n`));
        },
      );
      return started(folder, lab, relay, secrets.password, builds);
    } catch (error) {
      await lab.close();
      throw error;
    }
  } catch (error) {
    throw explained(error, folder);
  }
}

/** Runs a lab as a process, until SIGTERM or SIGINT. @throws StartError */
export async function runLab(options: LabStartOptions): Promise<void> {
  const startedAt = performance.now();
  process.umask(0o077);
  const { lab, api, setupLink, console: builds, close } = await startLab(options);
  process.stdout.write(
    labSummary({
      version: VERSION,
      lab,
      api,
      setupLink,
      data: path.resolve(options.data),
      readyMs: performance.now() - startedAt,
      colour: process.stdout.isTTY,
    }),
  );
  buildConsole(builds, process.env);
  let stopping = false;
  const stop = (): void => {
    // a second signal does not wait for anybody
    if (stopping) process.exit(1);
    stopping = true;
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
}

function started(
  folder: string,
  lab: RunningLab,
  relay: Relay,
  password: string,
  builds: ConsoleBuilds,
): StartedLab {
  const [listener] = relay.listening;
  lab.opened({
    relay: {
      host: '127.0.0.1',
      hostname: NAMES.relay,
      port: Number(/\d+$/.exec(listener?.address ?? '')?.[0]),
      api: relay.apiAddress,
      account: 'printer',
      password,
      from: PRINTER,
      address: ADDRESSES.relay,
    },
  });
  writeFileSync(path.join(folder, 'api-address'), `${relay.apiAddress}\n`);
  return {
    lab,
    api: relay.apiAddress,
    token: readFileSync(path.join(folder, 'admin-token'), 'utf8').trim(),
    setupLink: relay.setupLink,
    console: builds,
    close: () => relay.close(),
  };
}

function explained(error: unknown, folder: string): unknown {
  if (error instanceof LabError) return new StartError(error.message, { cause: error });
  if (error instanceof FolderLocked) {
    return new StartError(
      `a lab runs in ${folder} already: use it (postern lab status), or name another folder with --data`,
      { cause: error },
    );
  }
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'EADDRINUSE') {
    return new StartError(
      `${address}:${port} is in use by another program: stop it, or choose other ports with --port`,
      { cause: error },
    );
  }
  return error;
}

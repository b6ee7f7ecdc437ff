/** Starts a relay as a process: configuration, first run, signals, and one clear line for whatever stops it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { buildConsole, consoleBuilds } from './console-build.ts';
import { consoleAddress } from './console-address.ts';
import { Configuration } from './config/configuration.ts';
import { loadConfig, type LoadedConfig, STANDARD_FILE } from './config/load.ts';
import {
  authorities,
  type DemoCredentials,
  demoSource,
  listenerCertificate,
  prepareFolder,
  sealKey,
  StartError,
  weakCertificate,
  writeSecret,
} from './first-run.ts';
import { EventLog } from './journal/log.ts';
import { systemDisk } from './platform/disk.ts';
import { type Relay, startRelay, VERSION } from './relay.ts';
import { FolderLocked } from './store/folder-lock.ts';
import { Seal } from './store/seal.ts';
import { summary } from './summary.ts';

export interface StartOptions {
  config?: string;
  data?: string;
}

const EXIT_OK = 0;
const EXIT_FAILED = 1;

/**
 * Runs until SIGTERM or SIGINT. SIGHUP reads the certificate anew.
 * @throws ConfigError, StartError: what the user has to change, one line for each problem
 */
export async function start(options: StartOptions): Promise<void> {
  const startedAt = performance.now();
  const loaded = loadConfig({ file: options.config, data: options.data, environment: process.env });
  const { config, data } = loaded;
  // mail, hashes of passwords, the journal: nothing of it is for other users, whoever made the folder
  process.umask(0o077);
  prepareFolder(data);
  const seal = new Seal(sealKey(data, process.env));
  const builds = config.api.console ? consoleBuilds(process.env) : undefined;
  const log = new EventLog({ level: config.log.level, destination: logDestination(loaded) });
  let demo: DemoCredentials | undefined;
  let relay: Relay;
  try {
    const files = await certificates(loaded);
    relay = await startRelay(
      { config, data, seal, log, configuration: configurationOf(loaded, options), console: builds, ...files },
      async ({ sources, domains, administrator }) => {
        const tokenFile = path.join(data, 'admin-token');
        if (!(await administrator.load())) {
          await administrator.rotate((token) => writeSecret(tokenFile, `${token}\n`));
        }
        demo = await demoSource(data, sources, domains);
      },
    );
  } catch (error) {
    throw explained(error, data);
  }
  writeFileSync(path.join(data, 'api-address'), `${relay.apiAddress}\n`);
  process.stdout.write(
    summary({
      version: VERSION,
      listening: relay.listening,
      apiAddress: relay.apiAddress,
      console: builds && consoleAddress(config, relay.apiAddress),
      setupLink: relay.setupLink,
      data,
      configFile: loaded.file,
      demo,
      sandboxOnly: relay.sandboxOnly,
      readyMs: performance.now() - startedAt,
      colour: process.stdout.isTTY,
    }),
  );
  if (builds) buildConsole(builds, process.env);
  watchProcess(relay, loaded, log);
}

/** The file as administrators may read and write it: the one that was read, or the one that the next start would find. */
function configurationOf(loaded: LoadedConfig, { config, data }: StartOptions): Configuration {
  const byVariable = config === undefined && process.env['POSTERN_CONFIG'] !== undefined;
  return new Configuration({
    loaded,
    file: path.resolve(loaded.file ?? STANDARD_FILE),
    ...(byVariable && {
      locked:
        'POSTERN_CONFIG names the file, so it belongs to whoever starts the relay: change it there and start anew, or start with --config FILE',
    }),
    environment: process.env,
    ...(data !== undefined && { dataOption: path.resolve(data) }),
    disk: systemDisk,
    verify: async (next) => void (await certificates(next)),
  });
}

async function certificates({ config, data, file }: LoadedConfig) {
  const base = file === undefined ? process.cwd() : path.dirname(path.resolve(file));
  const optional = (file: string, option: string) =>
    file === '' ? undefined : authorities(path.resolve(base, file), option);
  const certificate = await listenerCertificate(config, base, data);
  return {
    certificate,
    weakCertificate: await weakCertificate(config, certificate, base, data),
    clientCa: optional(config.tls.clientCa, 'tls.clientCa'),
    trustedCa: optional(config.delivery.trustedCa, 'delivery.trustedCa'),
    directoryCa: optional(config.edge.recipients.ldap.ca, 'edge.recipients.ldap.ca'),
  };
}

/** Lines that wait while the log can't be written, octets; what comes after is dropped. */
const LOG_WAITING = 1024 * 1024;

function logDestination({ config, data }: LoadedConfig): pino.DestinationStream {
  const file = config.log.file || (process.stdout.isTTY ? path.join(data, 'postern.log') : '');
  // writes are gathered: a line for each message must not cost a system call each
  const gathered = { sync: false, minLength: 4096, periodicFlush: 500, maxLength: LOG_WAITING };
  const destination = pino.destination(
    file === '' ? { fd: 1, ...gathered } : { dest: file, mkdir: true, ...gathered },
  );
  // a log that can't be written, on a full disk or a closed pipe, is no reason to stop taking mail
  destination.on('error', () => {});
  return destination;
}

/** What stops a start, in words that say what to do. */
function explained(error: unknown, data: string): unknown {
  if (error instanceof StartError) return error;
  if (error instanceof FolderLocked) {
    return new StartError(
      `data folder ${data} is in use by another relay: stop that one, or name another folder with --data`,
      { cause: error },
    );
  }
  const { code, address, port, syscall } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  if (code === 'EADDRINUSE') {
    return new StartError(
      `${address}:${port} is in use by another program: stop it, or choose another port in the configuration`,
      { cause: error },
    );
  }
  if (code === 'EACCES' && syscall === 'listen') {
    return new StartError(
      `${address}:${port} may not be bound by this user: choose a port above 1023, or give the right (CAP_NET_BIND_SERVICE)`,
      { cause: error },
    );
  }
  if (code === 'EADDRNOTAVAIL') {
    return new StartError(
      `${address} is no address of this machine: correct the listener's host in the configuration`,
      { cause: error },
    );
  }
  return error;
}

function watchProcess(relay: Relay, loaded: LoadedConfig, log: EventLog): void {
  let stopping = false;
  const stop = (signal: string): void => {
    // a second signal does not wait for anybody
    if (stopping) process.exit(EXIT_FAILED);
    stopping = true;
    log.logger.info(`stopping: ${signal}`);
    relay.close().then(
      () => process.exit(EXIT_OK),
      (error: unknown) => {
        log.logger.error({ error }, 'the relay was not closed in order');
        process.exit(EXIT_FAILED);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal));
  process.on('SIGHUP', () => {
    certificates(loaded)
      .then(({ certificate, weakCertificate: weak, clientCa }) => {
        relay.setCertificate(certificate, weak, clientCa);
        log.logger.info('certificate read anew');
      })
      .catch((error: unknown) =>
        log.logger.error({ error }, 'the certificate could not be read anew; the old one stays'),
      );
  });
  const fatal = (error: unknown): void => {
    // the spool is safe at any moment; a process in an unknown state is not: let the supervisor start it anew
    log.logger.fatal(
      { error: error instanceof Error ? { message: error.message, stack: error.stack } : error },
      'unexpected error',
    );
    process.exitCode = EXIT_FAILED;
    setTimeout(() => process.exit(EXIT_FAILED), 200);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
}

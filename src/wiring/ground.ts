import path from 'node:path';
import { StoredDomainRegistry } from '../authentication/dkim/stored-domains.ts';
import type { Config } from '../config/schema.ts';
import { StoredRouteTable } from '../deliver/stored-routes.ts';
import { FanOut } from '../journal/fan-out.ts';
import { Followers } from '../journal/followers/followers.ts';
import type { EventLog } from '../journal/log.ts';
import { Metrics } from '../journal/metrics.ts';
import { SqliteJournal } from '../journal/sqlite-journal.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import { type Disk, systemDisk } from '../platform/disk.ts';
import { type Random, systemRandom } from '../platform/random.ts';
import { type Resolver, systemResolver } from '../platform/resolver.ts';
import { CredentialUses } from '../sources/credential-uses.ts';
import { SandboxedSources } from '../sources/sandboxed-sources.ts';
import { StoredSourceRegistry } from '../sources/stored-registry.ts';
import { MessageIds } from '../spool/message-id.ts';
import { SqliteSpool } from '../spool/sqlite/sqlite-spool.ts';
import { AdministratorToken } from '../store/administrator-token.ts';
import { type ControlStore, openControlStore } from '../store/control.ts';
import type { Seal } from '../store/seal.ts';
import { Settings } from '../store/settings.ts';
import type { Closers } from './closers.ts';

/** What all rooms stand on: the world, what is stored, and where events go. */
export interface Ground {
  config: Config;
  clock: Clock;
  random: Random;
  disk: Disk;
  resolver: Resolver;
  seal: Seal;
  log: EventLog;
  /** What all rooms write to; others may listen. */
  events: FanOut;
  journal: SqliteJournal;
  followers: Followers;
  metrics: Metrics;
  ids: MessageIds;
  spool: SqliteSpool;
  control: ControlStore;
  settings: Settings;
  sources: StoredSourceRegistry;
  credentialUses: CredentialUses;
  domains: StoredDomainRegistry;
  routes: StoredRouteTable;
  administrator: AdministratorToken;
}

export interface GroundOptions {
  config: Config;
  /** Absolute path of the data folder; it exists. */
  data: string;
  seal: Seal;
  log: EventLog;
  /** Open sessions, for the metrics. */
  sessions: () => number;
}

/** Opens everything that is stored. @throws FolderLocked when another process has the data folder. */
export async function openGround(
  { config, data, seal, log, sessions }: GroundOptions,
  closers: Closers,
): Promise<Ground> {
  const clock = systemClock;
  const random = systemRandom;
  const disk = systemDisk;
  const ids = new MessageIds(clock);
  const journal = new SqliteJournal({
    folder: data,
    clock,
    onTrouble: (text) => log.logger.error(text),
    keepMs: config.journal.retentionDays * 86_400_000,
    keepBytes: config.journal.maximumBytes,
    keepTranscriptBytes: config.journal.transcriptBytes,
  });
  const metrics = new Metrics({ spool: () => spool.statistics(), sessions });
  const events = new FanOut(journal, metrics, log);
  const spool = new SqliteSpool({
    folder: path.join(data, 'spool'),
    disk,
    clock,
    events,
    ids,
    inlineBytes: config.limits.inlineBytes,
    minimumFree: config.spool.minimumFreeBytes,
  });
  // the spool's lock is what refuses a second process on the same folder: nothing else is opened before it
  await spool.open();
  closers.add(() => spool.close());
  await journal.open();
  closers.add(() => journal.close());
  const followers = await follow({ config, data, clock }, closers);
  closers.add(() => metrics.close());

  const control = await openControlStore(path.join(data, 'control.db'));
  closers.add(() => control.destroy());
  const settings = new Settings(control);
  const sources = new StoredSourceRegistry(control, clock, random, events);
  await sources.open();
  closers.add(() => sources.close());
  const credentialUses = new CredentialUses(control, clock, events);
  closers.add(() => credentialUses.flush());
  const domains = new StoredDomainRegistry(control, seal, clock);
  await domains.open();
  const sandboxed = new SandboxedSources(sources);
  const routes = new StoredRouteTable(control, seal, clock, sandboxed);
  await routes.open();
  closers.add(sandboxed.onChange(() => routes.reconsider()));
  const administrator = new AdministratorToken(settings, clock, random);
  await administrator.load();
  return {
    config,
    clock,
    random,
    disk,
    resolver: systemResolver(config.dns.servers),
    seal,
    log,
    events,
    journal,
    followers,
    metrics,
    ids,
    spool,
    control,
    settings,
    sources,
    credentialUses,
    domains,
    routes,
    administrator,
  };
}

/** What is made of the journal. To be called before it is told anything. */
async function follow(
  { config, data, clock }: Pick<GroundOptions, 'config' | 'data'> & { clock: Clock },
  closers: Closers,
): Promise<Followers> {
  const { minuteCountDays, hourCountDays, dayCountDays } = config.journal;
  const followers = new Followers({
    folder: data,
    clock,
    edgeListeners: config.listener.filter(({ role }) => role === 'edge').map(({ name }) => name),
    limits: { keepMs: [minuteCountDays * DAY_MS, hourCountDays * DAY_MS, dayCountDays * DAY_MS] },
  });
  closers.add(() => followers.close());
  await followers.open();
  return followers;
}

const DAY_MS = 86_400_000;

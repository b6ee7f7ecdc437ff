import os from 'node:os';
import path from 'node:path';
import { Notifier } from '../deliver/notifier.ts';
import { ownAddresses } from '../deliver/own-addresses.ts';
import { Queue } from '../deliver/queue.ts';
import { sleepSchedule } from '../deliver/retry.ts';
import { SandboxTransport } from '../deliver/sandbox.ts';
import { Scheduler } from '../deliver/scheduler.ts';
import { SmtpTransport } from '../deliver/smtp-transport.ts';
import { Waiting } from '../deliver/waiting.ts';
import { SqliteInbox } from '../deliver/sqlite-inbox.ts';
import { UNPROVEN_EDGE_SOURCE } from '../edge/acceptance.ts';
import { type Dialer, systemDialer } from '../platform/dialer.ts';
import { holdsMail } from '../sources/lifecycle.ts';
import type { Closers } from './closers.ts';
import type { Ground } from './ground.ts';
import type { Signing } from './signing.ts';

/** Milliseconds that deliveries in progress get to finish when the relay stops. */
const GRACE = 10_000;
/** Octets of messages that are kept from acceptance for the scheduler. */
const HANDED_OVER = 16 * 1024 * 1024;

export interface DeliveryRooms {
  inbox: SqliteInbox;
  queue: Queue;
  scheduler: Scheduler;
  /** What waits, as a whole. */
  waiting: Waiting;
}

export interface DeliveryOptions {
  /** Absolute path of the data folder. */
  data: string;
  /** From address of notices. */
  postmaster: string;
  /** PEM of authorities that are trusted for next hops, besides the well-known ones. */
  trustedCa?: string;
  /** Absent: as the system does. */
  dialer?: Dialer;
}

/** The way out: transports, notices, scheduler. */
export function wireDelivery(
  ground: Ground,
  signing: Pick<Signing, 'signNotice'>,
  { data, postmaster, trustedCa, dialer = systemDialer }: DeliveryOptions,
  closers: Closers,
): DeliveryRooms {
  const { config, clock, random, disk, resolver, events, ids, spool, routes, sources } = ground;
  const { hostname } = config;
  const inbox = new SqliteInbox({ path: path.join(data, 'inbox.db'), ...config.inbox });
  closers.add(() => inbox.close());
  const smtpTransport = new SmtpTransport({
    dialer,
    resolver,
    clock,
    random,
    disk,
    hostname,
    self: {
      names: new Set([hostname]),
      addresses: (port) => ownAddresses(config.listener, port, os.networkInterfaces),
    },
    localAddress: config.delivery.localAddress || undefined,
    trustedRoots: trustedCa === undefined ? [] : [trustedCa],
    timeouts: {
      connect: config.delivery.connectSeconds * 1000,
      greeting: config.delivery.replySeconds * 1000,
      hello: config.delivery.replySeconds * 1000,
      mail: config.delivery.replySeconds * 1000,
      recipient: config.delivery.replySeconds * 1000,
      dataEnd: config.delivery.dataEndSeconds * 1000,
    },
  });
  const schedule = retrySchedule(
    config.delivery.retryFirstSeconds * 1000,
    config.delivery.retryMostSeconds * 1000,
  );
  const notifier = new Notifier({
    clock,
    random,
    events,
    hostname,
    from: postmaster,
    returnLimit: 65_536,
    newId: () => ids.next(),
    insteadOfSender: ({ source }) => (source === UNPROVEN_EDGE_SOURCE ? postmaster : undefined),
    sign: (head, body) => signing.signNotice(head, body),
  });
  const scheduler = new Scheduler({
    spool,
    routes,
    transports: {
      sandbox: new SandboxTransport({ inbox, disk, clock }),
      smarthost: smtpTransport,
      mx: smtpTransport,
    },
    clock,
    random,
    events,
    notifier,
    isStopped: (source) => {
      const state = sources.byId(source)?.state;
      return state !== undefined && holdsMail(state);
    },
    retry: {
      schedule,
      giveUpAfter: config.delivery.giveUpSeconds * 1000,
      delayNoticeAfter: config.delivery.delayNoticeSeconds * 1000,
    },
    limits: {
      lookAhead: config.delivery.lookAhead,
      payloadBytes: HANDED_OVER,
      connections: config.delivery.connections,
      idleMs: config.delivery.idleSeconds * 1000,
      sleep: sleepSchedule(schedule),
    },
  });
  const queue = new Queue(spool, scheduler, clock, events);
  const waiting = new Waiting({ spool, routes, clock, asleep: () => scheduler.asleep() });
  closers.add(() => scheduler.close(GRACE));
  return { inbox, queue, scheduler, waiting };
}

/** Waits between attempts, each three times the one before. */
function retrySchedule(first: number, most: number): number[] {
  const waits = [first];
  for (let wait = first * 3; wait < most && waits.length < 20; wait *= 3) waits.push(wait);
  if (most > first) waits.push(most);
  return waits;
}

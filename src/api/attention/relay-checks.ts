/** What keeps the relay itself from its work, or soon will. */
import { X509Certificate } from 'node:crypto';
import type { ApiContext } from '../context.ts';
import { type Attention, daysBetween, first, inDays } from './item.ts';

const HOUR_MS = 3_600_000;
const DAYS_BEFORE_END = 21;
const DAYS_URGENT = 7;
const OLD_MS = 4 * HOUR_MS;
/** Events that wait to be counted. */
const LAG = 50_000;
const CLOCK_NEWS_MS = 24 * HOUR_MS;
/** Less than so many times the space at which nothing is taken is told before. */
const LITTLE_SPACE = 5;
const MOST_ALERTS = 100;

export async function spoolAttention(context: ApiContext): Promise<Attention[]> {
  const subject = { type: 'relay' as const, name: 'spool' };
  const found: Attention[] = context.obstacles().map((reason) => ({
    kind: 'spool-obstacle',
    severity: 'critical',
    sentence: `No mail is taken: ${reason}`,
    parameters: { reason },
    subject,
    action: { console: '/queue', command: 'postern status' },
  }));
  const { minimumFreeBytes, freeBytes } = context.health;
  const free = await freeBytes();
  if (free < minimumFreeBytes * LITTLE_SPACE && found.length === 0) {
    const short = free < minimumFreeBytes;
    found.push({
      kind: 'disk-space',
      severity: short ? 'critical' : 'warning',
      sentence: `The disk of the data folder has ${megabytes(free)} left; below ${megabytes(minimumFreeBytes)} no mail is taken`,
      parameters: { free, minimum: minimumFreeBytes },
      subject,
      action: { console: '/settings?search=minimumFreeBytes', command: 'postern status' },
    });
  }
  const { oldestAt } = await context.spool.statistics();
  if (oldestAt !== undefined && context.clock.now() - oldestAt > OLD_MS) {
    const hours = Math.floor((context.clock.now() - oldestAt) / HOUR_MS);
    found.push({
      kind: 'queue-old',
      severity: 'warning',
      sentence: `The oldest message has been in the spool for ${hours} hours`,
      parameters: { hours },
      since: oldestAt,
      subject,
      action: { console: '/queue', command: 'postern queue list' },
    });
  }
  return found;
}

export function routeAttention({ routes }: ApiContext): Attention[] {
  if (routes.list().length > 0) return [];
  return [
    {
      kind: 'sandbox-only',
      severity: 'warning',
      sentence: 'No route is set: all mail stays in the sandbox inbox, and nothing leaves',
      parameters: {},
      subject: { type: 'relay', name: 'routes' },
      action: { console: '/routes', command: 'postern route set' },
    },
  ];
}

export function certificateAttention({ health, clock, status }: ApiContext): Attention[] {
  const pem = health.certificate();
  if (pem === '') return [];
  const certificate = new X509Certificate(pem);
  const subject = { type: 'certificate' as const, name: certificate.subject.replaceAll('\n', ', ') };
  const action = { console: '/settings?search=tls', command: 'postern config check' };
  const endsAt = Date.parse(certificate.validTo);
  const days = daysBetween(clock.now(), endsAt);
  const found: Attention[] = [];
  if (days < DAYS_BEFORE_END) {
    found.push({
      kind: 'certificate-ending',
      severity: days < DAYS_URGENT ? 'critical' : 'warning',
      sentence: `The certificate of the listeners ${days < 0 ? 'ended' : 'ends'} ${inDays(days)}; devices that check it then send nothing`,
      parameters: { days, endsAt },
      subject,
      action,
    });
  }
  const open = status()
    .listeners.filter(({ address, tls }) => tls !== 'none' && !isLoopback(address))
    .map(({ name }) => name);
  if (open.length > 0 && certificate.checkIssued(certificate)) {
    const listeners = open.join(', ');
    found.push({
      kind: 'certificate-self-signed',
      severity: 'warning',
      sentence: `The certificate is self-signed, and ${listeners} answers other machines: devices that check it refuse to send`,
      parameters: { listeners },
      subject,
      action,
    });
  }
  return found;
}

export async function alertAttention({ alerts, sources }: ApiContext): Promise<Attention[]> {
  const open = await alerts.list({ state: 'open' }, MOST_ALERTS);
  const waiting = open.filter(
    ({ acknowledgedAt, severity }) => acknowledgedAt === undefined && severity !== 'info',
  );
  return first(
    waiting.map(({ id, severity, text, source, network, destination, firstAt, count, rule, code }) => {
      const who = (source && sources.byId(source)?.name) ?? network ?? destination;
      return {
        kind: 'alert',
        severity,
        sentence: text,
        parameters: {
          rule,
          count,
          text,
          ...(code !== undefined && { code }),
          ...(who !== undefined && { who }),
        },
        since: firstAt,
        subject: { type: 'alert', id, name: who ?? code ?? rule },
        ...(source !== undefined && { source }),
        action: { console: `/alerts?alert=${encodeURIComponent(id)}`, command: `postern alert ack ${id}` },
      };
    }),
    (count) => ({
      kind: 'alert-more',
      severity: 'warning',
      sentence: `${count} more alerts are open`,
      parameters: { count },
      subject: { type: 'alert', name: 'alerts' },
      action: { console: '/alerts', command: 'postern alert list' },
    }),
  );
}

export function destinationAttention({ health }: ApiContext): Attention[] {
  return first(
    health.unreachable().map(({ name, reply, until, since, failures, domains }) => ({
      kind: 'destination-failing',
      severity: 'warning',
      sentence: `${name} takes no mail since ${failures} attempts: ${reply}`,
      parameters: { destination: name, reply, until, failures, domains: domains.join(', ') },
      since,
      subject: { type: 'destination', name },
      action: {
        console: domains[0] === undefined ? '/queue' : `/queue?domain=${encodeURIComponent(domains[0])}`,
        command:
          domains[0] === undefined ? 'postern queue list' : `postern queue list --domain ${domains[0]}`,
      },
    })),
    (count) => ({
      kind: 'destination-failing-more',
      severity: 'warning',
      sentence: `${count} more destinations take no mail`,
      parameters: { count },
      subject: { type: 'destination', name: 'destinations' },
      action: { console: '/queue', command: 'postern queue list' },
    }),
  );
}

export function recordAttention({ traffic, people, health, clock }: ApiContext): Attention[] {
  const found: Attention[] = [];
  if (traffic.behind > LAG) {
    found.push({
      kind: 'counting-behind',
      severity: 'info',
      sentence: `${traffic.behind} events are not counted yet: figures of the past still grow`,
      parameters: { events: traffic.behind },
      subject: { type: 'relay', name: 'journal' },
      action: { console: '/', command: 'postern overview' },
    });
  }
  if (!people.audit.hasRoom) {
    found.push({
      kind: 'audit-log-unwritable',
      severity: 'critical',
      sentence: 'The audit log can not be written: nothing is changed until it can',
      parameters: {},
      subject: { type: 'relay', name: 'audit log' },
      action: { console: '/audit-log', command: 'postern log --type alarm' },
    });
  }
  const set = health.clockSet();
  if (set !== undefined && Math.abs(clock.now() - set.at) < CLOCK_NEWS_MS) {
    const seconds = Math.round(Math.abs(set.ms) / 1000);
    const direction = set.ms > 0 ? 'forward' : 'back';
    found.push({
      kind: 'clock-set',
      severity: 'warning',
      sentence: `The clock was set ${direction} by ${seconds} s: retries, expiry and signatures follow it`,
      parameters: { seconds, direction },
      since: set.at,
      subject: { type: 'relay', name: 'clock' },
      action: { console: '/queue', command: 'postern log --type system' },
    });
  }
  return found;
}

export function edgeAttention({ edge }: ApiContext): Attention[] {
  if (edge.listeners.length === 0) return [];
  const { sources, unavailableSince } = edge.recipientHealth();
  const action = { console: '/edge/settings', command: 'postern edge status' };
  const found: Attention[] = sources.flatMap(({ name, problem }) =>
    problem === undefined
      ? []
      : [
          {
            kind: 'recipients-unknown',
            severity: unavailableSince === undefined ? ('warning' as const) : ('critical' as const),
            sentence: `Recipients can not be looked up in ${name}: ${problem}`,
            parameters: { name, problem },
            ...(unavailableSince !== undefined && { since: unavailableSince }),
            subject: { type: 'edge' as const, name },
            action,
          },
        ],
  );
  for (const { zone, problem } of edge.checksHealth().blocklists) {
    if (problem === undefined) continue;
    found.push({
      kind: 'blocklist-silent',
      severity: 'warning',
      sentence: `The block list ${zone} does not answer: ${problem}`,
      parameters: { list: zone, problem },
      subject: { type: 'edge', name: zone },
      action,
    });
  }
  return found;
}

const megabytes = (octets: number): string => `${Math.round(octets / 1_048_576)} MiB`;

function isLoopback(address: string): boolean {
  return /^(?:127\.|\[::1\]|localhost)/.test(address);
}

import { AlertMetrics } from '../alerts/alert-metrics.ts';
import { Alerts } from '../alerts/alerts.ts';
import { Digests } from '../alerts/digests.ts';
import { AlertIntake } from '../alerts/intake.ts';
import type { MetricReading } from '../alerts/otlp-encode.ts';
import { senderOf } from '../alerts/senders.ts';
import { StoredAlerts } from '../alerts/stored-alerts.ts';
import { StoredAlertSettings } from '../alerts/stored-settings.ts';
import { look } from '../alerts/watch.ts';
import type { SystemMail } from '../deliver/system-mail.ts';
import { systemDialer } from '../platform/dialer.ts';
import { repeat } from '../platform/repeat.ts';
import type { Closers } from './closers.ts';
import type { Ground } from './ground.ts';

/** How often waiting events are looked at, milliseconds. */
const TURN_EVERY = 100;
const LOOK_EVERY = 300_000;
const FORGET_EVERY = 3_600_000;
const DIGEST_EVERY = 300_000;

/** Rules, channels and messages about what happens. @param certificate PEM of the listeners' one, as it is now */
export async function wireAlerts(
  ground: Ground,
  {
    systemMail,
    version,
    certificate,
  }: { systemMail: SystemMail; version: string; certificate: () => string },
  closers: Closers,
): Promise<{ alerts: Alerts; digests: Digests }> {
  const { config, clock, random, control, seal, events, resolver, metrics, sources, spool, log } = ground;
  const { hostname } = config;
  const settings = new StoredAlertSettings(control, seal, clock, random);
  await settings.open();
  const intake = new AlertIntake(clock);
  const onTrouble = (text: string, error?: unknown): void => log.logger.error({ error }, text);
  const readings = async (): Promise<MetricReading[]> => [
    ...((await metrics.readings()) as unknown as MetricReading[]),
    ...(await alertMetrics.readings()),
  ];
  const parts = {
    clock,
    random,
    systemMail,
    readings,
    outside: { dialer: systemDialer, resolver },
    identity: { hostname, version, startedAt: clock.now(), process: String(process.pid) },
  };
  const alerts = new Alerts({
    clock,
    random,
    events,
    intake,
    store: new StoredAlerts(control),
    settings,
    hostname,
    senderOf: (channel) => senderOf(channel, parts),
    sourceName: (id) => sources.byId(id)?.name,
    metrics: () => alertMetrics,
    onTrouble,
  });
  const alertMetrics = new AlertMetrics(() => alerts.openCount);
  await alerts.start();
  closers.add(() => alerts.close());
  closers.add(events.add(intake));

  const failed = (error: unknown): void => onTrouble('alerts were not looked after', error);
  const lookAround = async (): Promise<void> => {
    const { oldestAt } = await spool.statistics();
    const watched = { now: clock.now(), oldestAt, certificate: certificate() };
    for (const rule of settings.rules()) {
      const found = rule.enabled ? look(rule, watched) : undefined;
      if (found !== undefined) alerts.found(rule, found);
    }
  };
  closers.add(repeat(clock, TURN_EVERY, () => alerts.turn(), failed));
  closers.add(repeat(clock, LOOK_EVERY, lookAround, failed));
  closers.add(repeat(clock, FORGET_EVERY, () => alerts.forgetOld(), failed));

  const digests = new Digests({
    clock,
    db: control,
    settings: ground.settings,
    sources,
    search: (filter, limit, before) => ground.journal.search(filter, limit, before),
    mail: systemMail,
    events,
    hostname,
  });
  await digests.open();
  closers.add(
    repeat(
      clock,
      DIGEST_EVERY,
      () => digests.send(),
      (error) => onTrouble('a digest was not sent', error),
    ),
  );
  return { alerts, digests };
}

import type { EventSink } from '../journal/event.ts';
import type { ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import { openControlStore, type ControlStore } from '../store/control.ts';
import { Seal } from '../store/seal.ts';
import type { Notice } from './alert.ts';
import { AlertMetrics } from './alert-metrics.ts';
import { Alerts } from './alerts.ts';
import { ChannelError } from './channel.ts';
import { AlertIntake } from './intake.ts';
import { StoredAlerts } from './stored-alerts.ts';
import { StoredAlertSettings } from './stored-settings.ts';

/** For tests: alerts over real control data, with channels that only remember what they were given. */
export async function alertsFixture(
  db: ControlStore,
  clock: ManualClock,
  events: EventSink,
  seal = new Seal(Buffer.alloc(32, 7)),
) {
  const settings = new StoredAlertSettings(db, seal, clock, systemRandom);
  await settings.open();
  const intake = new AlertIntake(clock);
  const sent: { channel: string; notice: Notice; id: string }[] = [];
  const troubles: string[] = [];
  /** Channels that fail, and how. */
  const failing = new Map<string, ChannelError>();
  const store = new StoredAlerts(db);
  const metrics = new AlertMetrics(() => alerts.openCount);
  const alerts = new Alerts({
    clock,
    random: systemRandom,
    events,
    intake,
    store,
    settings,
    hostname: 'relay.corp.example',
    senderOf: ({ name }) => ({
      async send(notice, id) {
        const error = failing.get(name);
        if (error) throw error;
        sent.push({ channel: name, notice, id });
      },
      close() {},
    }),
    sourceName: (id) => (id === 'src_ups' ? 'ups' : undefined),
    metrics: () => metrics,
    onTrouble: (text) => troubles.push(text),
  });
  await alerts.start();
  return { alerts, settings, intake, sent, failing, store, metrics, troubles };
}

export const emptyStore = (): Promise<ControlStore> => openControlStore(':memory:');

/** Lets promises and the store come to rest; timers stand still. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

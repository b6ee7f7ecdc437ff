import { Counter, Gauge, Registry } from 'prom-client';
import type { MetricReading } from './otlp-encode.ts';

/** Counters of the alerts themselves, for /metrics. Channels are named by administrators, so their number is small. */
export class AlertMetrics {
  readonly #registry = new Registry();
  readonly #dispatches: Counter<'channel' | 'result'>;
  readonly #lostEvents: Counter;
  readonly #lostRecords: Counter<'channel'>;

  /** @param open how many alerts are open now */
  constructor(open: () => number) {
    const registers = [this.#registry];
    this.#dispatches = new Counter({
      name: 'postern_alert_messages_total',
      help: 'Messages about alerts, by channel: attempts that failed, messages sent, messages given up.',
      labelNames: ['channel', 'result'],
      registers,
    });
    this.#lostEvents = new Counter({
      name: 'postern_alert_events_lost_total',
      help: 'Events that the alerts did not look at, because too many came at once.',
      registers,
    });
    this.#lostRecords = new Counter({
      name: 'postern_alert_stream_lost_total',
      help: 'Events that a channel was to stream and could not.',
      labelNames: ['channel'],
      registers,
    });
    const gauge = new Gauge({
      name: 'postern_alerts_open',
      help: 'Alerts that are open.',
      registers: [],
      collect() {
        this.set(open());
      },
    });
    this.#registry.registerMetric(gauge);
  }

  attempted(channel: string, result: 'sent' | 'deferred' | 'failed'): void {
    this.#dispatches.inc({ channel, result });
  }

  lostEvents(count: number): void {
    this.#lostEvents.inc(count);
  }

  lostRecords(channel: string, count: number): void {
    this.#lostRecords.inc({ channel }, count);
  }

  /** Prometheus text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  async readings(): Promise<MetricReading[]> {
    return (await this.#registry.getMetricsAsJSON()) as unknown as MetricReading[];
  }
}

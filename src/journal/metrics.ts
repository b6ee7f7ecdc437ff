import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { isRefusalCode } from '../refusals.ts';
import type { EventSink, JournalEvent } from './event.ts';

/** Values that are read when the metrics are; a rejection leaves the gauge out of that reading. */
export interface Gauges {
  spool?: () => Promise<{ messages: number; queued: number; held: number; bytes: number }>;
  sessions?: () => number;
}

const SEVERITIES = new Set(['info', 'warning', 'critical']);
const OUTCOMES = new Set(['delivered', 'deferred', 'failed', 'held', 'partial']);

/**
 * Prometheus metrics, counted from events. Labels come from closed sets or from the configuration, never from
 * what a client sent, so that nobody can make the number of series grow.
 */
export class Metrics implements EventSink {
  readonly #registry = new Registry();
  readonly #lag = monitorEventLoopDelay({ resolution: 20 });
  readonly #connections: Counter<'listener'>;
  readonly #tlsFailures: Counter<'listener'>;
  readonly #authentications: Counter<'result'>;
  readonly #accepted: Counter<'listener'>;
  readonly #acceptedBytes: Counter;
  readonly #refused: Counter<'code'>;
  readonly #warnings: Counter<'code'>;
  readonly #alarms: Counter<'severity'>;
  readonly #attempts: Counter<'outcome'>;
  readonly #notices: Counter<'kind'>;
  readonly #latency: Histogram;

  constructor(gauges: Gauges = {}) {
    const registers = [this.#registry];
    const counter = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
      new Counter({ name: `postern_${name}`, help, labelNames, registers });
    this.#connections = counter('connections_total', 'Connections that have ended.', ['listener']);
    this.#tlsFailures = counter('tls_failures_total', 'TLS handshakes of clients that failed.', ['listener']);
    this.#authentications = counter('authentications_total', 'Credentials tried.', ['result']);
    this.#accepted = counter('messages_accepted_total', 'Messages taken.', ['listener']);
    this.#acceptedBytes = counter('accepted_bytes_total', 'Octets of the messages taken.');
    this.#refused = counter('refusals_total', 'Refusals, by their code.', ['code']);
    this.#warnings = counter('warnings_total', 'Messages taken with a warning, by its code.', ['code']);
    this.#alarms = counter('alarms_total', 'What a person should look at, by its severity.', ['severity']);
    this.#attempts = counter('attempts_total', 'Delivery attempts, by outcome.', ['outcome']);
    this.#notices = counter('notifications_total', 'Bounces and delay notices.', ['kind']);
    this.#latency = new Histogram({
      name: 'postern_acceptance_seconds',
      help: 'From the end of a message to its answer.',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
      registers,
    });
    this.#addGauges(gauges);
    this.#lag.enable();
  }

  write(event: JournalEvent): void {
    const { type, listener = '', code, outcome, size = 0, detail } = event;
    switch (type) {
      case 'connection':
        return this.#connections.inc({ listener });
      case 'tls-failure':
        return this.#tlsFailures.inc({ listener });
      case 'authentication':
        return this.#authentications.inc({ result: 'accepted' });
      case 'authentication-failure':
        return this.#authentications.inc({ result: 'refused' });
      case 'acceptance':
        this.#accepted.inc({ listener });
        this.#acceptedBytes.inc(size);
        if (typeof detail?.milliseconds === 'number') this.observeAcceptance(detail.milliseconds);
        return;
      case 'refusal':
        return this.#refused.inc({ code: known(code) });
      case 'warning':
        return this.#warnings.inc({ code: known(code) });
      case 'attempt':
        return this.#attempts.inc({ outcome: OUTCOMES.has(outcome ?? '') ? outcome : 'other' });
      case 'bounce':
      case 'delay':
        return this.#notices.inc({ kind: type });
      case 'alarm':
        return this.#alarms.inc({ severity: SEVERITIES.has(outcome ?? '') ? outcome : 'info' });
      case 'change':
      case 'system':
        return;
    }
  }

  /** How long a message waited for its answer; the acceptance event's `detail.milliseconds` says the same. */
  observeAcceptance(milliseconds: number): void {
    this.#latency.observe(milliseconds / 1000);
  }

  /** Everything in Prometheus's text format, and its content type. */
  async metricsText(): Promise<{ text: string; contentType: string }> {
    return { text: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }

  /** The same as values, for other formats. */
  readings() {
    return this.#registry.getMetricsAsJSON();
  }

  close(): void {
    this.#lag.disable();
  }

  #addGauges({ spool, sessions }: Gauges): void {
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name: `postern_${name}`,
        help,
        registers: [this.#registry],
        collect() {
          this.set(read());
        },
      });
    gauge('resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
    gauge('event_loop_lag_seconds', 'The longest delay of the event loop since the last reading.', () => {
      // the sampling interval is part of what is measured
      const lag = Math.max(0, this.#lag.max / 1e9 - 0.02);
      this.#lag.reset();
      return lag;
    });
    if (sessions) gauge('sessions', 'Connections of clients that are open.', sessions);
    if (spool) {
      const readings = ['messages', 'queued', 'held', 'bytes'] as const;
      const values = new Gauge({
        name: 'postern_spool',
        help: 'The spool: messages, deliveries queued and held, octets.',
        labelNames: ['of'],
        registers: [this.#registry],
        async collect() {
          this.reset();
          const statistics = await spool().catch(() => undefined);
          if (statistics) for (const of of readings) values.set({ of }, statistics[of]);
        },
      });
    }
  }
}

function known(code: string | undefined): string {
  return code !== undefined && isRefusalCode(code) ? code : 'other';
}

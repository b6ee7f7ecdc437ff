/**
 * OTLP in JSON (opentelemetry-proto, "JSON Protobuf Encoding"): names in lowerCamelCase, enumerations as numbers,
 * 64-bit integers as decimal strings. Only what Postern sends.
 */
import type { JournalEvent } from '../journal/event.ts';
import { facts, headline, type Notice, type Severity } from './alert.ts';
import { eventSeverity } from './syslog-format.ts';

type AnyValue =
  | { stringValue: string }
  | { intValue: string }
  | { doubleValue: number }
  | { boolValue: boolean }
  | { arrayValue: { values: AnyValue[] } };

interface KeyValue {
  key: string;
  value: AnyValue;
}

export interface LogRecord {
  timeUnixNano: string;
  observedTimeUnixNano: string;
  severityNumber: number;
  severityText: string;
  body: AnyValue;
  attributes: KeyValue[];
  eventName: string;
}

export interface OtlpIdentity {
  hostname: string;
  version: string;
  /** Wall time when counting began, milliseconds. */
  startedAt: number;
}

/** Of the logs data model: INFO, WARN, ERROR, FATAL. */
const LEVELS: Record<number, [number, string]> = {
  2: [21, 'FATAL'],
  3: [17, 'ERROR'],
  4: [13, 'WARN'],
  5: [10, 'INFO2'],
  6: [9, 'INFO'],
};
const ALERT_LEVEL: Record<Severity, number> = { critical: 2, warning: 4, info: 6 };
const LONGEST_TEXT = 4000;
const MOST_VALUES = 100;

/** AGGREGATION_TEMPORALITY_CUMULATIVE */
const CUMULATIVE = 2;

const nanoseconds = (ms: number): string => `${BigInt(Math.round(ms)) * 1_000_000n}`;

function anyValue(value: unknown): AnyValue | undefined {
  if (typeof value === 'string') return { stringValue: value.slice(0, LONGEST_TEXT).toWellFormed() };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return { intValue: String(value) };
    return Number.isFinite(value) ? { doubleValue: value } : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const values = value
    .slice(0, MOST_VALUES)
    .map(anyValue)
    .filter((one) => one !== undefined);
  return { arrayValue: { values } };
}

/** Values that have no form in OTLP, and absent ones, are left out. */
function attributesOf(values: Record<string, unknown>): KeyValue[] {
  return Object.entries(values).flatMap(([key, one]) => {
    const value = anyValue(one);
    return value === undefined ? [] : [{ key, value }];
  });
}

export function eventLog(event: JournalEvent & { at: number }, observedAt: number): LogRecord {
  const [severityNumber, severityText] = LEVELS[eventSeverity(event)] ?? [9, 'INFO'];
  return {
    timeUnixNano: nanoseconds(event.at),
    observedTimeUnixNano: nanoseconds(observedAt),
    severityNumber,
    severityText,
    body: { stringValue: (event.text ?? event.reply ?? event.type).slice(0, LONGEST_TEXT).toWellFormed() },
    attributes: attributesOf({
      'postern.source': event.source,
      'postern.session': event.session,
      'postern.message': event.message,
      'client.address': event.type === 'attempt' ? undefined : event.network,
      'server.address': event.type === 'attempt' ? event.network : undefined,
      'postern.listener': event.listener,
      'postern.tls': event.tls,
      'postern.code': event.code,
      'postern.reply': event.reply,
      'postern.from': event.from,
      'postern.to': event.to,
      'postern.destination': event.destination,
      'postern.outcome': event.outcome,
      'postern.size': event.size,
    }),
    eventName: `postern.${event.type}`,
  };
}

export function noticeLog(notice: Notice): LogRecord {
  const [severityNumber, severityText] = LEVELS[ALERT_LEVEL[notice.alert.severity]] ?? [9, 'INFO'];
  const named = facts(notice).map(([name, value]) => [`postern.alert.${name.toLowerCase()}`, value] as const);
  return {
    timeUnixNano: nanoseconds(notice.at),
    observedTimeUnixNano: nanoseconds(notice.at),
    severityNumber,
    severityText,
    body: { stringValue: `${headline(notice)}: ${notice.alert.text}`.toWellFormed() },
    attributes: attributesOf({ ...Object.fromEntries(named), 'postern.alert.count': notice.alert.count }),
    eventName: `postern.alert.${notice.kind}`,
  };
}

const resourceOf = ({ hostname, version }: OtlpIdentity) => ({
  attributes: attributesOf({
    'service.name': 'postern',
    'service.version': version,
    'host.name': hostname,
  }),
});

/** ExportLogsServiceRequest */
export function logsRequest(logRecords: LogRecord[], identity: OtlpIdentity): string {
  const scope = { name: 'postern', version: identity.version };
  return JSON.stringify({
    resourceLogs: [{ resource: resourceOf(identity), scopeLogs: [{ scope, logRecords }] }],
  });
}

/** A metric as prom-client gives it. */
export interface MetricReading {
  name: string;
  help: string;
  type: string;
  values: { value: number; labels?: Partial<Record<string, string | number>>; metricName?: string }[];
}

/** ExportMetricsServiceRequest. Counters become cumulative sums, histograms keep their bounds. */
export function metricsRequest(readings: MetricReading[], identity: OtlpIdentity, at: number): string {
  const metrics = readings.flatMap((reading): object[] => {
    const { name, help: description, type } = reading;
    const time = { timeUnixNano: nanoseconds(at) };
    const since = { startTimeUnixNano: nanoseconds(identity.startedAt), ...time };
    if (type === 'histogram') {
      const dataPoints = histogramPoints(reading).map((point) => ({ ...since, ...point }));
      return [
        { name, description, unit: 's', histogram: { aggregationTemporality: CUMULATIVE, dataPoints } },
      ];
    }
    if (type !== 'counter' && type !== 'gauge') return [];
    const dataPoints = reading.values
      .filter(({ value }) => Number.isFinite(value))
      .map(({ value, labels = {} }) => ({
        attributes: attributesOf(labels),
        ...(type === 'counter' ? since : time),
        asDouble: value,
      }));
    if (dataPoints.length === 0) return [];
    if (type === 'gauge') return [{ name, description, gauge: { dataPoints } }];
    return [
      {
        name,
        description,
        sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints },
      },
    ];
  });
  const scope = { name: 'postern', version: identity.version };
  return JSON.stringify({
    resourceMetrics: [{ resource: resourceOf(identity), scopeMetrics: [{ scope, metrics }] }],
  });
}

/** Prometheus counts up to each bound, OTLP between them; the last bucket has no bound. */
function histogramPoints({ name, values }: MetricReading) {
  const sum = values.find(({ metricName }) => metricName === `${name}_sum`)?.value ?? 0;
  const buckets = values
    .filter(({ metricName }) => metricName === `${name}_bucket`)
    .map(({ value, labels }) => ({ bound: Number(labels?.['le'] ?? Number.NaN), value }))
    .filter(({ bound }) => Number.isFinite(bound))
    .sort((a, b) => a.bound - b.bound);
  const count = values.find(({ metricName }) => metricName === `${name}_count`)?.value ?? 0;
  const upTo = [...buckets.map(({ value }) => value), count];
  return [
    {
      attributes: [],
      count: String(count),
      sum,
      bucketCounts: upTo.map((value, index) => String(value - (upTo[index - 1] ?? 0))),
      explicitBounds: buckets.map(({ bound }) => bound),
    },
  ];
}

import type { Clock, Timer } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { ChannelError, type SettingsOf } from './channel.ts';
import { post } from './http-post.ts';
import {
  eventLog,
  type LogRecord,
  logsRequest,
  type MetricReading,
  metricsRequest,
  noticeLog,
  type OtlpIdentity,
} from './otlp-encode.ts';
import type { Outside } from './outside.ts';
import type { StreamSender } from './stream.ts';

export interface OtlpOptions {
  settings: SettingsOf<'otlp'>;
  identity: OtlpIdentity;
  outside: Outside;
  clock: Clock;
  random: Random;
  /** What /metrics shows. */
  readings: () => Promise<MetricReading[]>;
  /** Log records that wait in memory at most. */
  most?: number;
}

const BATCH = 512;
const BATCH_MS = 2000;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** OTLP/HTTP, "Retryable Response Codes"; everything else would fail in the same way again. */
const RETRIED = new Set([429, 502, 503, 504]);

/** Logs and metrics over OTLP/HTTP in JSON: batches, one request at a time, and a bounded number that waits. */
export function otlpSender(options: OtlpOptions): StreamSender {
  const { settings, identity, outside, clock, random, readings, most = 10_000 } = options;
  let waiting: LogRecord[] = [];
  let lost = 0;
  let busy = false;
  let waitMs = 0;
  let timer: Timer | undefined;
  let metricsTimer: Timer | undefined;
  let closed = false;

  function send(signal: 'logs' | 'metrics', body: string) {
    const headers = { ...settings.headers, 'content-type': 'application/json', 'user-agent': 'Postern' };
    const { allowPrivate, ca } = settings;
    return post(
      { url: endpointOf(settings.url, signal), headers, body, allowPrivate, ca },
      outside,
      clock.now(),
      RETRIED,
    );
  }

  function schedule(ms: number): void {
    if (closed || timer || busy) return;
    timer = clock.after(ms, () => {
      timer = undefined;
      void exportBatch();
    });
  }

  async function exportBatch(): Promise<void> {
    if (busy || closed) return;
    const batch = waiting.slice(0, BATCH);
    if (batch.length === 0) return;
    busy = true;
    let next = 0;
    try {
      const { text } = await send('logs', logsRequest(batch, identity));
      lost += rejectedIn(text);
      waiting = waiting.slice(batch.length);
      waitMs = 0;
    } catch (error) {
      if (error instanceof ChannelError && error.retry) {
        waitMs = Math.min(Math.max(waitMs * 2, FIRST_WAIT_MS), LONGEST_WAIT_MS);
        next = error.retryAfterMs ?? waitMs * (0.5 + random.fraction() / 2);
      } else {
        // the collector will not have them: the next batch may be better
        lost += batch.length;
        waiting = waiting.slice(batch.length);
      }
    } finally {
      busy = false;
    }
    if (waiting.length > 0) schedule(next || (waiting.length >= BATCH ? 0 : BATCH_MS));
  }

  async function exportMetrics(): Promise<void> {
    try {
      await send('metrics', metricsRequest(await readings(), identity, clock.now()));
    } catch {
      // sums are cumulative: the next reading holds what this one had
      lost++;
    }
    scheduleMetrics();
  }

  function scheduleMetrics(): void {
    if (closed || settings.metricsSeconds === 0) return;
    metricsTimer = clock.after(settings.metricsSeconds * 1000, () => void exportMetrics());
  }

  scheduleMetrics();
  return {
    push(event) {
      if (closed) return;
      if (waiting.length >= most) {
        lost++;
        return;
      }
      waiting.push(eventLog(event, clock.now()));
      if (!timer) schedule(BATCH_MS);
    },
    takeLost() {
      const count = lost;
      lost = 0;
      return count;
    },
    async send(notice) {
      const { text } = await send('logs', logsRequest([noticeLog(notice)], identity));
      if (rejectedIn(text) > 0) throw new ChannelError(`rejected: ${text.slice(0, 200)}`, false);
    },
    close() {
      closed = true;
      timer?.cancel();
      metricsTimer?.cancel();
      lost += waiting.length;
      waiting = [];
    },
  };
}

/** OTLP/HTTP, "Endpoint URLs for OTLP/HTTP": the signal's path is appended to the path; a query stays one. */
function endpointOf(base: string, signal: string): string {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/${signal}`;
  return url.href;
}

/** OTLP/HTTP, "Partial Success": 200, and some were not taken; they must not be sent again. */
function rejectedIn(text: string): number {
  try {
    const { partialSuccess } = JSON.parse(text) as {
      partialSuccess?: { rejectedLogRecords?: string | number };
    };
    const rejected = Number(partialSuccess?.rejectedLogRecords ?? 0);
    return Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
  } catch {
    // some collectors answer 200 with an empty body
    return 0;
  }
}

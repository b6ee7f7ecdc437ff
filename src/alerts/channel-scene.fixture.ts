import type { TestContext } from 'node:test';
import { SINK_CERTIFICATE, SINK_KEY } from '../../test/support/sink-certificate.ts';
import { systemClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import type { Notice } from './alert.ts';
import { channelFields, type Sender } from './channel.ts';
import { AnsweringServer, outsideOf } from './local-servers.fixture.ts';
import type { MetricReading } from './otlp-encode.ts';
import { senderOf } from './senders.ts';

export const AT = Date.UTC(2026, 0, 31, 12);
export const certificate = { key: SINK_KEY, cert: SINK_CERTIFICATE };

export const notice: Notice = {
  kind: 'opened',
  at: AT,
  hostname: 'relay.corp.example',
  sourceName: 'ups',
  alert: {
    id: 'alr_0123456789abcdef',
    rule: 'alarm',
    key: '',
    severity: 'critical',
    code: 'on-battery',
    source: 'src_ups',
    text: 'mains lost "now" ]\\ [click](https://evil.example) <!channel> & more',
    state: 'open',
    count: 600,
    firstAt: AT,
    lastAt: AT + 9000,
    toldCount: 600,
  },
};

export async function serve(t: TestContext, secure = false): Promise<AnsweringServer> {
  const server = await new AnsweringServer(secure ? certificate : undefined).listen();
  t.after(() => server.close());
  return server;
}

export function sender(
  t: TestContext,
  settings: unknown,
  { clock = systemClock, outside = outsideOf(), readings = [] as MetricReading[] } = {},
): Sender {
  const channel = channelFields.parse({ name: 'ops', settings });
  const made = senderOf(channel, {
    clock,
    random: systemRandom,
    outside,
    systemMail: { send: async () => Promise.reject(new Error('the spool is full')) },
    identity: { hostname: 'relay.corp.example', version: '1.2.3', startedAt: AT - 1000, process: '42' },
    readings: async () => readings,
  });
  t.after(() => made.close());
  return made;
}

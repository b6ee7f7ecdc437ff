import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SINK_CERTIFICATE } from '../../test/support/sink-certificate.ts';
import type { JournalEvent } from '../journal/event.ts';
import { AT, certificate, notice, sender, serve } from './channel-scene.fixture.ts';
import { AnsweringServer, SyslogReceiver, until } from './local-servers.fixture.ts';
import type { MetricReading } from './otlp-encode.ts';
import type { StreamSender } from './stream.ts';

const event = (more: Partial<JournalEvent> = {}): JournalEvent & { at: number } => ({
  type: 'refusal',
  at: AT,
  source: 'src_ups',
  code: 'R501',
  network: '192.0.2.1',
  reply: '550 5.7.1 "no" ]\\',
  ...more,
});

const syslog = (port: number) => ({
  kind: 'syslog',
  host: '127.0.0.1',
  port,
  allowPrivate: true,
  ca: SINK_CERTIFICATE,
  events: {},
});

test('syslog: messages of RFC 5424, octet counting of RFC 5425', async (t) => {
  const receiver = await new SyslogReceiver(certificate).listen();
  t.after(() => receiver.close());
  const made = sender(t, syslog(receiver.port)) as StreamSender;
  await made.send(notice, 'dsp_1');
  made.push(event({ text: 'zu voll\r\n<0>1 forged' }));
  made.push(event({ type: 'acceptance', code: undefined, to: ['a@x', 'é@y'] }));
  await until(() => receiver.messages.length === 3);
  assert.deepEqual(receiver.broken, []);
  const [alert, refusal, acceptance] = receiver.messages;
  assert.match(
    alert ?? '',
    /^<18>1 2026-01-31T12:00:00\.000Z relay\.corp\.example postern 42 alert-opened \[postern@32473 alert="alr_0123456789abcdef" rule="alarm" severity="critical" code="on-battery" source="ups" count="600" firstAt="[^"]+" lastAt="[^"]+"\] \ufeff\[critical\] /,
  );
  assert.match(
    refusal ?? '',
    /^<20>1 \S+ \S+ postern 42 refusal \[postern@32473 .*reply="550 5\.7\.1 \\"no\\" \\\]\\\\"\] \ufeffzu voll <0>1 forged$/,
  );
  assert.match(acceptance ?? '', /^<22>1 .* to="a@x é@y" recipients="2"/);
});

test('syslog: what is too long is cut at a boundary of characters', async (t) => {
  const receiver = await new SyslogReceiver(certificate).listen();
  t.after(() => receiver.close());
  const made = sender(t, syslog(receiver.port)) as StreamSender;
  made.push(event({ text: '€'.repeat(20_000), from: 'x'.repeat(50_000) }));
  await until(() => receiver.messages.length === 1);
  const [message = ''] = receiver.messages;
  assert.ok(Buffer.byteLength(message) <= 8192);
  assert.ok(!message.includes('\ufffd'));
});

test('syslog: a receiver that is away is waited for, with a bound, and what is lost is counted', async (t) => {
  const first = await new SyslogReceiver(certificate).listen();
  const { port } = first;
  const made = sender(t, syslog(port)) as StreamSender;
  made.push(event());
  await until(() => first.messages.length === 1);
  await first.close();
  // the end of the connection has to be seen first
  await new Promise((resolve) => setTimeout(resolve, 50));
  await assert.rejects(made.send(notice, 'dsp_1'), { retry: true });
  for (let n = 0; n < 10_050; n++) made.push(event({ text: `n ${n}` }));
  assert.equal(made.takeLost(), 50);
  assert.equal(made.takeLost(), 0);
  const second = await new SyslogReceiver(certificate).listen(port);
  t.after(() => second.close());
  await until(() => second.messages.length === 10_000);
  assert.match(second.messages.at(-1) ?? '', /n 9999$/);
});

test('syslog: a receiver with a certificate that nobody vouches for gets nothing', async (t) => {
  const receiver = await new SyslogReceiver(certificate).listen();
  t.after(() => receiver.close());
  const made = sender(t, { ...syslog(receiver.port), ca: undefined });
  await assert.rejects(made.send(notice, 'dsp_1'), { retry: true, message: /self-signed/i });
  assert.deepEqual(receiver.messages, []);
});

const otlp = (port: number, more: object = {}) => ({
  kind: 'otlp',
  url: `http://127.0.0.1:${port}`,
  headers: { authorization: 'Bearer x' },
  allowPrivate: true,
  events: {},
  ...more,
});

interface LogsRequest {
  resourceLogs: {
    resource: { attributes: object[] };
    scopeLogs: {
      logRecords: {
        timeUnixNano: string;
        severityNumber: number;
        severityText: string;
        body: { stringValue: string };
        attributes: { key: string; value: object }[];
        eventName: string;
      }[];
    }[];
  }[];
}

const recordsIn = (body: string) =>
  (JSON.parse(body) as LogsRequest).resourceLogs.flatMap(({ scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) => logRecords),
  );

test('OTLP: a query of the address stays a query', async (t) => {
  const server = await serve(t);
  const settings = otlp(server.port);
  const made = sender(t, { ...settings, url: `${settings.url}/base/?key=1` });
  await made.send(notice, 'dsp_1');
  assert.equal(server.seen[0]?.url, '/base/v1/logs?key=1');
});

test('OTLP logs: the JSON form of the protocol, in batches', async (t) => {
  const server = await serve(t);
  const made = sender(t, otlp(server.port)) as StreamSender;
  made.push(event({ size: 1234, to: ['a@x'], detail: { secret: 'not sent' } }));
  made.push(event({ type: 'system', code: 'X901', text: 'no space' }));
  await until(() => server.seen.length === 1);
  const [request] = server.seen;
  assert.equal(request?.url, '/v1/logs');
  assert.equal(request?.headers['content-type'], 'application/json');
  assert.equal(request?.headers.authorization, 'Bearer x');
  assert.ok(!request?.body.includes('not sent'));
  const [refusal, system] = recordsIn(request?.body ?? '');
  assert.equal(refusal?.timeUnixNano, `${AT}000000`);
  assert.deepEqual(
    [refusal?.severityNumber, refusal?.severityText, refusal?.eventName],
    [13, 'WARN', 'postern.refusal'],
  );
  assert.deepEqual(refusal?.attributes.find(({ key }) => key === 'postern.size')?.value, {
    intValue: '1234',
  });
  assert.deepEqual(refusal?.attributes.find(({ key }) => key === 'postern.to')?.value, {
    arrayValue: { values: [{ stringValue: 'a@x' }] },
  });
  assert.deepEqual([system?.severityNumber, system?.body], [17, { stringValue: 'no space' }]);
});

const OTLP_ANSWERS: [
  what: string,
  first: { status: number; headers?: Record<string, string>; body?: string },
  requests: number,
  lost: number,
][] = [
  ['503 is sent again', { status: 503 }, 2, 0],
  ['429 with Retry-After is sent again', { status: 429, headers: { 'retry-after': '0' } }, 2, 0],
  ['500 is not retryable in OTLP', { status: 500 }, 1, 1],
  ['400 is not sent again', { status: 400 }, 1, 1],
  [
    'partial success is not sent again',
    { status: 200, body: '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too old"}}' },
    1,
    1,
  ],
];
for (const [what, first, requests, lost] of OTLP_ANSWERS) {
  test(`OTLP logs: ${what}`, async (t) => {
    const server = await serve(t);
    server.answers = [first, { status: 200, body: '{}' }];
    const made = sender(t, otlp(server.port)) as StreamSender;
    made.push(event());
    await until(() => server.seen.length === requests);
    // another record shows that the exporter goes on
    made.push(event({ text: 'the next' }));
    await until(() => server.seen.some(({ body }) => body.includes('the next')));
    const firsts = server.seen.filter(({ body }) =>
      recordsIn(body).some((one) => one.body.stringValue !== 'the next'),
    );
    assert.equal(firsts.length, requests);
    assert.equal(made.takeLost(), lost);
  });
}

test('OTLP: a collector that is away costs bounded memory', async (t) => {
  const server = await new AnsweringServer().listen();
  const { port } = server;
  await server.close();
  const made = sender(t, otlp(port)) as StreamSender;
  for (let n = 0; n < 10_007; n++) made.push(event());
  assert.equal(made.takeLost(), 7);
});

test('OTLP: an alert is a log record, and a refused one is an error', async (t) => {
  const server = await serve(t);
  const made = sender(t, otlp(server.port));
  await made.send(notice, 'dsp_1');
  const [record] = recordsIn(server.seen[0]?.body ?? '');
  assert.deepEqual([record?.severityNumber, record?.eventName], [21, 'postern.alert.opened']);
  server.answers = [{ status: 200, body: '{"partialSuccess":{"rejectedLogRecords":1}}' }];
  await assert.rejects(made.send(notice, 'dsp_2'), { retry: false });
});

test('OTLP metrics: sums, gauges and histograms', async (t) => {
  const server = await serve(t);
  const readings: MetricReading[] = [
    {
      name: 'postern_refusals_total',
      help: 'h',
      type: 'counter',
      values: [{ value: 3, labels: { code: 'R501' } }],
    },
    { name: 'postern_sessions', help: 'h', type: 'gauge', values: [{ value: 2 }, { value: Number.NaN }] },
    {
      name: 'postern_acceptance_seconds',
      help: 'h',
      type: 'histogram',
      values: [
        { metricName: 'postern_acceptance_seconds_bucket', labels: { le: 0.1 }, value: 2 },
        { metricName: 'postern_acceptance_seconds_bucket', labels: { le: 1 }, value: 5 },
        { metricName: 'postern_acceptance_seconds_bucket', labels: { le: '+Inf' }, value: 6 },
        { metricName: 'postern_acceptance_seconds_sum', value: 4.5 },
        { metricName: 'postern_acceptance_seconds_count', value: 6 },
      ],
    },
  ];
  sender(t, otlp(server.port, { metricsSeconds: 1, events: undefined }), { readings });
  await until(() => server.seen.length > 0);
  assert.equal(server.seen[0]?.url, '/v1/metrics');
  const { resourceMetrics } = JSON.parse(server.seen[0]?.body ?? '') as {
    resourceMetrics: {
      scopeMetrics: { metrics: Record<string, { dataPoints: Record<string, unknown>[] }>[] }[];
    }[];
  };
  const [refusals, sessions, acceptance] = resourceMetrics[0]?.scopeMetrics[0]?.metrics ?? [];
  assert.deepEqual(
    { ...refusals?.['sum'], dataPoints: refusals?.['sum']?.dataPoints.length },
    { aggregationTemporality: 2, isMonotonic: true, dataPoints: 1 },
  );
  assert.equal(refusals?.['sum']?.dataPoints[0]?.['asDouble'], 3);
  assert.equal(sessions?.['gauge']?.dataPoints.length, 1);
  assert.deepEqual(acceptance?.['histogram']?.dataPoints[0]?.['bucketCounts'], ['2', '3', '1']);
  assert.deepEqual(acceptance?.['histogram']?.dataPoints[0]?.['explicitBounds'], [0.1, 1]);
  assert.equal(acceptance?.['histogram']?.dataPoints[0]?.['count'], '6');
});

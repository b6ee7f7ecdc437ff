import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { SINK_CERTIFICATE, SINK_KEY } from '../../test/support/sink-certificate.ts';
import type { JournalEvent } from '../journal/event.ts';
import { ManualClock, systemClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import type { Notice } from './alert.ts';
import { ChannelError, channelFields, type Sender } from './channel.ts';
import {
  type AnsweringServer as Server,
  AnsweringServer,
  outsideOf,
  SyslogReceiver,
  until,
} from './local-servers.fixture.ts';
import type { MetricReading } from './otlp-encode.ts';
import { reachOf } from './outside.ts';
import { senderOf } from './senders.ts';
import type { StreamSender } from './stream.ts';

const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const AT = Date.UTC(2026, 0, 31, 12);
const certificate = { key: SINK_KEY, cert: SINK_CERTIFICATE };

const notice: Notice = {
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

async function serve(t: TestContext, secure = false): Promise<Server> {
  const server = await new AnsweringServer(secure ? certificate : undefined).listen();
  t.after(() => server.close());
  return server;
}

function sender(
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

const webhook = (port: number, more: object = {}) => ({
  kind: 'webhook',
  url: `http://127.0.0.1:${port}/hook`,
  secret: SECRET,
  allowPrivate: true,
  ...more,
});

/** The program that docs/alerts.md gives to receivers, as it stands there. */
async function documentedCheck(): Promise<
  (secret: string, headers: Record<string, unknown>, body: string, now: number) => boolean
> {
  const page = readFileSync(new URL('../../docs/alerts.md', import.meta.url), 'utf8');
  const program = /```js\n(import \{ createHmac[\s\S]*?)```/.exec(page)?.[1];
  assert.ok(program, 'docs/alerts.md holds the program');
  const module = (await import(`data:text/javascript,${encodeURIComponent(program)}`)) as {
    isGenuine: (secret: string, headers: Record<string, unknown>, body: string, now: number) => boolean;
  };
  return module.isGenuine;
}

test('a webhook is signed so that the documented program takes it, and nothing else', async (t) => {
  const server = await serve(t);
  const clock = new ManualClock(AT);
  await sender(t, webhook(server.port), { clock }).send(notice, 'dsp_1');
  const [request] = server.seen;
  assert.ok(request);
  const { headers, body } = request;
  const isGenuine = await documentedCheck();
  assert.equal(headers['webhook-id'], 'dsp_1');
  assert.ok(isGenuine(SECRET, headers, body, AT));
  assert.ok(isGenuine(SECRET, headers, body, AT + 299_000));
  const wrong: [string, Parameters<typeof isGenuine>][] = [
    ['another body', [SECRET, headers, body.replace('600', '601'), AT]],
    ['another secret', [`whsec_${Buffer.alloc(32, 6).toString('base64')}`, headers, body, AT]],
    ['another id', [SECRET, { ...headers, 'webhook-id': 'dsp_2' }, body, AT]],
    ['another time', [SECRET, { ...headers, 'webhook-timestamp': String(AT / 1000 + 60) }, body, AT]],
    ['repeated after six minutes', [SECRET, headers, body, AT + 360_000]],
    ['from the future', [SECRET, headers, body, AT - 360_000]],
    ['no signature', [SECRET, { ...headers, 'webhook-signature': undefined }, body, AT]],
  ];
  for (const [what, args] of wrong) assert.equal(isGenuine(...args), false, what);
  const sent = JSON.parse(body) as { type: string; data: Record<string, unknown> };
  assert.equal(sent.type, 'alert.opened');
  assert.equal(sent.data['count'], 600);
  assert.equal(sent.data['sourceName'], 'ups');
});

const FAILURES: [
  what: string,
  status: number,
  headers: Record<string, string>,
  retry: boolean,
  wait?: number,
][] = [
  ['an error of the server', 500, {}, true],
  ['overloaded', 503, { 'retry-after': '120' }, true, 120_000],
  ['too many, until a date', 429, { 'retry-after': new Date(AT + 60_000).toUTCString() }, true, 60_000],
  ['too many, for a year', 429, { 'retry-after': '31536000' }, true, 3_600_000],
  ['not found', 404, {}, false],
  ['gone', 410, {}, false],
  ['a redirect', 302, { location: 'http://127.0.0.1:1/' }, false],
];
for (const [what, status, headers, retry, wait] of FAILURES) {
  test(`a webhook that answers ${status}: ${what}`, async (t) => {
    const server = await serve(t);
    server.answers = [{ status, headers, body: 'no\r\n' }];
    await assert.rejects(
      sender(t, webhook(server.port), { clock: new ManualClock(AT) }).send(notice, 'dsp_1'),
      (error) => {
        assert.ok(error instanceof ChannelError);
        assert.equal(error.retry, retry);
        assert.equal(error.retryAfterMs, wait);
        assert.match(error.message, new RegExp(`^answered ${status}`));
        return true;
      },
    );
    assert.equal(server.seen.length, 1, 'nothing is followed');
  });
}

test('nobody listens: tried again', async (t) => {
  const server = await new AnsweringServer().listen();
  const { port } = server;
  await server.close();
  await assert.rejects(sender(t, webhook(port)).send(notice, 'dsp_1'), {
    retry: true,
    message: /ECONNREFUSED/,
  });
});

test('a body without end is not read', async (t) => {
  const server = await serve(t);
  server.answers = [{ status: 200, body: 'x'.repeat(10_000_000) }];
  await sender(t, webhook(server.port)).send(notice, 'dsp_1');
});

const REACHES: [address: string, reach: ReturnType<typeof reachOf>][] = [
  ['93.184.216.34', 'public'],
  ['2606:2800:220:1::1', 'public'],
  ['127.0.0.1', 'private'],
  ['::1', 'private'],
  ['10.1.2.3', 'private'],
  ['172.16.0.1', 'private'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'private'],
  ['fd00::1', 'private'],
  ['::ffff:10.0.0.1', 'private'],
  ['::ffff:169.254.169.254', 'never'],
  ['169.254.169.254', 'never'],
  ['fe80::1', 'never'],
  ['0.0.0.0', 'never'],
  ['::', 'never'],
  ['224.0.0.1', 'never'],
  ['255.255.255.255', 'never'],
  ['64:ff9b::7f00:1', 'never'],
  ['2002:7f00:1::', 'never'],
  ['no address', 'never'],
];
for (const [address, reach] of REACHES) {
  test(`${address} is ${reach}`, () => assert.equal(reachOf(address), reach));
}

const GUARDED: [url: string, allowPrivate: boolean][] = [
  ['https://127.0.0.1:1/', false],
  ['https://[::1]:1/', false],
  ['https://2130706433:1/', false],
  ['https://inside.example:1/', false],
  ['https://localhost:1/', false],
  ['http://outside.example:1/', true],
  ['https://metadata.example:1/', true],
];
for (const [url, allowPrivate] of GUARDED) {
  test(`no connection to ${url}, ${allowPrivate ? 'private addresses allowed' : 'they are not'}`, async (t) => {
    const outside = outsideOf({
      'inside.example': ['10.0.0.1', '127.0.0.1'],
      'outside.example': ['93.184.216.34'],
      'metadata.example': ['169.254.169.254'],
    });
    const made = sender(t, { kind: 'webhook', url, secret: SECRET, allowPrivate }, { outside });
    await assert.rejects(made.send(notice, 'dsp_1'), { retry: false });
    assert.deepEqual(outside.dialled, []);
  });
}

test('of several addresses only a permitted one is connected to', async (t) => {
  const server = await serve(t);
  const outside = outsideOf({ 'mixed.example': ['169.254.169.254', '127.0.0.1'] });
  const url = `http://mixed.example:${server.port}/`;
  await sender(t, { ...webhook(0), url }, { outside }).send(notice, 'dsp_1');
  assert.deepEqual(outside.dialled, ['127.0.0.1']);
  assert.equal(server.seen[0]?.headers.host, `mixed.example:${server.port}`);
});

test('TLS is verified: an unknown authority and another name are refused, an own authority is taken', async (t) => {
  const server = await serve(t, true);
  const outside = outsideOf({ 'sink.example': ['127.0.0.1'], 'other.example': ['127.0.0.1'] });
  const at = (name: string, ca?: string) =>
    sender(t, { ...webhook(0), url: `https://${name}:${server.port}/`, ca }, { outside }).send(
      notice,
      'dsp_1',
    );
  await assert.rejects(at('sink.example'), { retry: true, message: /self-signed/i });
  await assert.rejects(at('other.example', SINK_CERTIFICATE), { retry: true, message: /altname/i });
  await at('sink.example', SINK_CERTIFICATE);
  await at('127.0.0.1', SINK_CERTIFICATE);
  assert.equal(server.seen.length, 2);
});

test('Microsoft Teams gets an Adaptive Card, with Markdown in it made harmless', async (t) => {
  const server = await serve(t, true);
  server.answers = [{ status: 202 }];
  const url = `https://127.0.0.1:${server.port}/workflows/x/triggers/manual/paths/invoke?sig=abc`;
  await sender(t, { kind: 'teams', url, allowPrivate: true, ca: SINK_CERTIFICATE }).send(notice, 'dsp_1');
  const [request] = server.seen;
  assert.match(request?.url ?? '', /\?sig=abc$/);
  const body = JSON.parse(request?.body ?? '') as {
    type: string;
    attachments: {
      contentType: string;
      content: { type: string; body: { text?: string; facts?: object[] }[] };
    }[];
  };
  assert.equal(body.type, 'message');
  assert.equal(body.attachments[0]?.contentType, 'application/vnd.microsoft.card.adaptive');
  const card = body.attachments[0]?.content;
  assert.equal(card?.type, 'AdaptiveCard');
  assert.match(card?.body[1]?.text ?? '', /\\\[click\\\]\\\(https/);
  assert.ok(card?.body[2]?.facts?.some((fact) => JSON.stringify(fact).includes('600')));
});

test('Slack gets blocks of plain text within its limits, and what it answers counts', async (t) => {
  const server = await serve(t, true);
  const url = `https://127.0.0.1:${server.port}/services/T/B/secret`;
  const made = sender(t, { kind: 'slack', url, allowPrivate: true, ca: SINK_CERTIFICATE });
  server.answers = [{ status: 200, body: 'ok' }];
  await made.send({ ...notice, alert: { ...notice.alert, code: 'c'.repeat(500) } }, 'dsp_1');
  const body = JSON.parse(server.seen[0]?.body ?? '') as {
    text: string;
    blocks: { text: { type: string; text: string }; fields?: object[] }[];
  };
  assert.ok(!body.text.includes('<!channel>'));
  assert.ok(body.text.includes('&lt;!channel&gt; &amp; more'));
  assert.ok((body.blocks[0]?.text.text.length ?? 999) <= 150);
  assert.ok((body.blocks[1]?.fields?.length ?? 99) <= 10);
  for (const { text } of body.blocks) assert.equal(text.type, 'plain_text');
  server.answers = [{ status: 429, headers: { 'retry-after': '30' } }];
  await assert.rejects(made.send(notice, 'dsp_2'), { retry: true, retryAfterMs: 30_000 });
  server.answers = [{ status: 404, body: 'no_service' }];
  await assert.rejects(made.send(notice, 'dsp_3'), { retry: false, message: /no_service/ });
});

test('mail that the spool does not take is tried again', async (t) => {
  await assert.rejects(sender(t, { kind: 'mail', to: ['ops@corp.example'] }).send(notice, 'dsp_1'), {
    retry: true,
    message: 'the spool is full',
  });
});

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

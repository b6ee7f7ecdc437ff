import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SINK_CERTIFICATE } from '../../test/support/sink-certificate.ts';
import { ManualClock } from '../platform/clock.ts';
import { ChannelError } from './channel.ts';
import { AT, notice, sender, serve } from './channel-scene.fixture.ts';
import { AnsweringServer, outsideOf } from './local-servers.fixture.ts';
import { reachOf } from './outside.ts';

const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

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

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SINK_CERTIFICATE } from '../../test/support/sink-certificate.ts';
import { settled } from '../alerts/fixtures.ts';
import { DEFAULT_POLICY } from '../sources/source.ts';
import { apiFixture } from './fixtures.ts';

const TOKEN_URL = 'https://hooks.slack.example/services/T0/B0/very-secret';

async function scene(t: TestContext) {
  const fixture = await apiFixture();
  t.after(() => fixture.api.close());
  const ask = async <T = Record<string, unknown>>(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    payload?: object,
    headers: Record<string, string> = {},
  ) => {
    const response = await fixture.api.inject({
      method,
      url: `/api/v1${path}`,
      payload,
      headers: { ...fixture.authorization, ...headers },
    });
    return {
      status: response.statusCode,
      tag: String(response.headers.etag),
      raw: response.body,
      body: (response.body === '' ? {} : response.json()) as T,
    };
  };
  const pass = async (seconds: number) => {
    for (let n = 0; n < seconds; n++) {
      fixture.clock.advance(1000);
      await fixture.alerts.alerts.turn();
      fixture.clock.advance(0);
      await settled();
    }
  };
  return { ...fixture, ask, pass };
}

test('a signing secret is shown once; addresses that are secrets are never shown', async (t) => {
  const { ask, journal } = await scene(t);
  const hook = { settings: { kind: 'webhook', url: 'https://hook.example/x?key=very-secret' } };
  const made = await ask<{ secret?: string }>('PUT', '/alert-channels/hook', hook);
  assert.equal(made.status, 200);
  assert.match(made.body.secret ?? '', /^whsec_/);
  const again = await ask<{ secret?: string }>('PUT', '/alert-channels/hook', hook);
  assert.equal(again.body.secret, undefined);
  await ask('PUT', '/alert-channels/chat', { settings: { kind: 'slack', url: TOKEN_URL } });
  const otlp = {
    kind: 'otlp',
    url: 'https://otel.example/?key=very-secret',
    headers: { authorization: 'Bearer very-secret' },
  };
  await ask('PUT', '/alert-channels/otel', { settings: otlp });
  const list = await ask('GET', '/alert-channels');
  assert.match(list.raw, /hooks\.slack\.example/);
  assert.match(list.raw, /https:\/\/hook\.example\/x\?…/);
  for (const text of [list.raw, JSON.stringify(journal.events)]) {
    assert.doesNotMatch(text, /very-secret|whsec_/);
  }
});

test('an authority is no secret: it is shown, so that who edits a channel can keep it', async (t) => {
  const { ask } = await scene(t);
  const settings = { kind: 'syslog', host: 'siem.example', ca: SINK_CERTIFICATE };
  await ask('PUT', '/alert-channels/siem', { settings });
  const { body } = await ask<{ ca?: string }>('GET', '/alert-channels/siem');
  assert.equal(body.ca, SINK_CERTIFICATE);
});

test('no secret can be tried against an ETag: it is another one in another process', async (t) => {
  const relays = [await scene(t), await scene(t)];
  const settings = { kind: 'slack', url: TOKEN_URL };
  const target = {
    kind: 'smarthost',
    hosts: [{ host: 'mail.corp.example', port: 587 }],
    authentication: { username: 'relay', password: 'very-secret' },
  };
  for (const [path, body] of [
    ['/alert-channels/chat', { settings }],
    ['/routes/out', { match: {}, target, tls: 'verified' }],
  ] as const) {
    const tags = await Promise.all(
      relays.map(async ({ ask }) => {
        const made = await ask('PUT', path, body);
        assert.equal(made.status, 200, made.raw);
        assert.equal((await ask('GET', path)).tag, made.tag);
        return made.tag;
      }),
    );
    assert.notEqual(tags[0], tags[1], path);
  }
});

test('edits of channels and rules are refused when somebody else was faster', async (t) => {
  const { ask } = await scene(t);
  for (const [path, first, second] of [
    [
      '/alert-channels/ops',
      { settings: { kind: 'mail', to: ['a@corp.example'] } },
      { settings: { kind: 'mail', to: ['b@corp.example'] } },
    ],
    [
      '/alert-rules/mine',
      { when: { kind: 'events', types: ['refusal'] } },
      { when: { kind: 'events', types: ['refusal'] }, quietSeconds: 5 },
    ],
  ] as const) {
    const { tag } = await ask('PUT', path, first);
    assert.equal((await ask('PUT', path, second, { 'if-match': tag })).status, 200, path);
    assert.equal((await ask('PUT', path, first, { 'if-match': tag })).status, 412, path);
    assert.equal((await ask('DELETE', path, undefined, { 'if-match': tag })).status, 412, path);
    assert.equal((await ask('DELETE', path)).status, 204, path);
    assert.equal((await ask('GET', path)).status, 404, path);
  }
});

const WRONG: [method: 'PUT' | 'POST', path: string, body: object, status: number][] = [
  ['PUT', '/alert-channels/x', { settings: { kind: 'pager' } }, 400],
  ['PUT', '/alert-channels/x', { settings: { kind: 'webhook', url: 'http://u:p@hook.example/' } }, 400],
  ['PUT', '/alert-channels/Bad%20Name', { settings: { kind: 'mail', to: ['a@b'] } }, 400],
  ['PUT', '/alert-rules/alarm', { when: { kind: 'queue-age', olderThanSeconds: 60 } }, 400],
  ['PUT', '/alert-rules/x', { when: { kind: 'events', types: ['refusal'], source: 'nobody' } }, 404],
  ['PUT', '/alert-rules/x', { when: { kind: 'events', types: ['nothing'] } }, 400],
  ['PUT', '/alert-rules/x', { when: { kind: 'events', types: ['refusal'] }, channels: ['none'] }, 400],
  ['POST', '/alert-mutes', { until: 1e15 }, 400],
  ['POST', '/alert-mutes', { rule: 'alarm', until: 1 }, 400],
  ['POST', '/alert-mutes', { rule: 'alarm', until: 1e15, reason: 'x'.repeat(10_000) }, 400],
  ['POST', '/alerts/alr_none/acknowledge', {}, 404],
  ['POST', '/alert-channels/none/test', {}, 404],
  ['PUT', '/owner-digest', { hour: 25 }, 400],
];
for (const [method, path, body, status] of WRONG) {
  test(`${method} ${path} ${JSON.stringify(body).slice(0, 60)} is ${status}`, async (t) => {
    const { ask } = await scene(t);
    assert.equal((await ask(method, path, body)).status, status);
  });
}

test('alerts are listed in pages, shown with their messages, and acknowledged by name', async (t) => {
  const { ask, alerts, pass } = await scene(t);
  await ask('PUT', '/alert-channels/ops', { settings: { kind: 'mail', to: ['ops@corp.example'] } });
  for (const code of ['a', 'b', 'c'])
    alerts.intake.write({ type: 'alarm', code, outcome: 'warning', text: 'x' });
  await pass(12);
  interface Page {
    items: { id: string; code: string }[];
    next?: string;
  }
  const first = await ask<Page>('GET', '/alerts?limit=2&state=open');
  assert.equal(first.body.items.length, 2);
  const second = await ask<Page>('GET', `/alerts?limit=2&state=open&cursor=${first.body.next}`);
  const codes = [...first.body.items, ...second.body.items].map(({ code }) => code);
  assert.deepEqual(codes.sort(), ['a', 'b', 'c']);
  assert.equal(second.body.next, undefined);
  const id = first.body.items[0]?.id ?? '';
  const shown = await ask<{ messages: { state: string; channel: string }[] }>('GET', `/alerts/${id}`);
  assert.deepEqual(
    shown.body.messages.map(({ state, channel }) => [state, channel]),
    [['sent', 'ops']],
  );
  const known = await ask<{ acknowledgedBy: string }>('POST', `/alerts/${id}/acknowledge`, {});
  assert.equal(known.status, 200);
  assert.ok(known.body.acknowledgedBy.length > 0);
});

test('a channel can be tried, and says why it does not work', async (t) => {
  const { ask, alerts } = await scene(t);
  await ask('PUT', '/alert-channels/ops', {
    enabled: false,
    settings: { kind: 'mail', to: ['ops@corp.example'] },
  });
  assert.deepEqual((await ask('POST', '/alert-channels/ops/test', {})).body, { sent: true });
  assert.equal(alerts.sent[0]?.notice.kind, 'test');
});

test('a mute names its source, and ends', async (t) => {
  const { ask, context, clock } = await scene(t);
  const ups = await context.sources.add({ name: 'ups', description: '', owner: '', policy: DEFAULT_POLICY });
  const made = await ask<{ id: string; source: string; sourceName: string }>('POST', '/alert-mutes', {
    source: 'ups',
    until: clock.now() + 1000,
  });
  assert.equal(made.status, 201);
  assert.deepEqual([made.body.source, made.body.sourceName], [ups.id, 'ups']);
  assert.equal((await ask<{ items: object[] }>('GET', '/alert-mutes')).body.items.length, 1);
  assert.equal((await ask('DELETE', `/alert-mutes/${made.body.id}`)).status, 204);
  assert.equal((await ask('DELETE', `/alert-mutes/${made.body.id}`)).status, 404);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ApiFixture, apiFixture } from './fixtures.ts';

interface Document {
  openapi: string;
  paths: Record<
    string,
    Record<
      string,
      { description?: string; security?: Record<string, unknown>[]; responses: Record<string, unknown> }
    >
  >;
}

const OPEN = ['/healthz', '/readyz', '/openapi.json', '/docs'];

function concrete(path: string): string {
  return path.replaceAll(/\{\w+\}/g, 'x1');
}

async function operations({ api }: ApiFixture) {
  const document = (await api.inject('/openapi.json')).json<Document>();
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
}

describe('authorization', () => {
  it('lets nobody at any documented route without the right token, and reads no body before', async (t) => {
    const fixture = await apiFixture();
    t.after(() => fixture.api.close());
    const all = await operations(fixture);
    assert.ok(all.length > 35, `${all.length} operations`);
    const sender = await senderKey(fixture);
    for (const { path, method, operation } of all) {
      if (operation.security?.length === 0) continue;
      const wrong = path.startsWith('/v1/') ? fixture.token : sender;
      for (const authorization of [
        undefined,
        'Bearer wrong',
        `Basic ${fixture.token}`,
        `Bearer ${wrong}`,
        `Bearer ${'x'.repeat(10_000)}`,
      ]) {
        const response = await fixture.api.inject({
          method: method as 'GET',
          url: concrete(path),
          headers: { ...(authorization ? { authorization } : {}), 'content-type': 'application/json' },
          body: method === 'GET' ? undefined : '{ this is no JSON',
        });
        assert.ok(
          [401, 429].includes(response.statusCode),
          `${method} ${path} ${authorization?.slice(0, 20)}: ${response.statusCode}`,
        );
        assert.equal(response.headers['content-type'], 'application/problem+json; charset=utf-8');
      }
    }
    assert.deepEqual(
      fixture.journal.events.filter(({ type }) => type === 'change').length,
      2, // the source and the key that this test added
    );
  });

  it('documents for each route which token it takes', async (t) => {
    const fixture = await apiFixture();
    t.after(() => fixture.api.close());
    for (const { path, operation } of await operations(fixture)) {
      const sending = path.startsWith('/v1/');
      const open = operation.description?.includes('Open to everybody') ?? false;
      const signedIn = open ? [] : [{ token: [] }, { session: [] }];
      assert.deepEqual(operation.security, sending ? [{ apiKey: [] }] : signedIn, path);
    }
  });

  it('tells what is not there to administrators only', async (t) => {
    const fixture = await apiFixture();
    t.after(() => fixture.api.close());
    assert.equal((await fixture.api.inject('/api/v1/nothing')).statusCode, 401);
    const known = await fixture.api.inject({ url: '/api/v1/nothing', headers: fixture.authorization });
    assert.equal(known.statusCode, 404);
  });

  it('says so to a network that guesses, and still lets the right token in', async (t) => {
    const fixture = await apiFixture();
    t.after(() => fixture.api.close());
    const guess = () =>
      fixture.api.inject({ url: '/api/v1/status', headers: { authorization: 'Bearer no' } });
    for (let i = 0; i < 10; i++) assert.equal((await guess()).statusCode, 401);
    const limited = await guess();
    assert.equal(limited.statusCode, 429);
    assert.ok(Number(limited.headers['retry-after']) > 0);
    const right = await fixture.api.inject({ url: '/api/v1/status', headers: fixture.authorization });
    assert.equal(right.statusCode, 200);
    const noted = fixture.journal.events.filter(({ type }) => type === 'authentication-failure');
    assert.equal(noted.length, 10);
    assert.ok(!JSON.stringify(noted).includes('Bearer'));
    fixture.clock.advance(11 * 60_000);
    assert.equal((await guess()).statusCode, 401);
  });

  it('ends the old administrator token at rotation', async (t) => {
    const { api, authorization } = await apiFixture();
    t.after(() => api.close());
    const response = await api.inject({
      method: 'POST',
      url: '/api/v1/token/rotate',
      headers: authorization,
    });
    const { token } = response.json<{ token: string }>();
    assert.equal((await api.inject({ url: '/api/v1/status', headers: authorization })).statusCode, 401);
    const headers = { authorization: `Bearer ${token}` };
    assert.equal((await api.inject({ url: '/api/v1/status', headers })).statusCode, 200);
  });

  it('serves metrics with a token only, unless they are open', async (t) => {
    const closed = await apiFixture();
    const open = await apiFixture({ metricsOpen: true });
    t.after(() => Promise.all([closed.api.close(), open.api.close()]));
    assert.equal((await closed.api.inject('/metrics')).statusCode, 401);
    const shown = await closed.api.inject({ url: '/metrics', headers: closed.authorization });
    assert.match(shown.body, /postern_up 1/);
    assert.equal((await open.api.inject('/metrics')).statusCode, 200);
  });
});

describe('what anybody may ask', () => {
  it('is alive, and ready unless something stands in the way; nothing is told of it', async (t) => {
    const { api, obstacles } = await apiFixture();
    t.after(() => api.close());
    for (const path of OPEN) assert.equal((await api.inject(path)).statusCode, 200, path);
    obstacles.push('the disk is full: /var/lib/secret');
    const response = await api.inject('/readyz');
    assert.equal(response.statusCode, 503);
    assert.ok(!response.body.includes('secret'));
    assert.equal((await api.inject('/healthz')).statusCode, 200);
  });

  it('serves OpenAPI 3.1 and a page that loads nothing from elsewhere', async (t) => {
    const { api } = await apiFixture();
    t.after(() => api.close());
    const document = (await api.inject('/openapi.json')).json<Document>();
    assert.equal(document.openapi, '3.1.0');
    for (const path of [
      '/api/v1/sources/{name}/rotate',
      '/api/v1/events',
      '/v1/messages',
      '/api/v1/queue/release',
    ]) {
      assert.ok(document.paths[path], path);
    }
    const page = await api.inject('/docs');
    assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
    assert.doesNotMatch(page.body, /<script|src=|https?:\/\//);
    assert.match(page.body, /POST<\/b> <code>\/v1\/messages/);
  });
});

describe('errors', () => {
  it('are problems without what happened inside', async (t) => {
    const fixture = await apiFixture();
    t.after(() => fixture.api.close());
    fixture.context.spool.statistics = async () => {
      throw new Error('secret path /var/lib/postern');
    };
    const response = await fixture.api.inject({ url: '/api/v1/status', headers: fixture.authorization });
    assert.equal(response.statusCode, 500);
    assert.equal(response.json<{ code: string }>().code, 'X902');
    assert.ok(!response.body.includes('secret'));
  });

  it('say what a value may be, in words of people', async (t) => {
    const { api, authorization } = await apiFixture();
    t.after(() => api.close());
    const detail = async (body: object) =>
      (
        await api.inject({ method: 'POST', url: '/api/v1/sources', headers: authorization, payload: body })
      ).json<{ detail: string }>().detail;
    const states = 'requested, pending, sandboxed, active, suspended';
    for (const [body, words] of [
      [{}, 'name: is missing'],
      [{ name: 7 }, 'name: expected text'],
      [{ name: 'app', state: 'on' }, `state: expected one of ${states}`],
      [{ name: 'app', policy: { maxRecipients: 0 } }, 'policy.maxRecipients: expected at least 1'],
      [{ name: 'app', policy: { maxRecipients: 1.5 } }, 'policy.maxRecipients: expected a whole number'],
      [{ name: 'app', contact: 'x'.repeat(5000) }, 'contact: expected at most 200 characters'],
      [{ name: 'app', colour: 'red' }, 'the request: there is no field colour'],
    ] as const) {
      assert.equal(await detail(body), words);
    }
  });

  it('come for bodies that are too large, no JSON, or of an unknown type', async (t) => {
    const { api, authorization } = await apiFixture();
    t.after(() => api.close());
    const post = (body: string, type = 'application/json') =>
      api.inject({
        method: 'POST',
        url: '/api/v1/sources',
        headers: { ...authorization, 'content-type': type },
        body,
      });
    assert.equal(
      (await post(JSON.stringify({ name: 'app', description: 'x'.repeat(10_000_000) }))).statusCode,
      413,
    );
    assert.equal(
      (await post(JSON.stringify({ name: 'app', description: 'x'.repeat(100_000) }))).statusCode,
      400,
    );
    assert.equal((await post('{')).statusCode, 400);
    const xml = await post('<a/>', 'application/xml');
    assert.equal(xml.statusCode, 415);
    assert.match(xml.json<{ detail: string }>().detail, /application\/json/);
    assert.equal((await post('{"__proto__":{"a":1},"name":"app"}')).statusCode, 400);
    assert.equal(
      (await api.inject({ url: `/api/v1/sources/${'x'.repeat(5000)}`, headers: authorization })).statusCode,
      414,
    );
  });
});

async function senderKey({ api, authorization }: ApiFixture): Promise<string> {
  await api.inject({
    method: 'POST',
    url: '/api/v1/sources',
    headers: authorization,
    payload: { name: 'sender' },
  });
  const response = await api.inject({
    method: 'POST',
    url: '/api/v1/sources/sender/credentials',
    headers: authorization,
    payload: { kind: 'api-key' },
  });
  return response.json<{ apiKey: string }>().apiKey;
}

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Devices } from '../sources/discovery/devices.ts';
import { noteMessage } from '../sources/discovery/device.ts';
import { apiFixture } from './fixtures.ts';

interface Body {
  items: { network: string; pairs: object[]; accounts: { source?: string }[] }[];
  next?: string;
  detail: string;
  field?: string;
  network: string;
  credential: { kind: string };
  source: { state: string };
  dropped: number;
}

async function setUp(t: TestContext) {
  const fixture = await apiFixture();
  t.after(() => fixture.api.close());
  const devices = fixture.context.discovery.devices as Devices;
  const device = (network: string) => {
    const made = devices.see(network);
    assert.ok(made);
    noteMessage(
      made,
      {
        envelopeFrom: 'scan@corp.example',
        headerFrom: 'scan@corp.example',
        recipients: ['anna@corp.example'],
        size: 1000,
        tls: false,
      },
      fixture.clock.now(),
    );
    fixture.clock.advance(1);
    return made;
  };
  const ask = async (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    payload?: object,
    headers: object = {},
  ) => {
    const answer = await fixture.api.inject({
      method,
      url: `/api/v1${path}`,
      headers: { authorization: `Bearer ${fixture.token}`, ...headers },
      ...(payload ? { payload } : {}),
    });
    return {
      status: answer.statusCode,
      etag: String(answer.headers['etag']),
      body: (answer.body === '' ? {} : answer.json()) as Body,
    };
  };
  return { ...fixture, device, ask };
}

test('devices are listed in pages, the last seen first, and found by identifier, network and address', async (t) => {
  const { ask, device } = await setUp(t);
  for (const network of ['192.0.2.1', '192.0.2.2', '2001:db8:0:1::/64']) device(network);
  const { body } = await ask('GET', '/discovery?limit=2');
  assert.deepEqual(
    body.items.map(({ network }) => network),
    ['2001:db8:0:1::/64', '192.0.2.2'],
  );
  assert.deepEqual(body.items[0]?.pairs, [
    { envelope: 'scan@corp.example', header: 'scan@corp.example', count: 1 },
  ]);
  const rest = await ask('GET', `/discovery?limit=2&cursor=${body.next}`);
  assert.deepEqual(
    rest.body.items.map(({ network }) => network),
    ['192.0.2.1'],
  );
  assert.equal(rest.body.next, undefined);
  assert.equal((await ask('GET', '/discovery/2001:db8:0:1::%2F64')).body.network, '2001:db8:0:1::/64');
  assert.equal((await ask('GET', '/discovery/192.0.2.9')).status, 404);
});

test('what was shown is what is approved, and only once', async (t) => {
  const { ask, device, journal, clock } = await setUp(t);
  const seen = device('192.0.2.1');
  const { etag, body: plan } = await ask('POST', '/discovery/192.0.2.1/plan', {});
  assert.equal(plan.credential.kind, 'network');
  noteMessage(
    seen,
    { envelopeFrom: 'x@corp.example', headerFrom: 'x@corp.example', recipients: [], size: 1, tls: true },
    clock.now(),
  );
  const stale = await ask('POST', '/discovery/192.0.2.1/approve', {}, { 'if-match': etag });
  assert.equal(stale.status, 412);
  for (const wrong of ['W/"0"', '"', 'anything']) {
    const answer = await ask('POST', '/discovery/192.0.2.1/approve', {}, { 'if-match': wrong });
    assert.equal(answer.status, 412, wrong);
  }
  const again = await ask('POST', '/discovery/192.0.2.1/plan', {});
  const approved = await ask('POST', '/discovery/192.0.2.1/approve', {}, { 'if-match': again.etag });
  assert.equal(approved.status, 200);
  assert.equal(approved.body.source.state, 'active');
  assert.equal((await ask('POST', '/discovery/192.0.2.1/approve', {})).status, 404);
  assert.ok(
    journal.events.some(({ type, text }) => type === 'change' && text?.includes('approved as source')),
  );
});

test('bad wishes are told with their field; nothing is made', async (t) => {
  const { ask, device, context } = await setUp(t);
  device('192.0.2.1');
  for (const [wish, field] of [
    [{ name: 'No Name' }, 'name'],
    [{ owner: 'nobody' }, 'owner'],
    [{ policy: { pairs: [{ envelope: '', header: 'x' }] } }, 'policy.pairs.0.envelope'],
    [{ policy: { pairs: [] } }, 'policy.pairs'],
    [{ held: 'forget' }, 'held'],
  ] as const) {
    const { status, body } = await ask('POST', '/discovery/192.0.2.1/approve', wish);
    assert.equal(status, 400, JSON.stringify(wish));
    assert.equal(body.field, field);
  }
  assert.deepEqual(context.sources.list(), []);
});

test('dismissed, blocked, and unblocked', async (t) => {
  const { ask, device } = await setUp(t);
  device('192.0.2.1');
  assert.deepEqual((await ask('POST', '/discovery/192.0.2.1/dismiss', { block: true })).body, { dropped: 0 });
  assert.equal((await ask('POST', '/discovery-blocks', { network: '10.0.0.1/8' })).status, 400);
  assert.equal((await ask('POST', '/discovery-blocks', { network: '2001:db8::/32' })).status, 201);
  assert.deepEqual(
    (await ask('GET', '/discovery-blocks')).body.items.map(({ network }) => network),
    ['192.0.2.1/32', '2001:db8::/32'],
  );
  assert.equal((await ask('DELETE', '/discovery-blocks/192.0.2.1%2F32')).status, 204);
  assert.equal((await ask('DELETE', '/discovery-blocks/192.0.2.1%2F32')).status, 404);
});

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { askFixture } from './ask-fixture.ts';

/** What the answers below may hold. */
interface Body {
  id: string;
  name: string;
  items: { id: number; name: string; sourceName: string }[];
  next: string;
  password: string;
  field: string;
  match: { source: string };
  headers: object[];
  text: string;
}

const setUp = (t: TestContext) => askFixture<Body>(t);

describe('routes over the API', () => {
  const smarthost = {
    target: {
      kind: 'smarthost',
      hosts: [{ host: 'mail.example.net', port: 587 }],
      authentication: { username: 'relay', password: 'top secret word' },
    },
    tls: 'verified',
  };

  it('are listed as they are tried, and say which one an address would take', async (t) => {
    const { ask } = await setUp(t);
    await ask('POST', '/sources', { name: 'app' });
    const mx = { target: { kind: 'mx' } };
    await ask('PUT', '/routes/a-default', mx);
    await ask('PUT', '/routes/b-partner', { ...mx, match: { recipientDomain: 'bücher.example' } });
    await ask('PUT', '/routes/c-app', { ...mx, match: { source: 'app' } });
    const { items } = (await ask('GET', '/routes')).body as unknown as { items: { name: string }[] };
    assert.deepEqual(
      items.map(({ name }) => name),
      ['c-app', 'b-partner', 'a-default'],
    );
    const choice = async (query: string) =>
      ((await ask('GET', `/route-choice?${query}`)).body as unknown as { route?: { name: string } }).route
        ?.name;
    assert.equal(await choice('recipient=x@B%C3%BCcher.example'), 'b-partner');
    assert.equal(await choice('recipient=x@bücher.example&source=app'), 'c-app');
    assert.equal(await choice('recipient=x@corp.example'), 'a-default');
    assert.equal((await ask('GET', '/route-choice?recipient=nobody')).status, 400);
    await ask('DELETE', '/routes/a-default');
    assert.equal(await choice('recipient=x@corp.example'), undefined);
  });

  it('are set, shown without secrets, guarded by an ETag, and removed', async (t) => {
    const { ask, context, journal, db } = await setUp(t);
    await ask('POST', '/sources', { name: 'app' });
    const set = await ask('PUT', '/routes/out', { ...smarthost, match: { source: 'app' } });
    assert.equal(set.status, 200, set.text);
    assert.equal(set.body.match.source, 'app');
    assert.equal(context.routes.byName('out')?.match.source, context.sources.byName('app')?.id);
    const stored = await db.selectFrom('routes').select('definition').executeTakeFirst();
    for (const text of [
      set.text,
      (await ask('GET', '/routes')).text,
      JSON.stringify(journal.events),
      stored?.definition ?? '',
    ]) {
      assert.ok(!text.includes('top secret word'));
    }
    const tag = String(set.headers['etag']);
    const next = await ask('PUT', '/routes/out', { ...smarthost, connections: 3 }, { 'if-match': tag });
    assert.equal(next.status, 200);
    assert.equal((await ask('PUT', '/routes/out', smarthost, { 'if-match': tag })).status, 412);
    assert.equal((await ask('PUT', '/routes/new', smarthost, { 'if-match': tag })).status, 412);
    const current = (await ask('GET', '/routes/out')).headers['etag'] as string;
    const both = await Promise.all(
      [4, 5].map((connections) =>
        ask('PUT', '/routes/out', { ...smarthost, connections }, { 'if-match': current }),
      ),
    );
    assert.deepEqual(
      both.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 412],
      'of two edits at once, one',
    );
    assert.equal((await ask('DELETE', '/routes/out')).status, 204);
    assert.equal(context.routes.resolve({ source: '', domain: 'x.example', from: '' }).name, 'sandbox');
  });

  const wrong: [string, object, string][] = [
    ['no target', {}, 'target'],
    ['a password without TLS', { ...smarthost, tls: 'none' }, 'tls'],
    [
      'a host that is none',
      { target: { kind: 'smarthost', hosts: [{ host: 'a b', port: 25 }] } },
      'target.hosts.0.host',
    ],
    ['no host', { target: { kind: 'smarthost', hosts: [] } }, 'target.hosts'],
    ['a port that is none', { target: { kind: 'mx', port: 70_000 } }, 'target.port'],
    [
      'a certificate that is none',
      {
        target: {
          kind: 'smarthost',
          hosts: [{ host: 'a.example', port: 25 }],
          clientCertificate: { certificate: 'x', privateKey: 'y' },
        },
      },
      'target.clientCertificate',
    ],
  ];
  for (const [what, payload, field] of wrong) {
    it(`refuse ${what}`, async (t) => {
      const { ask } = await setUp(t);
      const { status, body, text } = await ask('PUT', '/routes/out', payload);
      assert.equal(status, 400, text);
      assert.equal(body.field, field, text);
    });
  }

  it('refuse two of the same condition, and an unknown source', async (t) => {
    const { ask } = await setUp(t);
    await ask('PUT', '/routes/one', { target: { kind: 'mx' } });
    assert.equal((await ask('PUT', '/routes/two', { target: { kind: 'sandbox' } })).status, 400);
    assert.equal(
      (await ask('PUT', '/routes/two', { target: { kind: 'mx' }, match: { source: 'nobody' } })).status,
      404,
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { askFixture } from './ask-fixture.ts';

/** What the answers below may hold. */
interface Body {
  name: string;
  items: { id: number; name: string; sourceName: string }[];
  next: string;
  keys: { selector: string; stage: string; publishedAt?: number; record: { name: string; text: string } }[];
  checks: { result: string }[];
  selector: string;
  stage: string;
  record: { name: string; text: string };
  match: { source: string };
  text: string;
}

const setUp = (t: TestContext) => askFixture<Body>(t);

describe('domains over the API', () => {
  it('show the records, check them, and rotate keys without a gap', async (t) => {
    const { ask, zone, alignment } = await setUp(t);
    const published = () => {
      const decision = alignment.decide('corp.example', { action: 'hold' });
      assert.ok(decision.kind === 'sign');
      return decision.published;
    };
    const added = await ask('POST', '/domains', { name: 'Corp.Example' });
    assert.equal(added.status, 201, added.text);
    assert.ok(!added.text.includes('PRIVATE'));
    assert.equal((await ask('POST', '/domains', { name: 'corp.example' })).status, 409);
    assert.equal((await ask('POST', '/domains', { name: 'no domain' })).status, 400);
    const key = added.body.keys[0];
    const results = async () =>
      ((await ask('POST', '/domains/corp.example/check')).body.checks as { result: string }[]).map(
        ({ result }) => result,
      );
    assert.equal(published(), 'unknown');
    assert.deepEqual(await results(), ['missing']);
    assert.equal(published(), false, 'mail knows it at once');
    zone.set(key?.record.name ?? '', ['v=DKIM1; k=rsa; p=AAAA']);
    assert.deepEqual(await results(), ['different']);
    zone.set(key?.record.name ?? '', [key?.record.text ?? '']);
    assert.deepEqual(await results(), ['published']);
    assert.equal(published(), true);
    const { items } = (await ask('GET', '/domains/corp.example/records')).body as unknown as {
      items: { purpose: string; result: string; found: string[]; expected: string }[];
    };
    assert.deepEqual(
      items.map(({ purpose, result }) => [purpose, result]),
      [
        ['dkim', 'published'],
        ['spf', 'missing'],
        ['dmarc', 'missing'],
      ],
    );
    assert.deepEqual(items[0]?.found, [key?.record.text]);
    assert.match(String(items[1]?.expected), /^v=spf1 a:\S+ ~all$/);
    zone.set(key?.record.name ?? '', []);
    assert.deepEqual(await results(), ['unknown']);
    const kept = (await ask('GET', '/domains/corp.example')).body.keys as { publishedAt?: number }[];
    assert.ok(kept[0]?.publishedAt, 'DNS that does not answer changes nothing');

    const next = await ask('POST', '/domains/corp.example/keys', {});
    const selector = next.body.selector;
    assert.equal(next.body.stage, 'next');
    const early = await ask('POST', `/domains/corp.example/keys/${selector}/activate`, {});
    assert.equal(early.status, 409, 'a key that nobody can see would break every signature');
    assert.equal(published(), true, 'the key that signs is still known');
    zone.set(next.body.record.name, [next.body.record.text]);
    const active = await ask('POST', `/domains/corp.example/keys/${selector}/activate`, {});
    assert.deepEqual(
      active.body.keys.map(({ stage }) => stage),
      ['retiring', 'active'],
    );
    assert.equal((await ask('DELETE', `/domains/corp.example/keys/${selector}`)).status, 409);
    assert.equal((await ask('DELETE', `/domains/corp.example/keys/${key?.selector}`)).status, 200);
    assert.equal((await ask('DELETE', '/domains/corp.example')).status, 204);
    assert.equal((await ask('GET', '/domains/corp.example')).status, 404);
  });
});

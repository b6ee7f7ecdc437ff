import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { askFixture } from './ask-fixture.ts';

/** What the answers below may hold. */
interface Body {
  id: string;
  name: string;
  state: string;
  credential: { id: string; account: string; networks: string[]; cramMd5: boolean };
  replaced: { id: string; expiresAt: number };
  password: string;
  apiKey: string;
  field: string;
  match: { source: string };
  text: string;
}

const setUp = (t: TestContext) => askFixture<Body>(t);

describe('credentials over the API', () => {
  it('show secrets once, and never their hashes', async (t) => {
    const { ask, clock, journal } = await setUp(t);
    await ask('POST', '/sources', { name: 'app' });
    const password = await ask('POST', '/sources/app/credentials', {
      kind: 'password',
      networks: ['10.0.0.0/8'],
    });
    assert.equal(password.status, 201);
    assert.equal(password.body.password.length, 20);
    assert.equal(password.body.credential.account, 'app');
    const key = await ask('POST', '/sources/app/credentials', { kind: 'api-key' });
    assert.match(key.body.apiKey, /^pst_/);
    const network = await ask('POST', '/sources/app/credentials', {
      kind: 'network',
      networks: ['10.1.2.3'],
    });
    assert.deepEqual(network.body.credential.networks, ['10.1.2.3/32']);
    const recoverable = { kind: 'password', account: 'own', password: 'correct horse', cramMd5: true };
    const unexcused = await ask('POST', '/sources/app/credentials', recoverable);
    assert.equal(unexcused.status, 409);
    assert.match(unexcused.text, /postern exception add cram-md5 --source app/);
    const own = await ask('POST', '/sources/app/credentials', {
      ...recoverable,
      exception: { reason: 'old', owner: 'ann@corp.example', endsAt: clock.now() + 1000 },
    });
    assert.equal(own.body.password, undefined, 'a given password is not repeated');
    assert.equal(own.body.credential.cramMd5, true);
    const listed = await ask('GET', '/sources/app/credentials');
    const everything = listed.text + JSON.stringify(journal.events);
    for (const secret of [
      'argon2',
      'storedKey',
      'apiKeyHash',
      'correct horse',
      password.body.password,
      key.body.apiKey,
    ]) {
      assert.ok(!everything.includes(secret), secret);
    }
  });

  const unfit: [object, string][] = [
    [{ kind: 'network' }, 'networks'],
    [{ kind: 'certificate' }, 'certificate'],
    [{ kind: 'oauth' }, 'oauth'],
    [{ kind: 'network', networks: ['10.0.0.1/8'] }, 'networks.0'],
    [{ kind: 'api-key', password: 'something long' }, 'password'],
    [{ kind: 'password', password: 'short' }, 'password'],
    [{ kind: 'password', password: 'with\u0007bell and more' }, 'password'],
    [{ kind: 'password', account: 'a b' }, 'account'],
    [{ kind: 'password', expiresAt: 5 }, 'expiresAt'],
    [{ kind: 'certificate', certificate: { fingerprint256: 'AB:CD' } }, 'certificate'],
  ];
  for (const [payload, field] of unfit) {
    it(`refuse ${JSON.stringify(payload)}`, async (t) => {
      const { ask, context } = await setUp(t);
      await ask('POST', '/sources', { name: 'app' });
      const { status, body, text } = await ask('POST', '/sources/app/credentials', payload);
      assert.equal(status, 400, text);
      assert.ok(body.field.startsWith(field), text);
      assert.deepEqual(context.sources.credentials(context.sources.byName('app')?.id ?? ''), []);
    });
  }

  it('rotate with a time in which both work, and are revoked at once', async (t) => {
    const { ask, context, clock } = await setUp(t);
    await ask('POST', '/sources', { name: 'app' });
    assert.equal((await ask('POST', '/sources/app/rotate', {})).status, 409);
    const first = await ask('POST', '/sources/app/credentials', { kind: 'password' });
    const rotated = await ask('POST', '/sources/app/rotate', { graceHours: 2 });
    assert.equal(rotated.status, 200);
    assert.notEqual(rotated.body.password, first.body.password);
    assert.equal(rotated.body.replaced.expiresAt, clock.now() + 7_200_000);
    assert.equal(context.sources.byAccount('app').length, 2);
    const again = await ask('POST', '/sources/app/rotate', {});
    assert.equal(again.body.replaced.id, rotated.body.credential.id, 'the lasting one is rotated');
    await ask('POST', '/sources/app/credentials', { kind: 'api-key' });
    const several = await ask('POST', '/sources/app/rotate', {});
    assert.equal(several.status, 409);
    assert.equal(several.body.field, 'credential');
    const id = again.body.credential.id;
    assert.equal((await ask('DELETE', `/sources/app/credentials/${id}`)).body.state, 'revoked');
    assert.equal((await ask('DELETE', '/sources/app/credentials/crd_unknown')).status, 404);
    await ask('POST', '/sources', { name: 'other' });
    assert.equal(
      (await ask('DELETE', `/sources/other/credentials/${id}`)).status,
      404,
      "another source's credential",
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { askFixture } from './ask-fixture.ts';

const HOUR = 3_600_000;

async function setUp(t: TestContext) {
  const fixture = await askFixture<Loose>(t);
  const { ask } = fixture;
  const page = async (method: 'GET' | 'POST', link: string, pin?: string) => {
    const response = await fixture.api.inject({
      method,
      url: new URL(link).pathname,
      ...(method === 'POST'
        ? {
            payload: pin === undefined ? '' : `pin=${pin}`,
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
          }
        : {}),
    });
    return { status: response.statusCode, text: response.body, headers: response.headers };
  };
  await ask('POST', '/sources', { name: 'erp-production', owner: 'paul@corp.example' });
  return { ...fixture, page };
}

/** An answer of the API whose parts a test names. */
interface Loose {
  id: string;
  status: number;
  detail: string;
  field: string;
  state: string;
  password?: string;
  apiKey?: string;
  bits: number;
  expiresAt: number;
  account: string;
  next: string;
  credential: Loose;
  replaced: Loose;
  canary: boolean;
  rotation?: { role: string; unusedMs?: number };
  handover: { id: string; link: string; pin?: string; expiresAt: number };
  items: (Loose & {
    sourceName: string;
    name: string;
    needsNetwork: boolean;
    stillUsedBy: { network: string }[];
  })[];
  uses: { network: string }[];
}

describe('credentials over the API', () => {
  it('are generated for what a device can hold, and refused where they are too weak', async (t) => {
    const { ask } = await setUp(t);
    const add = (body: object) =>
      ask('POST', '/sources/erp-production/credentials', { kind: 'password', ...body });
    const weak = await add({ generator: { preset: 'legacy-8' } });
    assert.equal(weak.status, 400);
    assert.match(weak.body.detail, /46 bits.*name the networks/);
    const networks = ['192.0.2.7/32'];
    const eight = await add({ generator: { preset: 'legacy-8' }, networks });
    assert.equal(eight.status, 201, eight.text);
    assert.equal(eight.body.credential.account, 'erpprodu');
    assert.match(eight.body.password ?? '', /^[A-Za-z2-9]{8}$/);
    assert.equal(eight.body.bits, 46);
    const digits = await add({ generator: { preset: 'digits', length: 16 }, networks });
    assert.match(digits.body.password ?? '', /^\d{16}$/);
    assert.match(digits.body.credential.account, /^erpp[a-z0-9]{4}$/, 'the short name was taken');
    assert.equal(
      (await add({ generator: { preset: 'legacy-8' }, networks, account: 'much-too-long' })).status,
      400,
    );
    assert.equal((await add({ generator: { length: 6, alphabet: 'digits' }, networks })).status, 400);
    assert.equal((await add({ generator: {}, password: 'given-by-hand' })).status, 400);
    assert.equal((await add({ kind: 'api-key', generator: {} })).status, 400);
    assert.equal((await add({ generator: { preset: 'nothing' } })).status, 400);
    const { body } = await ask('GET', '/password-presets');
    assert.deepEqual(
      body.items.filter(({ needsNetwork }) => needsNetwork).map(({ name }) => name),
      ['legacy-8', 'digits'],
    );
  });

  it('are rotated until nobody uses the old one, by force, or not at all', async (t) => {
    const { ask, context, clock, journal } = await setUp(t);
    const first = await ask('POST', '/sources/erp-production/credentials', { kind: 'password' });
    const rotated = await ask('POST', '/sources/erp-production/rotate', {});
    assert.equal(rotated.status, 200, rotated.text);
    assert.equal(rotated.body.replaced.expiresAt, undefined);
    assert.deepEqual(
      [rotated.body.replaced.rotation?.role, rotated.body.credential.rotation?.role],
      ['old', 'new'],
    );
    assert.equal(rotated.body.replaced.rotation?.unusedMs, 168 * HOUR);
    const again = await ask('POST', '/sources/erp-production/rotate', {});
    assert.equal(again.status, 409);
    assert.match(again.body.detail, /complete or cancel/);

    const old = first.body.credential.id;
    context.credentials.uses.record({
      credential: old,
      at: clock.now(),
      network: '192.0.2.9',
      hello: 'printer',
      method: 'PLAIN',
    });
    const shown = await ask('GET', '/sources/erp-production/rotations');
    assert.deepEqual(
      shown.body.items[0]?.stillUsedBy.map(({ network }) => network),
      ['192.0.2.9'],
    );
    assert.deepEqual(
      (await ask('GET', `/sources/erp-production/credentials/${old}`)).body.uses.map(
        ({ network }) => network,
      ),
      ['192.0.2.9'],
    );
    const other = `/sources/erp-production/credentials/${rotated.body.credential.id}`;
    const cancelled = await ask('POST', `${other}/cancel-rotation`);
    assert.equal(cancelled.status, 200, cancelled.text);
    assert.equal(context.sources.credential(rotated.body.credential.id)?.state, 'revoked');
    assert.equal((await ask('POST', `${other}/cancel-rotation`)).status, 409);

    const second = await ask('POST', '/sources/erp-production/rotate', { unusedHours: 2 });
    assert.equal(second.body.replaced.id, old);
    const forced = await ask('POST', `/sources/erp-production/credentials/${old}/complete-rotation`);
    assert.equal(forced.status, 200);
    assert.equal(context.sources.credential(old)?.state, 'revoked');
    assert.equal(context.sources.credential(second.body.credential.id)?.state, 'active');
    assert.equal(
      (await ask('POST', '/sources/erp-production/rotate', { unusedHours: 2, graceHours: 2 })).status,
      400,
    );
    const texts = journal.events.filter(({ type }) => type === 'change').map(({ text }) => text);
    assert.match(texts.join('\n'), /rotated\n.*cancelled\n.*rotated\n.*completed/s);
  });

  it('refuse the password that they have already', async (t) => {
    const { ask } = await setUp(t);
    await ask('POST', '/sources/erp-production/credentials', { kind: 'password', password: 'pencil-pencil' });
    const same = await ask('POST', '/sources/erp-production/rotate', { password: 'pencil-pencil' });
    assert.equal(same.status, 400);
    assert.equal(same.body.field, 'password');
  });

  it('get another end, by who has seen the last version, and are found by it', async (t) => {
    const { ask, clock } = await setUp(t);
    const end = clock.now() + 10 * 24 * HOUR;
    const added = await ask('POST', '/sources/erp-production/credentials', {
      kind: 'api-key',
      expiresAt: end,
    });
    await ask('POST', '/sources/erp-production/credentials', { kind: 'api-key', label: 'lasting' });
    const target = `/sources/erp-production/credentials/${added.body.credential.id}`;
    const ending = async () =>
      (await ask('GET', '/credentials?expiresWithinDays=30')).body.items.map(({ id }) => id);
    assert.deepEqual(await ending(), [added.body.credential.id]);
    const tag = { 'if-match': (await ask('GET', target)).headers.etag };
    assert.equal((await ask('PATCH', target, { expiresAt: end + HOUR }, tag)).body.expiresAt, end + HOUR);
    assert.equal((await ask('PATCH', target, { expiresAt: null }, tag)).status, 412);
    assert.equal((await ask('PATCH', target, { expiresAt: 1 })).status, 400);
    assert.equal((await ask('PATCH', target, { expiresAt: null })).body.expiresAt, undefined);
    assert.deepEqual(await ending(), []);
    assert.equal((await ask('PATCH', target, { label: 'a\u202eb' })).status, 400);
    assert.equal((await ask('PATCH', target, { label: 'x'.repeat(101) })).status, 400);
    const page = await ask('GET', '/credentials?limit=1');
    assert.equal(page.body.items.length, 1);
    const rest = await ask('GET', `/credentials?limit=1&cursor=${page.body.next}`);
    assert.equal(rest.body.items.length, 1);
    assert.notEqual(rest.body.items[0]?.id, page.body.items[0]?.id);
    await ask('DELETE', target);
    assert.equal((await ask('PATCH', target, { label: 'x' })).status, 409);
  });

  it('may be canaries, which are marked', async (t) => {
    const { ask, context } = await setUp(t);
    const made = await ask('POST', '/sources/erp-production/credentials', { kind: 'password', canary: true });
    assert.equal(made.body.credential.canary, true);
    assert.equal(context.sources.credential(made.body.credential.id)?.canary, true);
    assert.equal((await ask('GET', '/credentials?canary=true')).body.items.length, 1);
    const network = { kind: 'network', networks: ['192.0.2.0/24'], canary: true };
    assert.equal((await ask('POST', '/sources/erp-production/credentials', network)).status, 400);
    assert.equal(
      (await ask('POST', '/sources/erp-production/rotate', {})).status,
      409,
      'nothing else to rotate',
    );
  });
});

describe('a hand-over link', () => {
  const handed = async (t: TestContext, handover: object) => {
    const fixture = await setUp(t);
    const made = await fixture.ask('POST', '/sources/erp-production/credentials', {
      kind: 'password',
      handover,
    });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.body.password, undefined, 'the secret is in nobody’s hands');
    const state = async () =>
      (await fixture.ask('GET', '/sources/erp-production/handovers')).body.items[0]?.state;
    return { ...fixture, made: made.body, link: made.body.handover.link, state };
  };
  const secretIn = (html: string): string => /<dt>Password<\/dt><dd><code>([^<]+)</.exec(html)?.[1] ?? '';

  it('reveals the secret once, by its button and not by being looked at', async (t) => {
    const { page, link, made, state, db, journal } = await handed(t, {});
    for (let i = 0; i < 3; i++) {
      const looked = await page('GET', link);
      assert.equal(looked.status, 200);
      assert.equal(secretIn(looked.text), '');
      assert.match(looked.text, /<button>/);
      assert.match(String(looked.headers['content-security-policy']), /default-src 'none'/);
      assert.equal(looked.headers['referrer-policy'], 'no-referrer');
      assert.equal(looked.headers['cache-control'], 'no-store');
    }
    const token = link.split('/').at(-1) ?? '';
    const stored = JSON.stringify(await db.selectFrom('handovers').selectAll().execute());
    assert.ok(!stored.includes(token), 'the link is not kept');
    const both = await Promise.all([page('POST', link), page('POST', link)]);
    const right = both.find(({ status }) => status === 200);
    const secret = secretIn(right?.text ?? '');
    assert.equal(secret.length, 20);
    assert.match(right?.text ?? '', /erp-production/);
    assert.deepEqual(
      both.map(({ status }) => status).sort((a, b) => a - b),
      [200, 410],
      'of two at once, one',
    );
    assert.equal(await state(), 'fetched');
    const late = await page('GET', link);
    assert.equal(late.status, 410);
    assert.match(late.text, /fetched 20.*tell your administrator/s);
    const row = await db.selectFrom('handovers').selectAll().executeTakeFirstOrThrow();
    assert.equal(row.secret, null, 'it is destroyed');
    const told = JSON.stringify(journal.events);
    assert.ok(!told.includes(secret) && !told.includes(token), 'the journal has neither');
    const steps = journal.events.filter(({ detail }) => detail?.['handover'] === made.handover.id);
    assert.deepEqual(
      steps.map(({ detail }) => detail?.['step']),
      ['opened', 'opened', 'opened', 'fetched'],
    );
  });

  it('asks for its PIN, and ends after five wrong ones', async (t) => {
    const { page, link, made, state, journal } = await handed(t, { pin: true });
    assert.match(made.handover.pin ?? '', /^\d{6}$/);
    const wrong = made.handover.pin === '000000' ? '111111' : '000000';
    for (const left of [4, 3, 2]) {
      const answer = await page('POST', link, wrong);
      assert.equal(answer.status, 403);
      assert.match(answer.text, new RegExp(`${left} tries`));
    }
    assert.equal((await page('POST', link)).status, 403, 'none is wrong as well');
    assert.equal((await page('POST', link, wrong)).status, 410);
    assert.equal(await state(), 'locked');
    assert.equal(
      (await page('POST', link, made.handover.pin)).status,
      410,
      'now it is too late for the right one',
    );
    assert.equal(journal.events.filter(({ code }) => code === 'handover-locked').length, 1);
  });

  it('takes the right PIN after a wrong one', async (t) => {
    const { page, link } = await handed(t, { pin: '24681357' });
    assert.equal((await page('POST', link, '1')).status, 403);
    assert.equal(secretIn((await page('POST', link, '2468+1357')).text).length, 20);
  });

  it('ends in time, by an administrator, and with its credential', async (t) => {
    const { page, link, clock, state, journal, ask, made } = await handed(t, { hours: 1 });
    clock.advance(HOUR);
    assert.equal((await page('POST', link)).status, 410);
    assert.equal(await state(), 'expired');
    assert.equal(journal.events.filter(({ code }) => code === 'handover-expired').length, 1);
    const rotated = await ask('POST', '/sources/erp-production/rotate', { handover: {} });
    assert.equal(rotated.body.password, undefined);
    const target = `/sources/erp-production/handovers/${rotated.body.handover.id}`;
    assert.equal((await ask('DELETE', target)).body.state, 'withdrawn');
    assert.equal((await ask('DELETE', target)).status, 404);
    assert.equal((await page('POST', rotated.body.handover.link)).status, 410);
    assert.equal((await ask('DELETE', `/sources/erp-production/handovers/${made.handover.id}`)).status, 404);
  });

  it('is unknown where it is not whole, and is for secrets only', async (t) => {
    const { page, ask } = await setUp(t);
    for (const token of ['x', 'A'.repeat(43), "'; DROP TABLE handovers; --", '%00'])
      assert.equal(
        (await page('POST', `http://relay.test/handover/${encodeURIComponent(token)}`)).status,
        404,
      );
    const network = { kind: 'network', networks: ['192.0.2.0/24'], handover: {} };
    assert.equal((await ask('POST', '/sources/erp-production/credentials', network)).status, 400);
    const large = await page('POST', `http://relay.test/handover/${'A'.repeat(43)}`, '1'.repeat(5000));
    assert.equal(large.status, 413);
  });
});

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { refuse } from '../smtp/reply.ts';
import { NO_TRAITS } from '../message/content.ts';
import { askFixture } from './ask-fixture.ts';
import { type ApiFixture, apiFixture } from './fixtures.ts';

/** What the answers below may hold. */
interface Body {
  id: string;
  name: string;
  description: string;
  state: string;
  policy: { pairs: object[] };
  items: { id: number; name: string; sourceName: string }[];
  next: string;
  credential: { id: string; account: string; networks: string[]; cramMd5: boolean };
  replaced: { id: string; expiresAt: number };
  password: string;
  apiKey: string;
  field: string;
  keys: { selector: string; stage: string; publishedAt?: number; record: { name: string; text: string } }[];
  checks: { result: string }[];
  selector: string;
  stage: string;
  record: { name: string; text: string };
  match: { source: string };
  deliveries: { route: string }[];
  summary: string;
  steps: object[];
  headers: object[];
  text: string;
  signatures: { result: string }[];
}

const setUp = (t: TestContext) => askFixture<Body>(t);

const PAIRS = [{ envelope: 'corp.example', header: 'corp.example' }];

function changes({ journal }: Pick<ApiFixture, 'journal'>): string[] {
  return journal.events.filter(({ type }) => type === 'change').map(({ text = '' }) => text);
}

describe('sources over the API', () => {
  it('live from addition to removal, with an event for each change', async (t) => {
    const { ask, journal } = await setUp(t);
    const added = await ask('POST', '/sources', {
      name: 'app',
      owner: 'me@corp.example',
      policy: { pairs: PAIRS },
    });
    assert.equal(added.status, 201);
    assert.equal(added.headers['etag'], '"1"');
    const edited = await ask('PATCH', '/sources/app', { policy: { maxSize: 1000 } });
    assert.equal(edited.status, 200);
    assert.deepEqual(edited.body.policy.pairs, PAIRS, 'what an edit does not name stays');
    assert.equal((await ask('POST', '/sources/app/disable')).body.state, 'suspended');
    assert.equal((await ask('POST', '/sources/app/disable')).status, 200, 'disabling twice is no error');
    assert.equal((await ask('POST', '/sources/app/enable')).body.state, 'active');
    assert.equal((await ask('GET', `/sources/${added.body.id}`)).body.name, 'app');
    assert.equal((await ask('DELETE', '/sources/app')).status, 204);
    assert.equal((await ask('GET', '/sources/app')).status, 404);
    assert.deepEqual(changes({ journal }), [
      'source app added',
      'source app edited',
      'source app: active to suspended',
      'source app: suspended to active',
      'source app removed',
    ]);
    const [, edit] = journal.events;
    const { before, after } = (edit?.detail ?? {}) as Record<
      string,
      { policy: { maxSize: number } } | undefined
    >;
    assert.equal(before?.policy.maxSize, 0);
    assert.equal(after?.policy.maxSize, 1000);
  });

  it('are edited only at the version that was read', async (t) => {
    const { ask } = await setUp(t);
    await ask('POST', '/sources', { name: 'app' });
    const first = await ask('PATCH', '/sources/app', { description: 'a' }, { 'if-match': '"1"' });
    assert.equal(first.headers['etag'], '"2"');
    const second = await ask('PATCH', '/sources/app', { description: 'b' }, { 'if-match': '"1"' });
    assert.equal(second.status, 412);
    assert.equal((await ask('DELETE', '/sources/app', undefined, { 'if-match': '"1"' })).status, 412);
    assert.equal((await ask('GET', '/sources/app')).body.description, 'a');
    assert.equal(
      (await ask('PATCH', '/sources/app', { description: 'c' }, { 'if-match': '"9", "2"' })).status,
      200,
    );
    const both = await Promise.all([
      ask('PATCH', '/sources/app', { description: 'd' }, { 'if-match': '"3"' }),
      ask('PATCH', '/sources/app', { description: 'e' }, { 'if-match': '"3"' }),
    ]);
    assert.deepEqual(new Set(both.map(({ status }) => status)), new Set([200, 412]));
  });

  const wrong: [string, object, string][] = [
    ['a name with a control character', { name: 'a\u0000b' }, 'name'],
    ['a name with a right-to-left mark', { name: 'a\u200fb' }, 'name'],
    ['a description that turns its line', { name: 'app', description: '\u202eevil' }, 'description'],
    ['an unknown field', { name: 'app', admin: true }, ''],
    [
      'a pattern that is none',
      { name: 'app', policy: { pairs: [{ envelope: '*', header: '*' }] } },
      'policy.pairs.0.envelope',
    ],
    ['a number as text', { name: 'app', policy: { maxSize: '1' } }, 'policy.maxSize'],
    ['a missing name', {}, 'name'],
  ];
  for (const [what, payload, field] of wrong) {
    it(`refuse ${what}, naming the field`, async (t) => {
      const { ask, journal } = await setUp(t);
      const { status, body, headers } = await ask('POST', '/sources', payload);
      assert.equal(status, 400);
      assert.equal(body.field, field);
      assert.match(String(headers['content-type']), /problem\+json/);
      assert.deepEqual(changes({ journal }), []);
    });
  }

  it('are listed by pages in the order of names, and searched', async (t) => {
    const { ask } = await setUp(t);
    for (const name of ['delta', 'alpha', 'charlie', 'bravo']) {
      await ask('POST', '/sources', { name, description: name === 'bravo' ? 'The Printer' : '' });
    }
    const first = await ask('GET', '/sources?limit=3');
    const names = (page: Body) => page.items.map(({ name }) => name);
    assert.deepEqual(names(first.body), ['alpha', 'bravo', 'charlie']);
    const second = await ask('GET', `/sources?limit=3&cursor=${first.body.next}`);
    assert.deepEqual(names(second.body), ['delta']);
    assert.equal(second.body.next, undefined);
    assert.deepEqual(names((await ask('GET', '/sources?search=printer')).body), ['bravo']);
    for (const query of ['cursor=nonsense', 'limit=0', 'limit=501', 'limit=x', 'state=odd']) {
      assert.equal((await ask('GET', `/sources?${query}`)).status, 400, query);
    }
  });
});

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

describe('queue over the API', () => {
  const ID = '1GA4GC1WG00';

  async function withMessages(t: TestContext) {
    const fixture = await setUp(t);
    for (const [index, id] of [ID, '1GA4GC1WG01', '1GA4GC1WG02'].entries()) {
      fixture.spool.add({
        id,
        receivedAt: fixture.clock.now() + index,
        source: 'src_x',
        envelope: {
          from: 'app@corp.example',
          recipients: [{ address: 'user@example.net' }],
          smtpUtf8: false,
          body: '7bit',
          requireTls: false,
        },
        head: Buffer.from('Subject: hello\r\n\r\n'),
        body: { kind: 'memory', bytes: Buffer.from('the secret body') },
        traits: NO_TRAITS,
      });
    }
    return fixture;
  }

  it('is listed by pages, and one message is shown without its body', async (t) => {
    const { ask } = await withMessages(t);
    const first = await ask('GET', '/queue?limit=2');
    assert.equal(first.body.items.length, 2);
    const second = await ask('GET', `/queue?limit=2&cursor=${first.body.next}`);
    assert.equal(second.body.items.length, 1);
    assert.equal(second.body.next, undefined);
    const shown = await ask('GET', `/queue/${ID.toLowerCase()}`);
    assert.match(shown.text, /Subject: hello/);
    assert.ok(!shown.text.includes('secret body'));
    assert.equal(shown.body.deliveries[0]?.route, 'sandbox');
    assert.equal((await ask('GET', '/queue/1GA4GC1WG99')).status, 404);
    assert.equal((await ask('GET', '/queue/nonsense')).status, 400);
  });

  it('changes what a condition names, and everything only when that is said', async (t) => {
    const { ask, spool, journal } = await withMessages(t);
    assert.equal((await ask('POST', '/queue/delete', {})).status, 400);
    assert.equal(spool.calls.length, 0);
    assert.deepEqual((await ask('POST', '/queue/hold', { message: ID })).body, { count: 1 });
    assert.deepEqual((await ask('POST', '/queue/release', { all: true })).body, { count: 3 });
    assert.deepEqual((await ask('POST', '/queue/retry', { domain: 'Example.NET' })).body, { count: 3 });
    assert.deepEqual((await ask('POST', '/queue/delete', { message: ID })).body, { count: 1 });
    assert.equal((await ask('POST', '/queue/hold', { source: 'misspelt' })).status, 404);
    assert.deepEqual(
      spool.calls.map(([verb]) => verb),
      ['hold', 'release', 'retry', 'remove'],
    );
    assert.equal(changes({ journal }).length, 4);
  });
});

describe('events, explanations and inbox over the API', () => {
  it('searches events with names of sources, by pages', async (t) => {
    const { ask, journal, context } = await setUp(t);
    await ask('POST', '/sources', { name: 'app' });
    const source = context.sources.byName('app')?.id;
    for (let i = 0; i < 3; i++) journal.write({ type: 'refusal', source, code: 'S402' });
    const first = await ask('GET', '/events?type=refusal&code=s402&limit=2');
    const items = first.body.items as { id: number; sourceName: string }[];
    assert.deepEqual(
      items.map(({ sourceName }) => sourceName),
      ['app', 'app'],
    );
    const second = await ask('GET', `/events?type=refusal&limit=2&cursor=${first.body.next}`);
    assert.equal(second.body.items.length, 1);
    for (const query of ['type=odd', 'network=odd', 'since=odd', 'message=odd']) {
      assert.equal((await ask('GET', `/events?${query}`)).status, 400, query);
    }
  });

  it('follows events until the server closes', async () => {
    const { api, journal, authorization } = await apiFixture();
    const address = await api.listen({ host: '127.0.0.1', port: 0 });
    const response = await fetch(`${address}/api/v1/events?follow=true&type=bounce`, {
      headers: authorization,
    });
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    assert.match((await reader?.read())?.value ?? '', /following/);
    journal.write({ type: 'acceptance' });
    journal.write({ type: 'bounce', text: 'given\nup' });
    const { value = '' } = (await reader?.read()) ?? {};
    assert.match(value, /^id: 2\ndata: \{.*"text":"given\\nup".*\}\n\n$/);
    await api.close();
    await assert.rejects(async () => {
      for (;;) if ((await reader?.read())?.done) throw new Error('ended');
    });
  });

  it('explains codes, and tells the story of a message', async (t) => {
    const { ask, journal } = await setUp(t);
    assert.match((await ask('GET', '/refusals/s402')).text, /remedy/);
    assert.equal((await ask('GET', '/refusals/Z999')).status, 404);
    const message = '1GA4GC1WG00';
    journal.write({ type: 'acceptance', message, to: ['user@example.net'], tls: 'TLSv1.3 X', size: 5 });
    journal.write({
      type: 'attempt',
      message,
      outcome: 'deferred',
      destination: 'out/mail.example.net',
      reply: '451 later',
    });
    journal.write({
      type: 'attempt',
      message,
      outcome: 'delivered',
      destination: 'out/mail.example.net',
      reply: '250 ok',
    });
    const story = await ask('GET', `/messages/${message}/why`);
    assert.equal(story.body.summary, 'The message was delivered to out/mail.example.net.');
    assert.equal(story.body.steps.length, 3);
    assert.equal((await ask('GET', '/messages/1GA4GC1WG01/why')).status, 404);
  });

  it('shows the inbox parsed, raw, and empties it', async (t) => {
    const { ask, inbox, api, authorization } = await setUp(t);
    const content = Buffer.from('Subject: =?utf-8?B?w6Q=?=\r\n\r\nbody\r\n');
    await inbox.deposit(
      {
        message: 'M',
        receivedAt: 1,
        source: 'src_x',
        from: '',
        recipients: [{ address: 'a@b.example' }],
        size: 9,
      },
      content,
    );
    assert.equal(((await ask('GET', '/inbox')).body.items as []).length, 1);
    const shown = await ask('GET', '/inbox/1');
    assert.equal(shown.body.signatures[0]?.result, 'pass');
    const raw = await api.inject({ url: '/api/v1/inbox/1/raw', headers: authorization });
    assert.equal(raw.headers['content-type'], 'message/rfc822');
    assert.deepEqual(raw.rawPayload, content);
    assert.equal((await ask('GET', '/inbox/2')).status, 404);
    assert.deepEqual((await ask('DELETE', '/inbox')).body, { count: 1 });
  });
});

describe('sending over HTTP', () => {
  async function withKey(t: TestContext) {
    const fixture = await setUp(t);
    await fixture.ask('POST', '/sources', { name: 'app' });
    const { body } = await fixture.ask('POST', '/sources/app/credentials', { kind: 'api-key' });
    const post = (payload: object | string, headers: Record<string, string> = {}, query = '') =>
      fixture.api.inject({
        method: 'POST',
        url: `/v1/messages${query}`,
        headers: { authorization: `Bearer ${body.apiKey}`, ...headers },
        payload,
      });
    return { ...fixture, post };
  }

  const MESSAGE = { from: 'App <app@corp.example>', to: ['user@example.net'], subject: 'Hi', text: 'hello' };

  it('takes JSON, with recipients that no header names', async (t) => {
    const { post, gate } = await withKey(t);
    const response = await post({
      ...MESSAGE,
      cc: { address: 'c@example.net', name: 'C' },
      bcc: 'hidden@example.net',
      envelopeFrom: 'bounces@corp.example',
      attachments: [{ filename: 'a.txt', contentType: 'text/plain', content: 'aGk=' }],
    });
    assert.equal(response.statusCode, 202, response.body);
    const [sent] = gate.submitted;
    assert.equal(sent?.envelope.from, 'bounces@corp.example');
    assert.deepEqual(
      sent?.envelope.recipients.map(({ address }) => address),
      ['user@example.net', 'c@example.net', 'hidden@example.net'],
    );
    assert.ok(!sent?.message.includes('hidden@example.net'));
    assert.equal(gate.reserved, 0);
  });

  it('takes a whole message, with the envelope from its headers or the query, and removes Bcc', async (t) => {
    const { post, gate } = await withKey(t);
    const type = { 'content-type': 'message/rfc822' };
    const raw =
      'From: app@corp.example\r\nTo: a@example.net\r\nBcc: b@example.net,\r\n c@example.net\r\nSubject: x\r\n\r\nBcc: in the body\r\n';
    assert.equal((await post(raw, type)).statusCode, 202);
    assert.deepEqual(
      gate.submitted[0]?.envelope.recipients.map(({ address }) => address),
      ['a@example.net', 'b@example.net', 'c@example.net'],
    );
    assert.equal(
      gate.submitted[0]?.message.toString(),
      'From: app@corp.example\r\nTo: a@example.net\r\nSubject: x\r\n\r\nBcc: in the body\r\n',
    );
    await post(raw.replaceAll('\r\n', '\n'), type, '?from=&to=x@example.net&to=y@example.net');
    assert.equal(gate.submitted[1]?.envelope.from, '');
    assert.equal(gate.submitted[1]?.envelope.recipients.length, 2);
    assert.ok(!/(?<!\r)\n/.test(gate.submitted[1]?.message.toString() ?? ''));
  });

  const wrong: [string, object | string, number, string, string][] = [
    ['no JSON', '{', 400, 'M609', ''],
    ['no recipient', { ...MESSAGE, to: [] }, 400, 'M609', 'to'],
    ['a recipient that is none', { ...MESSAGE, to: ['user'] }, 400, 'M609', 'to.0'],
    ['two addresses in one', { ...MESSAGE, to: ['a@b.example, c@d.example'] }, 400, 'M609', 'to.0'],
    ['a line end in the subject', { ...MESSAGE, subject: 'a\r\nBcc: x@example.org' }, 400, 'M609', 'subject'],
    ['a line end in an address', { ...MESSAGE, from: 'a@corp.example\r\nX: y' }, 400, 'M609', 'from'],
    [
      'a reserved header',
      { ...MESSAGE, headers: { 'DKIM-Signature': 'x' } },
      400,
      'M609',
      'headers.DKIM-Signature',
    ],
    [
      'content that is no base64',
      { ...MESSAGE, attachments: [{ content: '***' }] },
      400,
      'M609',
      'attachments.0.content',
    ],
    ['an unknown field', { ...MESSAGE, templateId: 5 }, 400, 'M609', ''],
    ['nothing to say', { ...MESSAGE, text: undefined }, 400, 'M609', 'text'],
    [
      'too many recipients',
      { ...MESSAGE, to: Array.from({ length: 101 }, (_, i) => `u${i}@example.net`) },
      400,
      'M609',
      'to',
    ],
    ['a message that is too big', { ...MESSAGE, text: 'x'.repeat(1_100_000) }, 413, 'M601', ''],
    ['10 MB', { ...MESSAGE, text: 'x'.repeat(10_000_000) }, 413, 'M601', ''],
  ];
  for (const [what, payload, status, code, field] of wrong) {
    it(`refuses ${what}`, async (t) => {
      const { post, gate } = await withKey(t);
      const response = await post(payload, { 'content-type': 'application/json' });
      assert.equal(response.statusCode, status, response.body);
      const problem = response.json<{ code: string; field?: string }>();
      assert.equal(problem.code, code);
      assert.equal(problem.field ?? '', field, response.body);
      assert.equal(gate.submitted.length, 0);
      assert.equal(gate.reserved, 0, 'the memory set aside is given back');
    });
  }

  const refusals = [
    ['S402', 403],
    ['R501', 403],
    ['K802', 403],
    ['K805', 503],
    ['M601', 413],
    ['M603', 422],
    ['L702', 429],
    ['X901', 503],
    ['X902', 503],
  ] as const;
  for (const [code, status] of refusals) {
    it(`answers ${code} with ${status}, and its particulars to nobody`, async (t) => {
      const { post, gate } = await withKey(t);
      gate.refusal = refuse(code, 'internal particulars');
      const response = await post(MESSAGE, { 'idempotency-key': 'k' });
      assert.equal(response.statusCode, status);
      assert.equal(response.json<{ code: string }>().code, code);
      assert.ok(!response.body.includes('particulars'));
      const temporary = status === 503 || code === 'L702';
      assert.equal(response.headers['retry-after'] !== undefined, temporary);
      gate.refusal = undefined;
      assert.equal(
        (await post(MESSAGE, { 'idempotency-key': 'k' })).statusCode,
        202,
        'the key was not used up',
      );
    });
  }

  it('sends once for an idempotency key', async (t) => {
    const { post, gate } = await withKey(t);
    const headers = { 'idempotency-key': 'order-1' };
    let open = () => {};
    gate.barrier = new Promise((resolve) => {
      open = resolve;
    });
    const first = post(MESSAGE, headers);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal((await post(MESSAGE, headers)).statusCode, 409, 'in progress');
    open();
    const answered = await first;
    assert.equal(answered.statusCode, 202);
    const again = await post(MESSAGE, headers);
    assert.equal(again.body, answered.body);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.equal((await post({ ...MESSAGE, subject: 'other' }, headers)).statusCode, 422);
    assert.equal((await post(MESSAGE, { 'idempotency-key': 'a\u00e4b' })).statusCode, 400);
    assert.equal(gate.submitted.length, 1);
  });

  it('answers 503 when memory is short, 411 without a length, and 403 to a disabled source', async (t) => {
    const { post, gate, ask, api } = await withKey(t);
    gate.most = 10;
    const short = await post(MESSAGE);
    assert.equal(short.statusCode, 503);
    assert.equal(short.json<{ code: string }>().code, 'X903');
    gate.most = Number.MAX_SAFE_INTEGER;
    const { body } = await ask('POST', '/sources/app/credentials', { kind: 'api-key' });
    const address = await api.listen({ host: '127.0.0.1', port: 0 });
    const chunked = await fetch(`${address}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${body.apiKey}`, 'content-type': 'application/json' },
      body: new Blob(['{}']).stream(),
      duplex: 'half',
    });
    assert.equal(chunked.status, 411);
    await ask('POST', '/sources/app/disable');
    const disabled = await post(MESSAGE);
    assert.equal(disabled.statusCode, 403);
    assert.equal(disabled.json<{ code: string }>().code, 'K802');
  });

  it('gives memory back when a client goes away in the middle', async (t) => {
    const { gate, api, ask } = await withKey(t);
    const { body } = await ask('POST', '/sources/app/credentials', { kind: 'api-key' });
    const address = new URL(await api.listen({ host: '127.0.0.1', port: 0 }));
    const { connect } = await import('node:net');
    const socket = connect(Number(address.port), '127.0.0.1');
    socket.write(
      `POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${body.apiKey}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"from"`,
    );
    while (gate.reserved === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    while (gate.reserved !== 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});

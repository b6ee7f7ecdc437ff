import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type ApiFixture, apiFixture } from './fixtures.ts';

const TRACE = [
  'MessageTraceId,MessageId,Received,SenderAddress,RecipientAddress,Subject,Status,ToIP,FromIP,Size',
  ...Array.from({ length: 12 }, (_, i) => {
    const id = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
    const day = String(i + 1).padStart(2, '0');
    return `${id},<${i}@scan.contoso.test>,2026-03-${day}T08:00:00Z,scanner@contoso.test,ann@contoso.test,"=cmd|' /c calc'!A1 scan",Delivered,,203.0.113.25,1000`;
  }),
].join('\r\n');

describe('the API of the Direct Send audit', () => {
  let fixture: ApiFixture;

  beforeEach(async () => {
    fixture = await apiFixture();
  });
  afterEach(async () => {
    await fixture.api.close();
    await fixture.context.audit.close();
    await rm(path.dirname(fixture.context.audit.uploads.folder), { recursive: true, force: true });
  });

  async function call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object | string,
    headers = {},
  ) {
    const response = await fixture.api.inject({
      method,
      url: `/api/v1/audit${url}`,
      headers: {
        ...fixture.authorization,
        ...(typeof payload === 'string' && { 'content-type': 'application/octet-stream' }),
        ...headers,
      },
      ...(payload !== undefined && { payload }),
    });
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.body,
      json: () => response.json(),
    };
  }

  async function ended(): Promise<{ state: string; error?: string }> {
    await new Promise<void>((resolve) => {
      const end = fixture.context.audit.follow(({ endedAt }) => {
        if (endedAt === undefined) return;
        queueMicrotask(() => end());
        resolve();
      });
    });
    return (await call('GET', '/run')).json() as { state: string; error?: string };
  }

  it('takes evidence, answers, and keeps decisions', async () => {
    assert.equal((await call('GET', '')).status, 404);
    assert.match((await call('POST', '/run', {})).text, /there is no evidence yet/);

    const half = TRACE.length >> 1;
    assert.equal((await call('POST', '/evidence/trace.csv?last=false', TRACE.slice(0, half))).status, 201);
    const gap = await call('POST', `/evidence/trace.csv?offset=${half + 1}`, TRACE.slice(half));
    assert.match(gap.text, new RegExp(`has ${half} octets until now`));
    assert.equal((await call('POST', `/evidence/trace.csv?offset=${half}`, TRACE.slice(half))).status, 201);
    const listed = (await call('GET', '/evidence')).json() as { items: { name: string; size: number }[] };
    assert.deepEqual(
      listed.items.map(({ name, size }) => [name, size]),
      [['trace.csv', TRACE.length]],
    );

    assert.equal((await call('POST', '/run', { domains: ['contoso.test'] })).status, 202);
    assert.equal((await ended()).state, 'done');
    const summary = (await call('GET', '')).json() as { gates: { answer: string; text: string }[] };
    assert.match(summary.gates[0]?.text ?? '', /contoso\.test: no; 1 sender left/);

    const { items } = (await call('GET', '/senders?search=203.0.113')).json() as { items: { id: string }[] };
    const id = items[0]?.id ?? '';
    const one = await call('GET', `/senders/${id}`);
    assert.equal((one.json() as { proofs: unknown[] }).proofs.length, 5);

    const supposed = (await call('GET', `/what-if?moved=${id}`)).json() as { gates: { left: unknown[] }[] };
    assert.deepEqual(supposed.gates[0]?.left, []);

    const tag = String(one.headers['etag']);
    const decided = await call(
      'PATCH',
      `/senders/${id}`,
      { decision: 'ignored', owner: 'ann@contoso.test' },
      { 'if-match': tag },
    );
    assert.equal(decided.status, 200, decided.text);
    assert.equal((await call('PATCH', `/senders/${id}`, { text: 'late' }, { 'if-match': tag })).status, 412);
    assert.equal((await call('PATCH', `/senders/${id}`, { text: 'a\u202eb' })).status, 422);
    assert.equal((await call('PATCH', '/senders/nobody', { text: 'x' })).status, 404);
    const gate = (await call('GET', '/gate')).json() as { gates: { left: unknown[] }[] };
    assert.deepEqual(gate.gates[0]?.left, []);

    // again: nothing is read anew, and the decision is still there
    await call('POST', '/run', {});
    assert.equal((await ended()).state, 'done');
    const later = (await call('GET', '/senders?decided=true')).json() as { items: { id: string }[] };
    assert.deepEqual(
      later.items.map((line) => line.id),
      [id],
    );
    const changes = fixture.journal.events.filter(({ type }) => type === 'change').map(({ text }) => text);
    assert.ok(changes.includes(`Direct Send audit: decided on ${id}`));
  });

  it('counts the inventory by class and wave, and narrows and sorts it', async () => {
    assert.deepEqual((await call('GET', '/run')).json(), { id: 0, state: 'idle' });
    assert.equal((await call('GET', '/inventory')).status, 404);
    const other = TRACE.split('\r\n')[1]!
      .replaceAll('203.0.113.25', '198.51.100.9')
      .replaceAll('scanner@', 'alarm@')
      .replace('-000000000000', '-00000000ffff')
      .replace('<0@', '<once@');
    await call('POST', '/evidence/trace.csv', `${TRACE}\r\n${other}`);
    await call('POST', '/run', { domains: ['contoso.test'] });
    await ended();
    assert.ok(((await call('GET', '/run')).json() as { answeredAt?: number }).answeredAt! > 0);
    type Counts = {
      senders: number;
      left: number;
      classes: { senders: number }[];
      waves: { senders: number; left: number; ways: { kind: string }[] }[];
      asks: { lack: string }[];
      decisions: { ignored: number };
    };
    const counts = (await call('GET', '/inventory')).json() as Counts;
    assert.deepEqual([counts.senders, counts.left, counts.decisions.ignored], [2, 2, 0]);
    assert.equal(
      counts.classes.reduce((sum, { senders }) => sum + senders, 0),
      2,
    );
    assert.equal(
      counts.waves.reduce((sum, { left }) => sum + left, 0),
      2,
    );
    assert.ok(counts.asks.some(({ lack }) => lack === 'connector'));

    const ids = async (query: string): Promise<string[]> =>
      ((await call('GET', `/senders?${query}`)).json() as { items: { id: string }[] }).items.map(
        ({ id }) => id,
      );
    const [most = '', least = ''] = await ids('sort=-perDay');
    assert.deepEqual(await ids('sort=perDay'), [least, most]);
    assert.equal((await ids('lacks=connector')).length, 2);
    await call('PATCH', `/senders/${most}`, { decision: 'ignored' });
    assert.deepEqual(await ids('left=true'), [least]);
    assert.deepEqual(await ids('left=false'), [most]);
    const later = (await call('GET', '/inventory')).json() as Counts;
    assert.deepEqual([later.senders, later.left, later.decisions.ignored], [2, 1, 1]);
  });

  it('gives the script that gathers the evidence', async () => {
    const { headers, text } = await call('GET', '/script?days=30');
    assert.match(String(headers['content-disposition']), /postern-audit\.ps1/);
    assert.match(text, /Get-MessageTraceV2/);
    assert.equal((await call('GET', '/script?days=91')).status, 400);
  });

  it('keeps a history of decisions, who made them and when', async () => {
    await call('POST', '/evidence/trace.csv', TRACE);
    await call('POST', '/run', { domains: ['contoso.test'] });
    await ended();
    const { items } = (await call('GET', '/senders')).json() as { items: { id: string }[] };
    const id = items[0]?.id ?? '';
    for (const decision of ['approved', 'migrated', null])
      assert.equal((await call('PATCH', `/senders/${id}`, { decision })).status, 200);
    type Decision = {
      sender: string;
      by: string;
      before?: { decision?: string };
      after: { decision?: string };
    };
    const first = (await call('GET', `/decisions?sender=${id}&limit=2`)).json() as {
      items: Decision[];
      next: string;
    };
    assert.deepEqual(
      first.items.map(({ sender, by, before, after }) => [sender, by, before?.decision, after.decision]),
      [
        [id, 'administrator token', 'migrated', undefined],
        [id, 'administrator token', 'approved', 'migrated'],
      ],
    );
    const rest = (await call('GET', `/decisions?limit=2&cursor=${first.next}`)).json() as {
      items: Decision[];
    };
    assert.deepEqual(
      rest.items.map(({ after }) => after.decision),
      ['approved'],
    );
  });

  it('takes what to fetch, and never shows its secret', async () => {
    const plan = {
      tenant: 'contoso.onmicrosoft.com',
      clientId: 'AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeeee',
      hour: 3,
    };
    assert.equal((await call('GET', '/collect/settings')).status, 404);
    assert.equal((await call('POST', '/collect', {})).status, 422);
    assert.match((await call('PUT', '/collect/settings', plan)).text, /a credential is missing/);
    for (const wrong of [
      { tenant: 'https://evil.example' },
      { days: 91 },
      { hour: 24 },
      { graphUrl: 'http://x' },
    ])
      assert.equal(
        (await call('PUT', '/collect/settings', { ...plan, secret: 'hush-hush', ...wrong })).status,
        400,
      );
    const kept = await call('PUT', '/collect/settings', { ...plan, secret: 'hush-hush' });
    assert.deepEqual(kept.json(), {
      ...plan,
      clientId: plan.clientId.toLowerCase(),
      days: 90,
      domains: [],
      details: 1,
      run: true,
      credential: 'secret',
    });
    assert.deepEqual((await call('GET', '/collect/settings')).json(), kept.json());
    assert.ok(!JSON.stringify(fixture.journal.events).includes('hush-hush'));
    assert.deepEqual((await call('GET', '/collect')).json(), { id: 0, state: 'idle', isSet: true });
    assert.equal((await call('DELETE', '/collect/settings')).status, 204);
    assert.equal((await call('GET', '/collect/settings')).status, 404);
  });

  it('asks DNS for names only where that is allowed', async () => {
    await call('POST', '/evidence/trace.csv', TRACE);
    const { status, text } = await call('POST', '/run', { domains: ['contoso.test'], ptr: true });
    assert.equal(status, 422);
    assert.match(text, /reverseDns/);
  });

  it('exports for people and programs, safe to open', async () => {
    await call('POST', '/evidence/trace.csv', TRACE);
    await call('POST', '/run', { domains: ['contoso.test'] });
    await ended();
    const report = await call('GET', '/export?format=html&language=fr');
    assert.match(report.text, /Audit de Direct Send/);
    assert.match(String(report.headers['content-security-policy']), /default-src 'none'.*sandbox/);
    const sources = await call('GET', '/export?format=sources');
    assert.match(sources.text, /^"name","state"/);
    for (const format of ['csv', 'json', 'connectors'])
      assert.equal((await call('GET', `/export?format=${format}`)).status, 200);
    for (const line of (await call('GET', '/export?format=csv')).text.split('\r\n'))
      for (const cell of line.matchAll(/(?:^|,)"((?:[^"]|"")*)"/g))
        assert.doesNotMatch(cell[1] ?? '', /^\s*[=+@|%-]/);
  });

  for (const [what, request, wanted] of [
    ['a folder that nobody allowed', { folders: ['/etc'] }, /not in one of the folders/],
    ['a folder that is not there', { folders: ['/nowhere'] }, /not in one of the folders/],
    ['a wrong field in a mapping', { mapping: { colour: 'x' } }, /mapping/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const { status, text } = await call('POST', '/run', request);
      assert.ok(status === 400 || status === 422);
      assert.match(text, wanted);
    });
  }

  it('refuses names that lead elsewhere, and more than there is room for', async () => {
    for (const name of ['..%2fx', '.hidden', 'a%5cb', 'a%00b'])
      assert.ok((await call('POST', `/evidence/${name}`, 'x')).status >= 400, name);
    assert.match((await call('POST', '/evidence/large.csv', 'x'.repeat(1_000_001))).text, /no room/);
  });

  it('says why a run failed', async () => {
    await call('POST', '/evidence/trace.csv', TRACE);
    await call('POST', '/run', {});
    const { state, error } = await ended();
    assert.equal(state, 'failed');
    assert.match(error ?? '', /nobody says which domains are yours/);
  });
});

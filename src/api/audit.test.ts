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
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
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

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { JournalEvent } from '../journal/event.ts';
import { DEFAULT_POLICY } from '../sources/source.ts';
import { type ApiFixture, apiFixture } from './fixtures.ts';
import type { Overview } from './overview-shapes.ts';

const HOUR = 3_600_000;

async function scene(t: TestContext) {
  const fixture = await apiFixture();
  t.after(() => fixture.api.close());
  const { context, journal, clock } = fixture;
  const source = async (name: string, owner: string, tags: string[]) =>
    context.sources.add({ name, description: '', owner, tags, policy: DEFAULT_POLICY });
  const printer = await source('printer', 'source-owner@corp.example', ['floor-1', 'print']);
  const erp = await source('erp', 'somebody@corp.example', ['erp-team']);
  const now = clock.now();
  const write = (event: JournalEvent) => journal.write({ at: now - HOUR / 2, ...event });
  for (let n = 0; n < 3; n++)
    write({
      type: 'acceptance',
      source: printer.id,
      listener: 'smtp',
      from: 'Printer@corp.example',
      to: ['a@example.net', 'b@example.org'],
      size: 1000,
      outcome: 'queued',
    });
  write({
    type: 'acceptance',
    source: erp.id,
    listener: 'http',
    from: '=1+1@corp.example',
    to: ['a@example.net'],
    size: 50,
    outcome: 'held',
  });
  write({
    type: 'acceptance',
    listener: 'mx',
    from: 'x@outside.example',
    to: ['a@corp.example'],
    size: 10,
    outcome: 'queued',
  });
  write({ type: 'refusal', source: printer.id, listener: 'smtp', code: 'S401' });
  write({ type: 'refusal', listener: 'smtp', code: 'C103' });
  write({
    type: 'attempt',
    source: printer.id,
    outcome: 'delivered',
    from: 'printer@corp.example',
    to: ['a@example.net'],
  });
  write({
    type: 'attempt',
    source: printer.id,
    outcome: 'deferred',
    from: 'printer@corp.example',
    to: ['b@example.org'],
  });
  write({ type: 'bounce', source: erp.id, from: '=1+1@corp.example', to: ['a@example.net'] });
  write({
    type: 'acceptance',
    source: erp.id,
    listener: 'smtp',
    size: 5,
    outcome: 'queued',
    at: now - 30 * HOUR,
  });
  return { fixture, printer, erp, now };
}

interface Compared {
  to: number;
  items: { key: string; before?: Overview['totals'] }[];
  before?: { to: number; totals: Overview['totals'] };
}

async function asOwner({ context }: ApiFixture): Promise<Record<string, string>> {
  const person = await context.people.people.add({
    email: 'source-owner@corp.example',
    name: 'Olga',
    role: 'source-owner',
    sources: [],
  });
  const value = await context.people.sessions.start(person.id, 'passkey', {
    network: '127.0.0.1',
    agent: 'test',
  });
  return { cookie: `postern=${value}`, host: 'localhost:80' };
}

describe('GET /overview', () => {
  it('tells what was counted, in aligned steps, beside the window before', async (t) => {
    const { fixture, printer, erp, now } = await scene(t);
    const answer = await fixture.api.inject({ url: '/api/v1/overview', headers: fixture.authorization });
    assert.equal(answer.statusCode, 200, answer.body);
    const overview = answer.json<Overview>();
    assert.deepEqual(overview.totals, {
      accepted: 5,
      octets: 3060,
      refused: 2,
      held: 1,
      delivered: 1,
      deferred: 1,
      bounced: 1,
    });
    assert.equal(overview.before.accepted, 1);
    assert.equal(overview.step, 15 * 60_000);
    assert.equal(overview.series.at.length, 96);
    assert.equal(overview.series.at[0], overview.since);
    assert.ok(overview.series.at.every((at) => at % overview.step === 0));
    assert.ok(overview.until > now && overview.until - now <= overview.step);
    assert.equal(
      overview.series.accepted.reduce((sum, one) => sum + one),
      5,
    );
    assert.deepEqual(
      overview.sources.map(({ source, sourceName, counts }) => [source, sourceName, counts.accepted]),
      [
        [printer.id, 'printer', 3],
        ['edge', 'the internet', 1],
        [erp.id, 'erp', 1],
      ],
    );
    assert.deepEqual(
      overview.directions.map(({ direction, counts }) => [direction, counts.accepted, counts.refused]),
      [
        ['api', 1, 0],
        ['edge', 1, 0],
        ['submission', 3, 2],
      ],
    );
    assert.deepEqual(
      overview.refusals.map(({ code, count }) => [code, count]),
      [
        ['C103', 1],
        ['S401', 1],
      ],
    );
    assert.ok(overview.refusals[0]?.text);
    assert.equal(overview.spool?.messages, 0);
  });

  it('tells how the relay is, and how far it is set up', async (t) => {
    const { fixture } = await scene(t);
    const { api, authorization, context } = fixture;
    const ask = async () =>
      (await api.inject({ url: '/api/v1/overview', headers: authorization })).json<Overview>();
    await context.domains.add('postern.test', { internal: true });
    const before = await ask();
    assert.deepEqual(
      before.health?.keys,
      { active: 0, published: 0 },
      'what nobody can publish does not count',
    );
    assert.equal(before.health?.dns.domains, 0);
    assert.ok((before.health?.disk?.free ?? 0) > 0);
    assert.deepEqual(before.setup, { message: true, domain: false, dns: false, source: true, route: false });
    const domain = await context.domains.add('own.example', { internal: true });
    assert.deepEqual((await ask()).setup, { ...before.setup, domain: true });
    await context.domains.markPublished(domain.name, domain.keys[0]?.selector ?? '', 1);
    const after = await ask();
    assert.equal(after.setup?.dns, true);
    assert.deepEqual(after.health?.keys, { active: 1, published: 1 });
    const owner = await api.inject({ url: '/api/v1/overview', headers: await asOwner(fixture) });
    assert.equal(owner.json<Overview>().health, undefined);
    assert.equal(owner.json<Overview>().setup, undefined);
  });

  it('gives the lines of the first message to who may make accounts', async (t) => {
    const { fixture } = await scene(t);
    const { api, authorization, context } = fixture;
    const url = '/api/v1/first-message';
    const lines = (await api.inject({ url, headers: authorization })).json<{ curl: string }>();
    assert.match(lines.curl, /^curl /);
    assert.equal((await api.inject({ url, headers: await asOwner(fixture) })).statusCode, 403);
    context.trial.firstMessage = () => undefined;
    assert.equal((await api.inject({ url, headers: authorization })).statusCode, 404);
  });

  for (const [window, points, step] of [
    ['1h', 60, 60_000],
    ['24h', 96, 900_000],
    ['7d', 168, HOUR],
    ['30d', 120, 6 * HOUR],
  ] as const) {
    it(`has ${points} points in ${window}`, async (t) => {
      const { fixture } = await scene(t);
      const url = `/api/v1/overview?window=${window}`;
      const overview = (await fixture.api.inject({ url, headers: fixture.authorization })).json<Overview>();
      assert.deepEqual([overview.series.held.length, overview.step], [points, step]);
      assert.equal(overview.until - overview.since, points * step);
      assert.equal(overview.totals.accepted, window === '7d' || window === '30d' ? 6 : 5);
    });
  }

  it('refuses a window that there is not', async (t) => {
    const { fixture } = await scene(t);
    const url = '/api/v1/overview?window=2h';
    assert.equal((await fixture.api.inject({ url, headers: fixture.authorization })).statusCode, 400);
  });

  it('shows source owners what is theirs alone', async (t) => {
    const { fixture, printer } = await scene(t);
    fixture.obstacles.push('the disk is full');
    const answer = await fixture.api.inject({ url: '/api/v1/overview', headers: await asOwner(fixture) });
    assert.equal(answer.statusCode, 200, answer.body);
    const overview = answer.json<Overview>();
    assert.equal(overview.totals.accepted, 3);
    assert.equal(overview.totals.refused, 1);
    assert.deepEqual(
      overview.sources.map(({ source }) => source),
      [printer.id],
    );
    assert.deepEqual(
      overview.refusals.map(({ code }) => code),
      ['S401'],
    );
    assert.deepEqual(
      [overview.spool, overview.waiting, overview.directions, overview.attention],
      [undefined, undefined, [], []],
    );
    assert.equal(overview.missing, undefined);
    assert.ok(!answer.body.includes('erp'));
  });

  it('puts what is worst first, with what to do', async (t) => {
    const { fixture, printer } = await scene(t);
    const { context, clock } = fixture;
    fixture.obstacles.push('the disk is full');
    await context.sources.addCredential({
      source: printer.id,
      label: 'panel',
      state: 'active',
      networks: ['10.1.2.3/32'],
      expiresAt: clock.now() + 5 * 24 * HOUR,
    });
    context.health.clockSet = () => ({ at: clock.now() - 1000, ms: -5000 });
    context.health.unreachable = () => [
      {
        name: 'mx: example.net',
        failures: 3,
        since: 1,
        until: 2,
        reply: '421 busy',
        domains: ['example.net'],
      },
    ];
    context.health.recordProblems = () => [
      {
        domain: 'corp.example',
        purpose: 'dkim',
        selector: 's1',
        stage: 'active',
        status: 'missing',
        text: 'no key',
        at: 5,
      },
      { domain: 'corp.example', purpose: 'spf', status: 'temporary', text: 'no answer', at: 6 },
    ];
    const overview = (
      await fixture.api.inject({ url: '/api/v1/overview', headers: fixture.authorization })
    ).json<Overview>();
    const kinds = overview.attention.map(({ kind }) => kind);
    for (const kind of [
      'sandbox-only',
      'credential-ending',
      'clock-set',
      'destination-failing',
      'dns-silent',
    ])
      assert.ok(kinds.includes(kind), `${kind} in ${kinds.join(', ')}`);
    assert.deepEqual(new Set(kinds.slice(0, 2)), new Set(['spool-obstacle', 'dkim-missing']));
    const credential = overview.attention.find(({ kind }) => kind === 'credential-ending');
    assert.equal(credential?.sentence, 'Credential panel of printer expires in 5 days');
    assert.equal(credential?.action.command, 'postern credential rotate printer');
    const own = (
      await fixture.api.inject({ url: '/api/v1/overview', headers: await asOwner(fixture) })
    ).json<Overview>();
    assert.deepEqual(
      own.attention.map(({ kind }) => kind),
      ['credential-ending'],
    );
  });

  it('goes on when one thing can not be looked at', async (t) => {
    const { fixture } = await scene(t);
    fixture.context.health.freeBytes = async () => {
      throw new Error('no such disk');
    };
    const overview = (
      await fixture.api.inject({ url: '/api/v1/overview', headers: fixture.authorization })
    ).json<Overview>();
    const failed = overview.attention.find(({ kind }) => kind === 'check-failed');
    assert.match(failed?.sentence ?? '', /spool: no such disk/);
  });

  it('answers the rest when nothing can be counted, and says what is missing', async (t) => {
    const { fixture } = await scene(t);
    fixture.context.traffic.overview = async () => {
      throw new Error('unable to open database file');
    };
    const { authorization } = fixture;
    for (const headers of [authorization, await asOwner(fixture)]) {
      const answer = await fixture.api.inject({ url: '/api/v1/overview?window=7d', headers });
      assert.equal(answer.statusCode, 200, answer.body);
      const overview = answer.json<Overview>();
      assert.deepEqual(overview.missing, ['counts']);
      assert.deepEqual([overview.totals.accepted, overview.sources, overview.series.at.length], [0, [], 168]);
      const said = overview.attention.find(({ kind }) => kind === 'counts-missing');
      assert.match(said?.sentence ?? '', /unable to open database file/);
      assert.equal(overview.spool !== undefined, headers === authorization);
    }
  });

  it('names a few of many and counts the rest', async (t) => {
    const { fixture } = await scene(t);
    fixture.context.health.unreachable = () =>
      Array.from({ length: 1000 }, (_, n) => ({
        name: `d${n}`,
        failures: 1,
        since: n,
        until: n,
        reply: '421',
        domains: [],
      }));
    const overview = (
      await fixture.api.inject({ url: '/api/v1/overview', headers: fixture.authorization })
    ).json<Overview>();
    const failing = overview.attention.filter(({ kind }) => kind.startsWith('destination'));
    assert.equal(failing.length, 11);
    assert.equal(failing.find(({ kind }) => kind.endsWith('more'))?.parameters['count'], 990);
  });
});

interface Report {
  items: { key: string; name: string; counts: { accepted: number; refused: number; delivered: number } }[];
  found: number;
  totals: { accepted: number };
  next?: string;
}

describe('GET /reports', () => {
  const rows = ({ items }: Report) => items.map(({ name, counts }) => [name, counts.accepted]);
  for (const [query, expected] of [
    [
      'by=source',
      [
        ['printer', 3],
        ['erp', 2],
        ['the internet', 1],
      ],
    ],
    ['by=source&source=erp', [['erp', 2]]],
    ['by=source&tag=print', [['printer', 3]]],
    ['by=source&sort=key&owner=somebody@corp.example', [['erp', 2]]],
    [
      'by=tag',
      [
        ['floor-1', 3],
        ['print', 3],
        ['erp-team', 2],
        ['no tag', 1],
      ],
    ],
    [
      'by=owner',
      [
        ['source-owner@corp.example', 3],
        ['somebody@corp.example', 2],
        ['no owner', 1],
      ],
    ],
    ['by=address&tag=print', [['printer@corp.example', 3]]],
    [
      'by=domain',
      [
        ['corp.example', 4],
        ['outside.example', 1],
      ],
    ],
    [
      'by=recipient-domain&source=printer',
      [
        ['example.net', 3],
        ['example.org', 3],
      ],
    ],
    ['by=code&source=printer', [[/not/, 0]]],
  ] as [string, [string | RegExp, number][]][]) {
    it(`counts ${query}`, async (t) => {
      const { fixture } = await scene(t);
      const answer = await fixture.api.inject({
        url: `/api/v1/reports?${query}`,
        headers: fixture.authorization,
      });
      assert.equal(answer.statusCode, 200, answer.body);
      const found = rows(answer.json<Report>());
      assert.equal(found.length, expected.length, JSON.stringify(found));
      for (const [index, [name, accepted]] of expected.entries()) {
        if (typeof name === 'string') assert.deepEqual(found[index], [name, accepted]);
        else assert.match(String(found[index]?.[0]), /./);
      }
    });
  }

  it('goes by days, and pages', async (t) => {
    const { fixture, now } = await scene(t);
    const first = await fixture.api.inject({
      url: '/api/v1/reports?by=day&limit=1',
      headers: fixture.authorization,
    });
    const report = first.json<Report>();
    assert.deepEqual([report.found, report.items.length, report.totals.accepted], [2, 1, 6]);
    assert.equal(report.items[0]?.key, new Date(now - 30 * HOUR).toISOString().slice(0, 10));
    const second = await fixture.api.inject({
      url: `/api/v1/reports?by=day&limit=1&cursor=${report.next}`,
      headers: fixture.authorization,
    });
    assert.deepEqual(
      rows(second.json<Report>()).map(([, accepted]) => accepted),
      [5],
    );
    assert.equal(second.json<Report>().next, undefined);
  });

  it('sets the time before beside it, row by row', async (t) => {
    const { fixture, printer, now } = await scene(t);
    fixture.journal.write({
      type: 'acceptance',
      source: printer.id,
      listener: 'smtp',
      size: 7,
      outcome: 'queued',
      at: now - 36 * HOUR,
    });
    const from = new Date(now - 24 * HOUR).toISOString();
    const ask = async (by: string) => {
      const url = `/api/v1/reports?by=${by}&from=${from}&compare=true`;
      const answer = await fixture.api.inject({ url, headers: fixture.authorization });
      assert.equal(answer.statusCode, 200, answer.body);
      return answer.json<Compared>();
    };
    const bySource = await ask('source');
    const of = (key: string) => bySource.items.find((row) => row.key === key)?.before?.accepted;
    assert.deepEqual([of(printer.id), of('edge'), bySource.before?.totals.accepted], [1, 0, 2]);
    const byTag = await ask('tag');
    assert.equal(byTag.items.find(({ key }) => key === 'print')?.before?.accepted, 1);
    const byDay = await ask('day');
    assert.ok((byDay.before?.to ?? 0) <= byDay.to - 24 * HOUR);
    assert.equal(
      byDay.items.reduce((sum, { before }) => sum + (before?.accepted ?? 0), 0),
      byDay.before?.totals.accepted,
    );
    const file = await fixture.api.inject({
      url: '/api/v1/reports?by=source&compare=true&format=csv',
      headers: fixture.authorization,
    });
    const [head = '', first = ''] = file.body.split('\r\n');
    assert.match(head, /"accepted before".*"bounced before"$/);
    assert.equal(first.split(',').length, head.split(',').length);
  });

  it('gives a file whose cells are no formulas', async (t) => {
    const { fixture } = await scene(t);
    for (const how of [
      { url: '&format=csv', accept: '*/*' },
      { url: '', accept: 'text/csv' },
    ]) {
      const answer = await fixture.api.inject({
        url: `/api/v1/reports?by=address${how.url}`,
        headers: { ...fixture.authorization, accept: how.accept },
      });
      assert.match(String(answer.headers['content-type']), /^text\/csv/);
      assert.match(String(answer.headers['content-disposition']), /attachment; filename="mail-by-address-/);
      const [head, ...lines] = answer.body.trimEnd().split('\r\n');
      assert.equal(
        head,
        '"address","name","accepted","octets","refused","held","delivered","deferred","bounced"',
      );
      assert.ok(
        lines.includes(`"'=1+1@corp.example","'=1+1@corp.example","1","50","0","1","0","0","1"`),
        answer.body,
      );
    }
  });

  it('shows source owners what is theirs alone', async (t) => {
    const { fixture } = await scene(t);
    const headers = await asOwner(fixture);
    const all = await fixture.api.inject({ url: '/api/v1/reports?by=source', headers });
    assert.deepEqual(rows(all.json<Report>()), [['printer', 3]]);
    const foreign = await fixture.api.inject({ url: '/api/v1/reports?by=day&source=erp', headers });
    const none = await fixture.api.inject({ url: '/api/v1/reports?by=day&source=none', headers });
    assert.deepEqual(
      [foreign.statusCode, foreign.body.replaceAll('erp', 'none')],
      [404, none.body],
      'that of somebody else is as if there was none',
    );
    const byOwner = await fixture.api.inject({
      url: '/api/v1/reports?by=day&owner=somebody@corp.example',
      headers,
    });
    assert.deepEqual([byOwner.json<Report>().items, byOwner.json<Report>().totals.accepted], [[], 0]);
  });

  for (const [stretch, status] of [
    ['from=2026-02-01&to=2026-01-01', 400],
    ['from=1969-12-31', 400],
    ['from=-271821-04-20', 400],
    ['to=999999999999999', 400],
    ['from=1970-01-01&to=9999-12-31', 200],
  ] as const)
    it(`answers ${status} for ${stretch}`, async (t) => {
      const { fixture } = await scene(t);
      const url = `/api/v1/reports?by=day&compare=true&source=printer&${stretch}`;
      const answer = await fixture.api.inject({ url, headers: fixture.authorization });
      assert.equal(answer.statusCode, status, answer.body);
    });
});

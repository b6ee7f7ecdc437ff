import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { TENANT_DOMAIN, type TraceRow } from '../../../test/support/graph-server.ts';
import { systemDisk } from '../../platform/disk.ts';
import { CollectScene, DAY, NOW, outcome } from './collect.fixture.ts';
import { collect, type CollectOptions } from './collect.ts';
import { FetchHttp } from './http.ts';

describe('collection from Microsoft Graph', () => {
  let scene: CollectScene;
  let clock: CollectScene['clock'];
  let server: CollectScene['server'];
  let folder: string;

  beforeEach(async () => {
    scene = await CollectScene.start();
    ({ clock, server, folder } = scene);
  });
  afterEach(() => scene.end());

  const options = (more?: Partial<CollectOptions>) => scene.options(more);
  const run = (more?: Partial<CollectOptions>) => scene.run(more);
  const world = (http?: FetchHttp) => scene.world(http);
  const row = (at: number, more?: Partial<TraceRow>) => scene.row(at, more);
  const records = (prefix: string) => scene.records(prefix);

  it('writes all rows of the period once, exactly as the service sends them', async () => {
    // every 20 minutes, midnights included, with time stamps as fine as the service has them
    server.rows = Array.from({ length: 5 * 72 }, (_, i) => row(NOW - 5 * DAY + i * 1_200_000 + 60_000));
    server.rows.push(
      row(Date.parse('2026-11-21T00:00:00Z'), { receivedDateTime: '2026-11-20T23:59:59.9999999Z' }),
    );
    const report = await run({ parts: ['trace'] });
    assert.equal(outcome(report, 'trace')?.outcome, 'done');
    const due = server.rows.filter((one) => Date.parse(one.receivedDateTime) < NOW - 3_600_000);
    const had = await records('trace-');
    assert.equal(had.length, due.length);
    assert.deepEqual(
      had.sort((a, b) => String(a['id']).localeCompare(String(b['id']))),
      due.sort((a, b) => a.id.localeCompare(b.id)),
    );
    for (const { query } of server.traceRequests) assert.equal(query['$top'], '5000');
    assert.deepEqual(
      (await readdir(folder)).filter((name) => !/^(trace-.*\.ndjson|\.collect-state\.json)$/.test(name)),
      [],
    );
  });

  it('stays within what the service remembers when ninety days are asked for, however long it takes', async () => {
    server.rows = Array.from({ length: 90 }, (_, i) => row(NOW - i * DAY - 7_200_000));
    server.limit = 10;
    const report = await run({ days: 90, parts: ['trace'] });
    assert.equal(outcome(report, 'trace')?.problem, undefined);
    assert.deepEqual(
      server.asked.filter(({ status }) => status === 400),
      [],
    );
    assert.ok((await records('trace-')).length >= 89);
  });

  it('a later run asks only for what is new', async () => {
    server.rows = Array.from({ length: 200 }, (_, i) => row(NOW - 5 * DAY + i * 3_600_000));
    await run({ parts: ['trace'] });
    const first = server.traceRequests.map(({ query }) => query['$filter']);
    server.asked = [];
    clock.pass(DAY);
    await run({ parts: ['trace'] });
    const second = server.traceRequests.map(({ query }) => query['$filter']);
    assert.deepEqual(second, [
      'receivedDateTime ge 2026-11-23T11:00:00.000Z and receivedDateTime le 2026-11-24T00:00:00.000Z',
      'receivedDateTime ge 2026-11-24T00:00:00.000Z and receivedDateTime le 2026-11-24T11:00:00.000Z',
    ]);
    assert.equal(new Set([...first, ...second]).size, first.length + second.length);
    const ids = (await records('trace-')).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    server.asked = [];
    await run({ parts: ['trace'] });
    assert.deepEqual(server.traceRequests, []);
  });

  it('a run that is interrupted again and again loses nothing and doubles nothing', async () => {
    server.rows = Array.from({ length: 12_000 }, (_, i) => row(NOW - 2 * DAY + i * 10_000));
    let kills = 0;
    for (; kills < 12; kills++) {
      const killer = new AbortController();
      let seen = 0;
      server.answered = () => {
        if (++seen === 2) killer.abort(new Error('killed'));
      };
      const report = await run({ days: 2, parts: ['trace'], signal: killer.signal });
      if (outcome(report, 'trace')?.outcome === 'done') break;
      assert.equal(outcome(report, 'trace')?.outcome, 'interrupted');
    }
    assert.ok(kills < 12, 'it comes to an end');
    server.answered = () => undefined;
    assert.equal(outcome(await run({ days: 2, parts: ['trace'] }), 'trace')?.outcome, 'done');
    const asked = server.traceRequests.map(({ query }) => JSON.stringify(query));
    // an answer that was on its way when the end came is the only one that is asked for again
    const twice = asked.filter((one, index) => asked.indexOf(one) !== index);
    assert.ok(kills > 2 && twice.length <= kills);
    const ids = (await records('trace-')).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(
      ids.length,
      server.rows.filter((one) => Date.parse(one.receivedDateTime) < NOW - 3_600_000).length,
    );
  });

  it('what stands in the state is not asked for again, even when the process dies between two pages', async () => {
    server.rows = Array.from({ length: 21_600 }, (_, i) => row(NOW - DAY + i * 4_000));
    // the disk fails with the third file: nothing after it is written, as when the power goes
    let files = 0;
    const dying = {
      ...systemDisk,
      open: (file: string, mode: 'read' | 'create') => {
        if (mode === 'create' && file.includes('trace-') && ++files === 3)
          throw new Error('the power is gone');
        return systemDisk.open(file, mode);
      },
    };
    await assert.rejects(
      collect(options({ days: 1, parts: ['trace'] }), { ...world(), disk: dying }),
      /power/,
    );
    const lost = server.traceRequests.at(-1)?.query;
    const before = server.traceRequests.map(({ query }) => JSON.stringify(query)).slice(0, -1);
    server.asked = [];
    await run({ days: 1, parts: ['trace'] });
    const later = server.traceRequests.map(({ query }) => JSON.stringify(query));
    assert.equal(later[0], JSON.stringify(lost));
    assert.deepEqual(
      later.filter((one) => before.includes(one)),
      [],
    );
    const ids = (await records('trace-')).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('a page that the service has forgotten is begun anew, and nothing is there twice', async () => {
    server.rows = Array.from({ length: 11_000 }, (_, i) => row(NOW - 14 * 3_600_000 + i * 4000));
    server.faults = ['stale-page'];
    const report = await run({ days: 1, parts: ['trace'] });
    assert.equal(outcome(report, 'trace')?.outcome, 'done');
    const ids = (await records('trace-')).map(({ id }) => id);
    assert.equal(
      ids.length,
      server.rows.filter((one) => Date.parse(one.receivedDateTime) < NOW - 3_600_000).length,
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  for (const fault of ['truncated', 'hung-up', 'unavailable', 'token-revoked', 'throttled'] as const) {
    it(`gets over ${fault}`, async () => {
      server.rows = [row(NOW - DAY)];
      const waits: string[] = [];
      server.faults = [fault];
      const report = await run({
        days: 2,
        parts: ['trace'],
        waiting: (text, ms) => waits.push(`${text} ${ms}`),
      });
      assert.equal(outcome(report, 'trace')?.problem, undefined);
      assert.equal((await records('trace-')).length, 1);
      if (fault === 'throttled') assert.deepEqual(waits, ['the service throttles 17000']);
      if (fault === 'token-revoked') assert.equal(server.tokens, 2);
    });
  }

  it('gives up on a service that never answers, and says that the work is kept', async () => {
    server.faults = Array.from({ length: 6 }, () => 'unavailable' as const);
    const report = await run({ days: 1, parts: ['trace'] });
    assert.equal(outcome(report, 'trace')?.outcome, 'failed');
    assert.match(outcome(report, 'trace')?.problem ?? '', /answered 503; what was collected is kept/);
  });

  it('does not wait for ever for an answer', async () => {
    server.faults = ['no-answer'];
    server.rows = [row(NOW - DAY / 2)];
    const http = new FetchHttp();
    const impatient = {
      send: (request: Parameters<typeof http.send>[0]) => http.send({ ...request, timeoutMs: 300 }),
    };
    const report = await collect(options({ days: 1, parts: ['trace'] }), { ...world(), http: impatient });
    assert.equal(outcome(report, 'trace')?.outcome, 'done');
  });

  it('an answer beyond all measure is cut off', async () => {
    server.rows = Array.from({ length: 4000 }, () => row(NOW - DAY / 2));
    const report = await collect(options({ days: 1, parts: ['trace'] }), world(new FetchHttp(100_000)));
    assert.match(outcome(report, 'trace')?.problem ?? '', /more than 100000 octets/);
  });

  it('asks for details of own senders with an address, a few a day for each, newest day first', async () => {
    const [a, b, c, d, e, f] = [
      row(NOW - 3 * DAY),
      row(NOW - 2 * DAY),
      row(NOW - 2 * DAY - 1000),
      row(NOW - 2 * DAY, {
        senderAddress: "o'hara@mail.CONTOSO.com",
        recipientAddress: "o'hara@contoso.com",
      }),
      row(NOW - 2 * DAY, { fromIP: '' }),
      row(NOW - 2 * DAY, { senderAddress: 'x@fabrikam.com' }),
    ];
    server.rows = [a, b, c, d, e, f, row(NOW - 2 * DAY, { recipientAddress: 'x@fabrikam.com' })];
    for (const one of server.rows) {
      server.details.set(`${one.id} ${one.recipientAddress}`, [
        {
          id: one.id,
          messageId: one.messageId,
          dateTime: one.receivedDateTime,
          event: 'Receive',
          data: '<root/>',
        },
      ]);
    }
    await run({ parts: ['domains', 'trace', 'details'] });
    const details = await records('details-');
    assert.deepEqual(new Set(details.map((one) => one['messageTraceId'])), new Set([a.id, b.id, d.id]));
    assert.equal(details.length, 3);
    assert.match(server.detailRequests.at(-1)?.path ?? '', new RegExp(a.id));
    assert.deepEqual(
      details.find((one) => one['messageTraceId'] === d.id),
      {
        id: d.id,
        messageId: d.messageId,
        dateTime: d.receivedDateTime,
        event: 'Receive',
        data: '<root/>',
        messageTraceId: d.id,
        recipientAddress: "o'hara@contoso.com",
      },
    );
    server.asked = [];
    await run({ parts: ['domains', 'trace', 'details'] });
    assert.equal(server.detailRequests.length, 0);
    await run({ parts: ['domains', 'trace', 'details'], detailsPerSender: Infinity });
    assert.deepEqual(
      server.detailRequests.map(({ path: asked }) => asked.includes(c.id)),
      [true],
    );
  });

  it('keeps to a hundred requests in five minutes, trace and details together', async () => {
    server.rows = Array.from({ length: 230 }, (_, i) =>
      row(NOW - DAY - i * 60_000, { fromIP: `203.0.113.${i}` }),
    );
    for (const one of server.rows) {
      server.details.set(`${one.id} ${one.recipientAddress}`, [{ id: one.id, event: 'Receive', data: '' }]);
    }
    const report = await run({ days: 3, parts: ['trace', 'details'], domains: ['contoso.com'] });
    assert.equal(outcome(report, 'details')?.rows, 230);
    assert.deepEqual(
      server.asked.filter(({ status }) => status === 429),
      [],
    );
    assert.ok(clock.now() - NOW >= 600_000);
  });

  it('details of a run that was interrupted are not asked for again', async () => {
    server.rows = Array.from({ length: 50 }, (_, i) => row(NOW - DAY, { fromIP: `203.0.113.${i}` }));
    for (const one of server.rows) {
      server.details.set(`${one.id} ${one.recipientAddress}`, [{ id: one.id, event: 'Receive', data: '' }]);
    }
    const killer = new AbortController();
    server.answered = () => {
      if (server.detailRequests.length === 33) killer.abort(new Error('interrupted'));
    };
    const wanted = { days: 2, parts: ['trace', 'details'] as const, domains: ['contoso.com'] };
    const first = await run({ ...wanted, signal: killer.signal });
    assert.equal(outcome(first, 'details')?.outcome, 'interrupted');
    server.answered = () => undefined;
    await run(wanted);
    assert.ok(server.detailRequests.length <= 51);
    const ids = (await records('details-')).map(({ messageTraceId }) => messageTraceId);
    assert.equal(ids.length, 50);
    assert.equal(new Set(ids).size, 50);
  });

  it('halves a hunt until the answer holds it, and repeats none', async () => {
    server.events = Array.from({ length: 25_000 }, (_, i) => ({
      Timestamp: new Date(NOW - 20 * 3_600_000 + i * 2000).toISOString(),
      NetworkMessageId: String(i),
      Connectors: null,
    }));
    server.mostHunted = 9_000;
    const report = await run({ days: 1, parts: ['hunting'], domains: ['contoso.com'] });
    assert.equal(outcome(report, 'hunting')?.problem, undefined);
    const had = await records('emailevents-');
    assert.equal(had.length, 25_000);
    assert.equal(new Set(had.map((one) => one['NetworkMessageId'])).size, 25_000);
    server.asked = [];
    await run({ days: 1, parts: ['hunting'], domains: ['contoso.com'] });
    assert.deepEqual(server.asked, []);
  });

  it('no domain can break out of the query', async () => {
    server.events = [];
    await run({
      days: 1,
      parts: ['hunting'],
      domains: ['contoso.com', 'x"]); DeviceEvents //', 'münchen.example'],
    });
    for (const { body } of server.asked) {
      assert.match(body, /dynamic\(\[\\"contoso.com\\"\]\)/);
      assert.doesNotMatch(body, /DeviceEvents/);
    }
  });

  it('one run at a time, one tenant a folder, and no state is thrown away', async () => {
    await writeFile(path.join(folder, '.collect-lock'), '1');
    await assert.rejects(run({ parts: ['domains'] }), /another run \(process 1\)/);
    // a process that is no more
    await writeFile(path.join(folder, '.collect-lock'), '4194304');
    await writeFile(path.join(folder, 'trace-x.ndjson.part'), 'half');
    await run({ days: 1, parts: ['trace'] });
    assert.deepEqual((await readdir(folder)).sort(), ['.collect-state.json']);
    const elsewhere = { ...options().app, tenant: TENANT_DOMAIN };
    await assert.rejects(run({ app: elsewhere, parts: ['trace'] }), /evidence of another tenant/);
    await writeFile(path.join(folder, '.collect-state.json'), '{"version":1');
    await assert.rejects(run({ parts: ['trace'] }), /can not be read; restore it/);
  });
});

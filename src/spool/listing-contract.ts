/** How what waits is found and counted. */
import assert from 'node:assert/strict';
import { type Contract, deferred, names } from './fixture-contract.ts';
import type { Spool, SurveyRow } from './spool.ts';

export function listingContract(contract: Contract): void {
  contract('filters choose by every field, alone and together', async ({ spool, store }) => {
    const a = await store({ source: 'src_x', to: ['1@a.example', '2@b.example'] });
    const b = await store({ source: 'src_y', hold: 'source' });
    const chosen = async (filter: Parameters<Spool['list']>[0]) => names(await spool.list(filter, 10));
    const [a0, a1, b0] = [`${a.id}/0`, `${a.id}/1`, `${b.id}/0`];
    assert.deepEqual(await chosen({}), [a0, a1, b0]);
    assert.deepEqual(await chosen({ message: a.id }), [a0, a1]);
    assert.deepEqual(await chosen({ message: a.id.toLowerCase() }), [a0, a1]);
    assert.deepEqual(await chosen({ message: 'nonsense' }), []);
    assert.deepEqual(await chosen({ source: 'src_x' }), [a0, a1]);
    assert.deepEqual(await chosen({ domain: 'B.example' }), [a1]);
    assert.deepEqual(await chosen({ from: 'app@corp.example' }), [a0, a1, b0]);
    assert.deepEqual(await chosen({ from: "' OR 1 --" }), []);
    assert.deepEqual(await chosen({ state: 'queued' }), [a0, a1]);
    assert.deepEqual(await chosen({ state: 'held' }), [b0]);
    assert.deepEqual(await chosen({ hold: 'source' }), [b0]);
    assert.deepEqual(await chosen({ source: 'src_x', state: 'held' }), []);
  });

  contract('lists go on behind a cursor', async ({ spool, store }) => {
    const all: string[] = [];
    for (let index = 0; index < 12; index += 1) {
      const { id } = await store({ to: ['a@a.example', 'b@b.example'], source: `src_${index % 2}` });
      if (index % 2 === 0) all.push(`${id}/0`, `${id}/1`);
    }
    const paged: string[] = [];
    let after: { message: string; part: number } | undefined;
    for (;;) {
      const page = await spool.list({ source: 'src_0' }, 5, after);
      if (page.length === 0) break;
      paged.push(...names(page));
      after = page.at(-1);
    }
    assert.deepEqual(paged, all);
  });

  contract('survey: everything that waits, counted once', async (fixture) => {
    const { spool, clock, store } = fixture;
    const counts = async () => {
      const found = new Map<string, number>();
      await spool.survey((rows) => {
        for (const { domain, hold = 'queued', lastReply = '', deliveries } of rows) {
          const name = [domain, hold, lastReply].filter((one) => one !== '').join(' ');
          found.set(name, (found.get(name) ?? 0) + deliveries);
        }
      });
      return Object.fromEntries(found);
    };
    assert.deepEqual(await counts(), {});
    const a = await store({ to: ['x@a.example', 'y@b.example', 'z@a.example'] });
    await Promise.all(Array.from({ length: 6000 }, () => store({ to: ['x@a.example'] })));
    await store({ to: ['x@a.example'], hold: 'limit' });
    await spool.settle([deferred(a, clock.now() + 1000, 1)]);
    assert.deepEqual(await counts(), {
      'a.example limit': 1,
      'a.example queued': 6001,
      'b.example queued 451 later': 1,
    });
    const rows: SurveyRow[] = [];
    await spool.survey((more) => void rows.push(...more));
    const one = rows.find(({ domain }) => domain === 'b.example');
    assert.deepEqual(one, {
      domain: 'b.example',
      source: 'src_a',
      from: 'app@corp.example',
      lastReply: '451 later',
      deliveries: 1,
      bytes: one?.bytes,
      oldestAt: a.receivedAt,
      nextAttemptAt: clock.now() + 1000,
      attempts: 1,
    });
    assert.ok((one?.bytes ?? 0) > 0);
  });

  contract('receivedBefore: queued, oldest first, with a cursor', async (fixture) => {
    const { spool, store } = fixture;
    const a = await store();
    const b = await store({ to: ['x@x.example', 'y@y.example'] });
    await store({ hold: 'operator' });
    const d = await store();
    assert.deepEqual(names(await spool.receivedBefore(d.receivedAt, 10)), [
      `${a.id}/0`,
      `${b.id}/0`,
      `${b.id}/1`,
    ]);
    assert.deepEqual(names(await spool.receivedBefore(d.receivedAt, 2)), [`${a.id}/0`, `${b.id}/0`]);
    assert.deepEqual(names(await spool.receivedBefore(d.receivedAt + 1, 10, { message: b.id, part: 0 })), [
      `${b.id}/1`,
      `${d.id}/0`,
    ]);
    assert.deepEqual(await spool.receivedBefore(a.receivedAt, 10), []);
  });

  contract('receivedBefore finds what was received after the clock was set back', async (fixture) => {
    const { clock, store } = fixture;
    clock.advance(3_600_000);
    await store();
    clock.advance(-3_600_000);
    const { id, receivedAt } = await store();
    await fixture.again('close');
    assert.deepEqual(names(await fixture.spool.receivedBefore(receivedAt + 1, 10)), [`${id}/0`]);
  });
}

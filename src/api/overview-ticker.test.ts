import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DEFAULT_POLICY } from '../sources/source.ts';
import { AttentionBoard } from './attention/board.ts';
import { apiFixture } from './fixtures.ts';
import type { Live } from './overview-shapes.ts';
import { OverviewTicker } from './overview-ticker.ts';

async function scene(t: TestContext) {
  const fixture = await apiFixture();
  t.after(() => fixture.api.close());
  const { context, journal, clock } = fixture;
  let looks = 0;
  const ticker = new OverviewTicker(
    {
      ...context,
      traffic: {
        ...context.traffic,
        minute: (...asked) => {
          looks++;
          return context.traffic.minute(...asked);
        },
      },
    },
    new AttentionBoard(context),
    (error) => assert.fail(String(error)),
  );
  const second = async () => {
    clock.advance(1000);
    for (let n = 0; n < 50; n++) await nextTurn();
  };
  const source = await context.sources.add({ name: 'a', description: '', owner: '', policy: DEFAULT_POLICY });
  const send = (id = source.id) =>
    journal.write({ type: 'acceptance', source: id, listener: 'smtp', size: 1, outcome: 'queued' });
  return { ticker, second, send, looked: () => looks, source };
}

it('looks once a second for everybody, and not at all for nobody', async (t) => {
  const { ticker, second, looked } = await scene(t);
  await second();
  assert.equal(looked(), 0);
  const ends = Array.from({ length: 50 }, () => ticker.follow(undefined, () => undefined));
  await second();
  const before = looked();
  await second();
  await second();
  assert.equal(looked(), before + 2);
  for (const end of ends) end();
  await second();
  const after = looked();
  await second();
  assert.equal(looked(), after);
});

it('goes on when nothing can be counted', async (t) => {
  const fixture = await apiFixture();
  t.after(() => fixture.api.close());
  const { context, clock } = fixture;
  context.traffic.minute = async () => {
    throw new Error('unable to open database file');
  };
  const failures: string[] = [];
  const ticker = new OverviewTicker(context, new AttentionBoard(context), (error) =>
    failures.push(String(error)),
  );
  const told: Live[] = [];
  const end = ticker.follow(undefined, (live) => told.push(live));
  for (let n = 0; n < 50; n++) await nextTurn();
  end();
  assert.deepEqual(failures, []);
  assert.deepEqual([told[0]?.counts.accepted, told[0]?.minute], [0, clock.now() - (clock.now() % 60_000)]);
  assert.ok(told[0]?.spool);
});

it('tells each what has changed for it, and nothing else', async (t) => {
  const { ticker, second, send, source } = await scene(t);
  const all: Live[] = [];
  const own: Live[] = [];
  ticker.follow(undefined, (live) => all.push(live));
  ticker.follow(
    (id) => id === source.id,
    (live) => own.push(live),
  );
  await second();
  await second();
  assert.deepEqual([all.length, own.length], [1, 1]);
  send('src_other');
  await second();
  assert.deepEqual([all.at(-1)?.counts.accepted, own.length], [1, 1]);
  send();
  await second();
  assert.deepEqual([all.at(-1)?.counts.accepted, own.at(-1)?.counts.accepted], [2, 1]);
  assert.equal(own.at(-1)?.spool, undefined);
  assert.ok((all.at(-1)?.id ?? 0) > (all[0]?.id ?? 0));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batcher } from './batcher.ts';

test('what comes in one turn, or during a batch, goes together', async () => {
  const batches: number[][] = [];
  const batcher = new Batcher<number, number>(
    async (items) => {
      batches.push(items);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return items.map((item) => item * 2);
    },
    { items: 3 },
  );
  const first = [1, 2].map((item) => batcher.submit(item));
  while (batches.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const rest = [3, 4, 5, 6].map((item) => batcher.submit(item));
  assert.deepEqual(await Promise.all([...first, ...rest]), [2, 4, 6, 8, 10, 12]);
  await batcher.idle();
  assert.deepEqual(batches, [[1, 2], [3, 4, 5], [6]]);
});

test('a batch ends at its weight, but holds one item at least', async () => {
  const batches: number[][] = [];
  const batcher = new Batcher<number, number>(
    async (items) => {
      batches.push(items);
      return items;
    },
    { items: 10, weigh: (item) => item, weight: 5 },
  );
  await Promise.all([9, 2, 3, 1].map((item) => batcher.submit(item)));
  assert.deepEqual(batches, [[9], [2, 3], [1]]);
});

test('an error fails one item, a rejection the batch, and neither what follows', async () => {
  let turn = 0;
  const batcher = new Batcher<string, string>(
    async (items) => {
      turn += 1;
      if (turn === 2) throw new Error('all');
      return items.map((item) => (item === 'bad' ? new Error('this') : item));
    },
    { items: 2 },
  );
  const results = await Promise.allSettled(
    ['good', 'bad', 'x', 'y', 'z'].map((item) => batcher.submit(item)),
  );
  const said = results.map((r) => (r.status === 'fulfilled' ? r.value : (r.reason as Error).message));
  assert.deepEqual(said, ['good', 'this', 'all', 'all', 'z']);
});

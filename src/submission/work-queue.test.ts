import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkQueue } from './work-queue.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('so many run, so many wait, the rest is refused', async () => {
  const queue = new WorkQueue({ running: 2, waiting: 2, perOwner: 9 });
  let running = 0;
  let most = 0;
  const release: (() => void)[] = [];
  const work = async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => release.push(resolve));
    running--;
    return 'done';
  };
  const taken = Array.from({ length: 6 }, (_, i) => queue.run(`owner ${i}`, work));
  assert.deepEqual(
    taken.map((promise) => promise !== undefined),
    [true, true, true, true, false, false],
  );
  for (let i = 0; i < 4; i++) {
    await turn();
    release.shift()?.();
  }
  for (const promise of taken.slice(0, 4)) assert.equal(await promise, 'done');
  assert.equal(most, 2);
  assert.ok(queue.run('owner', () => Promise.resolve('again')));
});

test('work that fails gives its place back, and one owner has only its part', async () => {
  const queue = new WorkQueue({ running: 1, waiting: 5, perOwner: 2 });
  for (let i = 0; i < 3; i++) {
    await assert.rejects(
      queue.run('a', () => Promise.reject(new Error('broken'))) as Promise<never>,
      /broken/,
    );
  }
  const taken = [1, 2, 3].map((n) => queue.run('a', () => Promise.resolve(n)));
  assert.equal(taken[2], undefined);
  assert.equal(await queue.run('b', () => Promise.resolve(4)), 4);
  assert.deepEqual([await taken[0], await taken[1]], [1, 2]);
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { ManualClock } from '../../platform/clock.ts';
import { JournalDatabase } from '../journal-database.ts';
import { type Cell, pushRow } from '../journal-rows.ts';
import { type Batch, EventReader } from './event-reader.ts';
import { type Consumer, Follower } from './follower.ts';
import { Followers } from './followers.ts';

/** Remembers what it was given. */
class Recorder implements Consumer<number> {
  readonly batches: Batch[] = [];
  at: number;
  trouble: Error | undefined;

  constructor(at = 0) {
    this.at = at;
  }

  position(): number {
    if (this.trouble) throw this.trouble;
    return this.at;
  }

  take(batch: Batch): void {
    this.batches.push(batch);
    this.at = batch.through;
  }

  settle(): number {
    return this.at;
  }

  get ids(): number[] {
    return this.batches.flatMap(({ events }) => events.map(({ id }) => id));
  }

  remake(): void {}
  shrink(): void {}
  close(): void {}
}

function scene(t: TestContext, types: ('acceptance' | 'connection')[]) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-follower-'));
  const file = path.join(folder, 'journal.db');
  const journal = new JournalDatabase(file);
  journal.open();
  const cells: Cell[] = [];
  for (const [index, type] of types.entries())
    pushRow(cells, index + 1, 1000 + index, { type, to: ['a@b.c'] });
  journal.append(cells);
  const reader = new EventReader(file);
  t.after(() => {
    reader.close();
    journal.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const step = (consumers: Record<string, Recorder>) =>
    new Follower(reader, consumers).step({ now: 0, urgent: false });
  return { folder, journal, step };
}

const acceptances = (count: number) => Array.from({ length: count }, () => 'acceptance' as const);

suite('who follows the journal', () => {
  test('is given each batch together with those that have come as far', (t) => {
    const { step } = scene(t, acceptances(250));
    const [one, two] = [new Recorder(), new Recorder()];
    assert.deepEqual(step({ one, two }), { one: { progress: 250 }, two: { progress: 250 } });
    assert.deepEqual(
      one.ids,
      Array.from({ length: 250 }, (_, index) => index + 1),
    );
    assert.ok(one.batches.length > 1);
    for (const [index, batch] of one.batches.entries()) assert.equal(two.batches[index], batch);
  });

  test('is given its own when it has come less far, and misses nothing', (t) => {
    const { step } = scene(t, acceptances(250));
    const [behind, ahead] = [new Recorder(3), new Recorder(200)];
    step({ behind, ahead });
    assert.deepEqual([behind.ids.length, ahead.ids.length], [247, 50]);
    assert.deepEqual([behind.ids[0], ahead.ids[0]], [4, 201]);
  });

  test('waits for what there was, and not for all that comes meanwhile', async (t) => {
    const { folder, journal } = scene(t, acceptances(10));
    const followers = new Followers({ folder, clock: new ManualClock(), edgeListeners: [] });
    await followers.open();
    let last = 10;
    let steps = 0;
    followers.onStep('traffic', () => {
      if (++steps > 20) return;
      const cells: Cell[] = [];
      for (let n = 0; n < 2000; n++) pushRow(cells, ++last, 1000, { type: 'acceptance' });
      journal.append(cells);
    });
    await followers.catchUp('traffic');
    await followers.catchUp('traffic');
    assert.ok(steps < 6, `${steps} steps`);
    await followers.close();
  });

  test('passes what nobody wants to know of', (t) => {
    const { step } = scene(t, ['connection', 'acceptance', 'connection', 'connection']);
    const one = new Recorder();
    step({ one });
    assert.deepEqual([one.ids, one.at, one.batches.at(-1)?.at], [[2], 4, 1003]);
  });

  test('is not stopped by the trouble of another, nor by a damaged row', (t) => {
    const { journal, step } = scene(t, acceptances(1));
    const cells: Cell[] = [];
    pushRow(cells, 2, 1, { type: 'acceptance' });
    cells[10] = '["unfinished';
    pushRow(cells, 3, 1, { type: 'acceptance' });
    for (const [index, damaged] of [
      { to: { a: 1 } },
      { to: [1] },
      { reply: 5 },
      { listener: {} },
      { size: 1.5 },
    ].entries())
      pushRow(cells, 4 + index, 1, { type: 'acceptance', ...(damaged as object) });
    journal.append(cells);
    const [well, ill] = [new Recorder(), new Recorder()];
    ill.trouble = new Error('no room');
    assert.deepEqual(step({ ill, well }), { ill: { error: 'no room' }, well: { progress: 8 } });
    assert.deepEqual(well.ids, [1, 3]);
  });
});

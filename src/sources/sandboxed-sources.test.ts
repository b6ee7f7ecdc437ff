import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventLog } from '../deliver/fixtures.ts';
import { ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import { openControlStore } from '../store/control.ts';
import { SandboxedSources } from './sandboxed-sources.ts';
import { DEFAULT_POLICY } from './source.ts';
import { StoredSourceRegistry } from './stored-registry.ts';

test('who is in the sandbox is known through all changes', async (t) => {
  const db = await openControlStore(':memory:');
  t.after(() => db.destroy());
  const registry = new StoredSourceRegistry(db, new ManualClock(), systemRandom, new EventLog());
  const add = (name: string, state: 'active' | 'sandboxed') =>
    registry.add({ name, description: '', owner: '', policy: DEFAULT_POLICY, state });
  const old = await add('old', 'sandboxed');
  const sandboxed = new SandboxedSources(registry);
  let told = 0;
  const end = sandboxed.onChange(() => told++);
  assert.deepEqual([sandboxed.size, sandboxed.has(old.id)], [1, true]);
  const fresh = await add('fresh', 'sandboxed');
  const other = await add('other', 'active');
  assert.deepEqual([sandboxed.size, sandboxed.has(fresh.id), told], [2, true, 0]);
  await registry.edit(old.id, { state: 'active' });
  await registry.edit(other.id, { state: 'sandboxed' });
  await registry.edit(other.id, { description: 'x' });
  assert.deepEqual(
    [sandboxed.size, sandboxed.has(old.id), sandboxed.has(other.id), told],
    [2, false, true, 2],
  );
  await registry.remove(other.id);
  assert.deepEqual([sandboxed.size, told], [1, 2]);
  end();
});

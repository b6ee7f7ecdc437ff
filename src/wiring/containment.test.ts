import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { countMessage, newHour, Normal } from '../containment/normal.ts';
import { writeStored } from '../containment/stored.ts';
import { StoredNormals } from '../containment/stored-normals.ts';
import type { JournalEvent } from '../journal/event.ts';
import { FanOut } from '../journal/fan-out.ts';
import { ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import type { SourceState } from '../sources/lifecycle.ts';
import { DEFAULT_POLICY } from '../sources/source.ts';
import { StoredSourceRegistry } from '../sources/stored-registry.ts';
import { openControlStore } from '../store/control.ts';
import { until } from '../../test/support/until.ts';
import { Closers } from './closers.ts';
import { wireContainment } from './containment.ts';
import type { Ground } from './ground.ts';

const HOUR = 3_600_000;

/** A source in some state that has sent one message an hour for a month, and now sends a list of strangers. */
async function strike(t: TestContext, state: SourceState) {
  const control = await openControlStore(':memory:');
  const closers = new Closers();
  closers.add(() => control.destroy());
  t.after(() => closers.closeAll());
  const clock = new ManualClock(Date.UTC(2026, 0, 5, 9));
  const written: JournalEvent[] = [];
  const events = new FanOut({ write: (event) => void written.push(event) });
  const sources = new StoredSourceRegistry(control, clock, systemRandom, events);
  const first = state === 'retired' ? 'active' : state;
  const policy = structuredClone(DEFAULT_POLICY);
  const { id } = await sources.add({ name: 'billing', description: '', owner: '', policy, state: first });
  if (state === 'retired') await sources.edit(id, { state });
  const now = Math.floor(clock.now() / HOUR);
  const normal = new Normal((now - 672) * HOUR);
  for (let hour = now - 672; hour < now; hour++) {
    const usual = newHour(hour);
    countMessage(usual, '10.0.0.0/24', ['corp.example'], 1000);
    normal.learn(usual);
  }
  const learnt = writeStored({
    normal: normal.record(),
    level: 'none',
    levelAt: 0,
    deviations: [],
    doubtful: [],
    mode: undefined,
  });
  await new StoredNormals(control).save([{ source: id, learnt, level: 'none', mode: 'act' }], clock.now());
  written.length = 0;
  const containment = await wireContainment(
    {
      config: {
        containment: {
          mode: 'act',
          learnDays: 7,
          learnMessages: 20,
          alert: 2,
          slow: 4,
          hold: 5,
          suspend: 7,
        },
      },
      clock,
      control,
      events,
      sources,
      log: { logger: { error: () => {} } },
    } as unknown as Ground,
    closers,
  );
  for (let one = 0; one < 100; one++) {
    events.write({ type: 'acceptance', source: id, network: '203.0.113.9', to: [`x@v${one}.example`] });
  }
  return { written, events, control, sources, id, containment };
}

for (const state of ['active', 'sandboxed'] as const) {
  test(`containment: a source that is ${state} is suspended, with its cause in the one event of the registry`, async (t) => {
    const { written, sources, id } = await strike(t, state);
    await until('it is suspended', async () => sources.byId(id)?.state === 'suspended');
    const { stateChange } = sources.byId(id) ?? {};
    assert.equal(stateChange?.by, 'containment');
    assert.match(stateChange?.reason ?? '', /^unusual sending: .*first time within an hour/);
    const changes = written.filter(({ type }) => type === 'change');
    assert.equal(changes.length, 1);
    assert.match(
      changes[0]?.text ?? '',
      new RegExp(`^source billing: ${state} to suspended: unusual sending`),
    );
  });
}

for (const state of ['requested', 'pending', 'retired'] as const) {
  test(`containment: a source that is ${state} stays so, and that is told`, async (t) => {
    const { written, sources, id } = await strike(t, state);
    const failed = await until('it is told', async () =>
      written.find(({ code }) => code === 'suspension-failed'),
    );
    assert.match(failed.text ?? '', new RegExp(`it is ${state}, and may not send in any case`));
    assert.equal(sources.byId(id)?.state, state);
  });
}

test('containment: what was learnt of a source goes with it, and late deliveries do not bring it back', async (t) => {
  const { events, control, sources, id, containment } = await strike(t, 'suspended');
  const rows = () => control.selectFrom('normals').select('source').execute();
  assert.equal((await rows()).length, 1);
  await sources.remove(id);
  await until('nothing is known', async () => (await rows()).length === 0);
  events.write({ type: 'attempt', source: id, outcome: 'delivered' });
  await containment.tend();
  assert.deepEqual(await rows(), []);
});

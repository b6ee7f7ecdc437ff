import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { OwnMail } from '../deliver/system-mail.ts';
import type { JournalEvent } from '../journal/event.ts';
import { ManualClock } from '../platform/clock.ts';
import { systemRandom } from '../platform/random.ts';
import { openControlStore } from '../store/control.ts';
import { BrownOuts, meets } from './brown-out.ts';
import {
  holdsMail,
  maySend,
  SOURCE_STATES,
  type SourceState,
  stateRefusal,
  TRANSITIONS,
} from './lifecycle.ts';
import { Recertification } from './recertification.ts';
import { RecertificationStore } from './recertification-store.ts';
import { SourceRequests } from './requests.ts';
import { DAY_MS, Retirement } from './retirement.ts';
import { searchSources, type SourceFilter } from './search.ts';
import { DEFAULT_POLICY, type Source } from './source.ts';
import { StoredSourceRegistry } from './stored-registry.ts';

const BY = { by: 'kim', reason: 'because' };

async function setUp(t: TestContext) {
  const db = await openControlStore(':memory:');
  t.after(() => db.destroy());
  const clock = new ManualClock();
  const journal: JournalEvent[] = [];
  const events = { write: (event: JournalEvent) => void journal.push(event) };
  const sources = new StoredSourceRegistry(db, clock, systemRandom, events);
  const mails: OwnMail[] = [];
  const mail = {
    send: async (one: OwnMail) => {
      mails.push(one);
      return '0';
    },
  };
  const retirement = new Retirement({ sources, clock, events, mail });
  const store = new RecertificationStore(db);
  const recertification = new Recertification({
    store,
    sources,
    retirement,
    mail,
    clock,
    random: systemRandom,
    events,
  });
  const requests = new SourceRequests({ sources, clock, events }, { days: 30, most: 3, mostOfOne: 2 });
  const alarms = () => journal.filter(({ type }) => type === 'alarm').map(({ code }) => code);
  const add = (name: string, more: Partial<Source> = {}) =>
    sources.add({ ...fields(name), owner: 'ann@corp.example', ...more });
  return {
    db,
    clock,
    journal,
    events,
    sources,
    mails,
    retirement,
    store,
    recertification,
    requests,
    alarms,
    add,
  };
}

const fields = (name: string) => ({ name, description: '', owner: '', policy: DEFAULT_POLICY });

describe('states', () => {
  const table: [SourceState, boolean, boolean, string | undefined][] = [
    ['requested', false, true, 'K803'],
    ['pending', false, true, 'K803'],
    ['sandboxed', true, false, undefined],
    ['active', true, false, undefined],
    ['suspended', false, true, 'K802'],
    ['retired', false, false, 'K804'],
  ];
  for (const [state, sends, holds, code] of table) {
    it(`${state} ${sends ? 'may' : 'may not'} send`, () =>
      assert.deepEqual([maySend(state), holdsMail(state), stateRefusal(state)], [sends, holds, code]));
  }

  it('follow on each other as the table says, and leave an event with who and why', async (t) => {
    const { sources, journal, add } = await setUp(t);
    let count = 0;
    for (const from of SOURCE_STATES) {
      for (const to of SOURCE_STATES) {
        const { id } = await add(`s${count++}`, from === 'retired' ? {} : { state: from });
        if (from === 'retired') await sources.edit(id, { state: 'retired' });
        const change = sources.edit(id, { state: to }, undefined, BY);
        if (from !== to && !TRANSITIONS[from].includes(to)) {
          await assert.rejects(change, new RegExp(`is ${from} and can not become ${to}`));
          continue;
        }
        assert.equal((await change).state, to);
        if (from === to) continue;
        const event = journal.at(-1);
        assert.deepEqual([event?.type, event?.source, event?.outcome], ['change', id, to]);
        assert.match(event?.text ?? '', new RegExp(`${from} to ${to}: because`));
        assert.equal(event?.detail?.['by'], 'kim');
      }
    }
  });

  it('outlive a restart with their course, and old rows become suspended', async (t) => {
    const { db, clock, sources, retirement, add } = await setUp(t);
    const { id } = await add('a', { tags: ['b', 'a', 'b'], notes: 'one\ntwo', site: 'Lyon', contact: 'Ann' });
    await retirement.begin(sources.byId(id) as Source, { days: 2, share: 1, hours: [3] }, BY);
    const other = await add('b');
    await db.updateTable('sources').set({ state: 'disabled' }).where('id', '=', other.id).execute();
    const again = new StoredSourceRegistry(db, clock, systemRandom, { write: () => {} });
    await again.open();
    assert.deepEqual(again.byId(id), sources.byId(id));
    assert.deepEqual(again.byId(id)?.tags, ['a', 'b']);
    assert.equal(again.byName('b')?.state, 'suspended');
  });

  it('refuse notes that are too long, and characters that turn text', async (t) => {
    const { sources, add } = await setUp(t);
    const { id } = await add('a');
    const wrong: Partial<Source>[] = [
      { notes: 'x'.repeat(10 * 1024 * 1024) },
      { notes: 'a\u202eb' },
      { notes: 'a\u0000b' },
      { contact: 'a\nb' },
      { site: '\u200fb' },
      { tags: ['a b'] },
      { tags: Array.from({ length: 31 }, (_, index) => `t${index}`) },
    ];
    for (const changes of wrong) await assert.rejects(sources.edit(id, changes), { kind: 'invalid' });
    assert.equal((await sources.edit(id, { notes: 'a\r\n\tb' })).notes, 'a\n\tb');
  });
});

describe('a batch', () => {
  it('is written whole or not at all, as it is asked for', async (t) => {
    const { sources, add } = await setUp(t);
    const one = await add('one');
    await add('gone', { state: 'suspended' });
    const steps = [
      { edit: one.id, changes: { state: 'suspended' as const } },
      { add: fields('two') },
      { add: fields('two') },
      { add: fields('gone') },
      { edit: 'src_none', changes: {} },
    ];
    const wrong: number[] = [];
    await sources.applyAll(
      steps,
      BY,
      (_, index) => void wrong.push(index),
      () => false,
    );
    assert.deepEqual(wrong, [2, 3, 4]);
    assert.equal(sources.byName('two'), undefined);
    assert.equal(sources.byId(one.id)?.state, 'active');
    const after = await sources.applyAll(
      steps,
      BY,
      () => {},
      () => true,
    );
    assert.deepEqual(
      after.map((source) => source?.name),
      ['one', 'two', undefined, undefined, undefined],
    );
    assert.equal(sources.byId(one.id)?.state, 'suspended');
    assert.deepEqual(
      sources.list().map(({ name }) => name),
      ['gone', 'one', 'two'],
    );
  });
});

describe('the list', () => {
  it('finds by each condition, page by page, through edits', async (t) => {
    const { sources, clock, add } = await setUp(t);
    await add('printer-1', { tags: ['print'], site: 'Lyon', notes: 'third floor' });
    await add('printer-2', { tags: ['print'], site: 'Paris', owner: 'bob@corp.example' });
    const erp = await add('erp', { description: 'Bookkeeping', state: 'sandboxed' });
    clock.advance(100 * DAY_MS);
    const late = await add('late');
    const used = await sources.addCredential({
      source: erp.id,
      label: '',
      state: 'active',
      networks: ['10.0.0.1/32'],
    });
    sources.touched(used.id, clock.now() - DAY_MS, '10.0.0.1');
    const find = (filter: SourceFilter) =>
      searchSources(sources, filter, { most: 100, visible: () => true }).items.map(({ name }) => name);
    const table: [SourceFilter, string[]][] = [
      [{}, ['erp', 'late', 'printer-1', 'printer-2']],
      [{ search: 'FLOOR' }, ['printer-1']],
      [{ search: 'bookk' }, ['erp']],
      [{ state: 'sandboxed' }, ['erp']],
      [{ owner: 'Bob@corp.example' }, ['printer-2']],
      [{ tag: 'print', site: 'lyon' }, ['printer-1']],
      [{ network: '10.0.0.1/32' }, ['erp']],
      // neither what was used since, nor what is younger than that
      [{ unusedSince: clock.now() - 90 * DAY_MS }, ['printer-1', 'printer-2']],
    ];
    for (const [filter, names] of table) assert.deepEqual(find(filter), names, JSON.stringify(filter));
    const before = sources.list();
    await sources.edit(late.id, { name: 'zulu' });
    await sources.remove(erp.id);
    assert.deepEqual(find({}), ['printer-1', 'printer-2', 'zulu']);
    assert.equal(before.length, 4);
    const page = searchSources(sources, {}, { after: 'printer-1', most: 1, visible: () => true });
    assert.deepEqual([page.items[0]?.name, page.more], ['printer-2', true]);
  });
});

describe('a brown-out', () => {
  it('meets its share of the attempts, and every one in its hours', () => {
    const noon = Date.parse('2026-01-01T12:30:00Z');
    const table: [number, number[], number, boolean][] = [
      [0.25, [], 0.24, true],
      [0.25, [], 0.25, false],
      [1, [], 0.999, true],
      [0, [12], 0.9, true],
      [0, [11, 13], 0, false],
    ];
    for (const [share, hours, fraction, expected] of table) {
      assert.equal(meets({ share, hours }, noon, fraction), expected);
    }
  });

  it('says once a day that the source is still in use', async (t) => {
    const { clock, events, alarms, retirement, add } = await setUp(t);
    const source = await retirement.begin(await add('a'), { days: 5, share: 1, hours: [] }, BY);
    const brownOuts = new BrownOuts(clock, systemRandom, events);
    assert.equal(brownOuts.meets(source), true);
    assert.equal(brownOuts.meets(source), true);
    assert.deepEqual(alarms(), ['brown-out-started', 'brown-out-in-use']);
    clock.advance(DAY_MS);
    brownOuts.meets(source);
    assert.equal(alarms().length, 3);
  });

  it('ends in retirement, unless somebody keeps the source', async (t) => {
    const { clock, sources, retirement, alarms, mails, add } = await setUp(t);
    const one = await add('one');
    const two = await add('two');
    const plan = { days: 5, share: 0.5, hours: [] };
    await retirement.begin(one, plan, BY);
    await retirement.begin(two, plan, BY);
    clock.advance(5 * DAY_MS - 1);
    await retirement.sweep();
    assert.equal(sources.byId(one.id)?.state, 'active');
    await retirement.keep(sources.byId(two.id) as Source, BY);
    clock.advance(1);
    await retirement.sweep();
    assert.deepEqual([sources.byId(one.id)?.state, sources.byId(one.id)?.brownOut], ['retired', undefined]);
    assert.deepEqual([sources.byId(two.id)?.state, sources.byId(two.id)?.brownOut], ['active', undefined]);
    assert.deepEqual(alarms(), ['brown-out-started', 'brown-out-started', 'source-retired']);
    assert.deepEqual(
      mails.map(({ to }) => to[0]),
      Array(3).fill('ann@corp.example'),
    );
    await assert.rejects(
      retirement.begin(sources.byId(two.id) as Source, { days: 5, share: 0, hours: [] }, BY),
      /nobody would notice/,
    );
  });
});

describe('a request', () => {
  it('is approved after a test message, and not before', async (t) => {
    const { sources, requests, alarms } = await setUp(t);
    const asked = await requests.add(fields('app'), 'ann', 'invoices');
    assert.equal(asked.state, 'requested');
    await requests.arrived(asked.id);
    const open = await requests.openSandbox(asked);
    assert.deepEqual([open.state, open.request?.testedAt], ['sandboxed', undefined]);
    await assert.rejects(requests.approve(open, BY), /no message of app/);
    await assert.rejects(sources.edit(asked.id, { state: 'active' }), /approve the request/);
    await requests.arrived(asked.id);
    await requests.arrived(asked.id);
    const after = await requests.approve(sources.byId(asked.id) as Source, BY);
    assert.deepEqual([after.state, after.request], ['active', undefined]);
    assert.deepEqual(alarms(), ['source-requested', 'source-request-tested']);
    await assert.rejects(requests.approve(after, BY), /no open request/);
  });

  it('is rejected with its credentials, closed when it is old, and limited in number', async (t) => {
    const { clock, sources, requests, alarms } = await setUp(t);
    const one = await requests.openSandbox(await requests.add(fields('one'), 'ann', ''));
    await sources.addCredential({ source: one.id, label: '', state: 'active', networks: ['10.0.0.1/32'] });
    await requests.add(fields('two'), 'ann', '');
    await assert.rejects(requests.add(fields('three'), 'ann', ''), /too many requests/);
    await requests.reject(one, BY);
    assert.equal(sources.byId(one.id)?.state, 'retired');
    assert.deepEqual(
      sources.credentials(one.id).map(({ state }) => state),
      ['revoked'],
    );
    clock.advance(30 * DAY_MS);
    await requests.sweep();
    assert.equal(sources.byName('two')?.state, 'requested');
    clock.advance(1);
    await requests.sweep();
    assert.equal(sources.byName('two')?.state, 'retired');
    assert.equal(alarms().at(-1), 'source-request-expired');
  });

  it('is not closed by its age while somebody changes it; the others are', async (t) => {
    const { clock, sources, requests } = await setUp(t);
    await requests.add(fields('a'), 'ann', '');
    const { id: changed } = await requests.add(fields('b'), 'ann', '');
    await requests.add(fields('c'), 'bob', '');
    clock.advance(30 * DAY_MS + 1);
    const edits: Promise<Source>[] = [];
    sources.onChange((change) => {
      if (change.kind === 'source' && change.source.name === 'a')
        edits.push(sources.edit(changed, { description: 'wanted after all' }));
    });
    await requests.sweep();
    await Promise.all(edits);
    const states = () => ['a', 'b', 'c'].map((name) => sources.byName(name)?.state);
    assert.deepEqual(states(), ['retired', 'requested', 'retired']);
    await requests.sweep();
    assert.deepEqual(states(), ['retired', 'retired', 'retired']);
  });
});

describe('a recertification', () => {
  const plan = { days: 3, share: 1, hours: [] };

  it('asks each owner once, reminds, and browns out what nobody keeps', async (t) => {
    const { clock, sources, recertification, retirement, store, mails, alarms, add } = await setUp(t);
    const kept = await add('kept');
    const silent = await add('silent');
    const foreign = await add('foreign', { owner: 'bob@corp.example' });
    const over = await add('over', { owner: '' });
    await add('stopped', { state: 'suspended' });
    const deadline = clock.now() + 8 * DAY_MS;
    const round = await recertification.start(
      { title: 'autumn', filter: {}, deadline, plan },
      sources.list(),
      'kim',
    );
    assert.deepEqual(
      mails.map(({ to }) => to[0]),
      ['bob@corp.example', 'ann@corp.example'],
    );
    assert.match(mails[1]?.text ?? '', /kept: never used\n {2}silent: never used/);
    assert.deepEqual(alarms(), ['recertification-started', 'recertification-without-owner']);

    await recertification.answer(kept, 'keep', '', 'ann');
    await recertification.answer(foreign, 'not-mine', 'ask the warehouse', 'bob');
    assert.equal(
      (await recertification.answer(over, 'retire', '', 'ann')).brownOut?.until,
      clock.now() + 3 * DAY_MS,
    );
    assert.deepEqual(await store.counts(round.id), { waiting: 1, keep: 1, 'not-mine': 1, retire: 1 });

    clock.advance(6 * DAY_MS);
    await recertification.sweep();
    await recertification.sweep();
    assert.equal(alarms().filter((code) => code === 'recertification-reminded').length, 1);
    assert.equal(mails.filter(({ subject }) => subject.startsWith('Reminder')).length, 2);

    clock.advance(2 * DAY_MS);
    await recertification.sweep();
    await recertification.sweep();
    assert.notEqual((await store.round(round.id))?.closedAt, undefined);
    const brownOut = (source: Source) => sources.byId(source.id)?.brownOut !== undefined;
    assert.deepEqual([kept, silent, foreign].map(brownOut), [false, true, true]);
    assert.equal(alarms().filter((code) => code === 'recertification-overdue').length, 1);

    // too late, and still in time
    await recertification.answer(sources.byId(foreign.id) as Source, 'keep', '', 'bob');
    clock.advance(3 * DAY_MS);
    await retirement.sweep();
    assert.deepEqual(
      [kept, silent, foreign, over].map(({ id }) => sources.byId(id)?.state),
      ['active', 'retired', 'active', 'retired'],
    );
    await assert.rejects(
      recertification.answer(sources.byId(kept.id) as Source, 'keep', '', 'x'),
      /no recertification/,
    );
  });

  it('leaves what was answered to earlier ones as it was', async (t) => {
    const { clock, sources, recertification, retirement, store, add } = await setUp(t);
    const { id } = await add('kept');
    const current = () => sources.byId(id) as Source;
    const ask = async () => {
      const wanted = { title: 'x', filter: {}, deadline: clock.now() + DAY_MS, plan };
      const round = await recertification.start(wanted, [current()], 'kim');
      return async () => (await store.answers(round.id))[0];
    };
    const first = await ask();
    await recertification.answer(current(), 'keep', 'it prints', 'ann');
    clock.advance(DAY_MS);
    await recertification.sweep();
    const before = await first();
    clock.advance(1);
    await retirement.begin(current(), plan, BY);
    await assert.rejects(recertification.answer(current(), 'keep', '', 'bob'), /no recertification/);
    const second = await ask();
    await recertification.answer(current(), 'retire', '', 'bob');
    assert.equal((await second())?.answeredBy, 'bob');
    assert.deepEqual(await first(), before);
  });

  it('can be cancelled, and is refused for nothing and for the past', async (t) => {
    const { clock, sources, recertification, store, add } = await setUp(t);
    const one = await add('one');
    const begin = (deadline: number, asked: Source[]) =>
      recertification.start({ title: 'x', filter: {}, deadline, plan }, asked, 'kim');
    await assert.rejects(begin(clock.now(), [one]), /in the past/);
    await assert.rejects(begin(clock.now() + 1, []), /no source/);
    const unnoticed = { title: 'x', filter: {}, deadline: clock.now() + 1, plan: { ...plan, share: 0 } };
    await assert.rejects(recertification.start(unnoticed, [one], 'kim'), /nobody would notice/);
    assert.deepEqual(await store.open(), []);
    const round = await begin(clock.now() + 1000, [one]);
    await recertification.cancel(round, 'kim');
    clock.advance(2000);
    await recertification.sweep();
    assert.equal(sources.byId(one.id)?.brownOut, undefined);
    assert.deepEqual(await store.open(), []);
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { systemClock } from '../../platform/clock.ts';
import { formatMessageId } from '../../spool/message-id.ts';
import type { JournalEvent } from '../event.ts';
import { Followers } from '../followers/followers.ts';
import { SqliteJournal } from '../sqlite-journal.ts';
import { MessageIndex } from './message-index.ts';
import type { MessageQuery } from './message-query.ts';

const AT = Date.UTC(2026, 0, 1);

suite('the message index', () => {
  let folder: string;
  let journal: SqliteJournal;
  let followers: Followers;
  let index: MessageIndex;
  let troubles: string[];
  let at: number;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'postern-messages-'));
    troubles = [];
    at = AT;
    journal = new SqliteJournal({ folder, clock: systemClock });
    await journal.open();
    index = open();
  });
  afterEach(async () => {
    await followers.close();
    await journal.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = () => {
    followers = new Followers({ folder, clock: systemClock, edgeListeners: ['mx'] });
    return new MessageIndex({
      journal: { ask: (question) => journal.ask(question) },
      followers,
      onTrouble: (text) => troubles.push(text),
    });
  };
  const write = async (...events: JournalEvent[]) => {
    for (const event of events) journal.write({ at: at++, ...event });
    await journal.flush();
    await index.catchUp();
  };
  const find = async (query: MessageQuery) =>
    (await index.find(query, 100)).rows.map(({ message, id }) => message ?? `refusal-${id}`);
  const accepted = (message: string, more: Partial<JournalEvent> = {}): JournalEvent => ({
    type: 'acceptance',
    message,
    session: `s-${message}`,
    listener: 'smtp',
    source: 'src_a',
    network: '10.1.2.3',
    from: 'app@corp.example',
    to: ['anna@dest.example'],
    size: 1200,
    outcome: 'queued',
    ...more,
  });
  const attempt = (message: string, outcome: string, more: Partial<JournalEvent> = {}): JournalEvent => ({
    type: 'attempt',
    message,
    source: 'src_a',
    outcome,
    to: ['anna@dest.example'],
    reply: outcome === 'delivered' ? '250 ok' : '451 later',
    detail: { attempt: 1 },
    ...more,
  });
  const queue = (verb: string, filter: object, reason?: string): JournalEvent => ({
    type: 'system',
    text: 'changed',
    detail: { queue: { verb, filter, ...(reason && { reason }) } },
  });

  const [A, B, C] = ['0000000000A', '0000000000B', '0000000000C'];

  test('each event carries its message on', async () => {
    const state = async () => (await index.message(A))?.state;
    await write(accepted(A, { to: ['anna@dest.example', 'ben@dest.example'], detail: { subject: 'Scan' } }));
    assert.equal(await state(), 'queued');
    await write(attempt(A, 'deferred', { to: ['anna@dest.example', 'ben@dest.example'], code: 'D951' }));
    assert.equal(await state(), 'deferred');
    await write(queue('hold', { message: A }, 'operator'));
    assert.deepEqual([await state(), (await index.message(A))?.hold], ['held', 'operator']);
    await write(queue('release', { message: A }));
    assert.equal(await state(), 'queued');
    await write(attempt(A, 'delivered', { detail: { attempt: 2 } }));
    assert.equal(await state(), 'partly');
    await write(attempt(A, 'failed', { to: ['ben@dest.example'], code: 'D956', reply: '550 no' }), {
      type: 'bounce',
      message: A,
      to: ['ben@dest.example'],
      code: 'D956',
      reply: '550 no',
    });
    const row = await index.message(A);
    assert.deepEqual(
      [row?.state, row?.attempts, row?.code, row?.reply, row?.recipientCount, row?.subject, row?.at],
      ['partly', 2, 'D956', '550 no', 2, 'Scan', AT],
    );
  });

  test('a recipient ends once, however often its delivery is told', async () => {
    const [ann, ben, cid] = ['ann@dest.example', 'ben@dest.example', 'cid@else.example'];
    const state = async () => (await index.message(A))?.state;
    await write(accepted(A, { to: [ann, ben, cid] }));
    const both = attempt(A, 'delivered', { to: [ann, ben] });
    await write(both);
    // the process died before the spool knew
    await write(both, { ...both, to: [ann] });
    assert.equal(await state(), 'partly');
    await write(attempt(A, 'deferred', { to: [cid] }));
    assert.equal(await state(), 'partly');
    const last = attempt(A, 'delivered', { to: [cid] });
    await write(last);
    assert.equal(await state(), 'delivered');
    await write(last, both);
    assert.equal(await state(), 'delivered');
  });

  test('a recipient that is named twice is one', async () => {
    await write(accepted(A, { to: ['ann@dest.example', 'ann@dest.example'] }));
    await write(attempt(A, 'delivered', { to: ['ann@dest.example'] }));
    const row = await index.message(A);
    assert.deepEqual([row?.state, row?.recipientCount], ['delivered', 1]);
  });

  test('so it is where the acceptance is not known', async () => {
    const [ann, ben] = ['ann@dest.example', 'ben@dest.example'];
    const to = (address: string, outcome: string) => attempt(A, outcome, { source: '', to: [address] });
    await write(to(ann, 'delivered'));
    await write(to(ben, 'deferred'), to(ann, 'delivered'));
    assert.equal((await index.message(A))?.state, 'partly');
    await write(to(ben, 'delivered'));
    assert.equal((await index.message(A))?.state, 'delivered');
  });

  const endings: [name: string, events: JournalEvent[], state: string][] = [
    ['delivered', [attempt(A, 'delivered')], 'delivered'],
    [
      'given up by a permanent answer',
      [attempt(A, 'failed'), { type: 'bounce', message: A, to: ['anna@dest.example'] }],
      'bounced',
    ],
    [
      'given up for its age',
      [attempt(A, 'deferred'), { type: 'bounce', message: A, to: ['anna@dest.example'] }],
      'bounced',
    ],
    ['deleted', [queue('delete', { message: A })], 'deleted'],
    ['deleted with all of its source', [queue('delete', { source: 'src_a' })], 'deleted'],
    ['held by the kill switch', [queue('hold', { source: 'src_a', state: 'queued' }, 'source')], 'held'],
    ['others of another source', [queue('hold', { source: 'src_b' }, 'operator')], 'queued'],
    ['held by domain', [queue('hold', { domain: 'DEST.example' }, 'operator')], 'held'],
    ['not of that domain', [queue('hold', { domain: 'est.example' }, 'operator')], 'queued'],
    [
      'held by delivery, because its source is stopped',
      [{ ...queue('hold', { message: A }, 'source'), message: A, outcome: 'held' }],
      'held',
    ],
    ['its source was stopped while it was sent', [attempt(A, 'held')], 'held'],
    ['a warning changes nothing', [{ type: 'warning', message: A, text: 'x' }], 'queued'],
  ];
  for (const [name, events, state] of endings) {
    test(`state: ${name}`, async () => {
      await write(accepted(A), ...events);
      assert.equal((await index.message(A))?.state, state);
    });
  }

  test('what has no acceptance is known from its attempts, and refusals from what they say', async () => {
    await write(
      {
        type: 'attempt',
        message: B,
        source: '',
        from: '',
        to: ['a@x.example'],
        outcome: 'deferred',
        reply: '451',
      },
      {
        type: 'attempt',
        message: B,
        source: '',
        from: '',
        to: ['b@x.example'],
        outcome: 'delivered',
        reply: '250',
      },
      {
        type: 'refusal',
        listener: 'mx',
        network: '203.0.113.9',
        session: 's9',
        code: 'E205',
        reply: '550 no',
        detail: {
          command: 'DATA',
          from: 'x@evil.example',
          recipient: 'anna@corp.example',
          recipients: 3,
          subject: 'Win',
        },
      },
      {
        type: 'refusal',
        listener: 'smtp',
        network: '203.0.113.9',
        code: 'A302',
        detail: { command: 'EHLO' },
      },
      {
        type: 'refusal',
        listener: 'http',
        network: '10.1.1.1',
        code: 'S402',
        from: 'a@b.example',
        to: ['c@d.example'],
      },
    );
    const { rows } = await index.find({}, 10);
    assert.deepEqual(
      rows.map(({ direction, state, code, from, recipientCount }) => [
        direction,
        state,
        code,
        from,
        recipientCount,
      ]),
      [
        ['api', 'refused', 'S402', 'a@b.example', 1],
        ['edge', 'refused', 'E205', 'x@evil.example', 3],
        ['relay', 'partly', undefined, '', 2],
      ],
    );
    const [, refused] = rows;
    assert.equal((await index.row(refused?.id ?? 0))?.subject, 'Win');
  });

  test("what a lab's front door refuses is no mail of the organisation", async () => {
    for (const listener of ['lab', 'lab-proxied'])
      await write({
        type: 'refusal',
        listener,
        code: 'E205',
        detail: { command: 'DATA', from: 'a@b.example' },
      });
    assert.deepEqual(await find({}), []);
  });

  test('goes on over whatever stands in an event', async () => {
    const long = 'x'.repeat(1_000_000);
    const odd = 'a\u0000b\ud800\u202e';
    await write(
      accepted(A, {
        source: '__proto__',
        from: long,
        to: ['a@b.example', odd, long],
        detail: { subject: long, messageId: odd, headerFrom: { toString: 1 }, hold: null, recipients: 1.5 },
      }),
      { type: 'refusal', listener: 'http', code: '__proto__', detail: { recipients: 1e300, subject: odd } },
      attempt(A, 'deferred', { detail: { attempt: 0.5 }, reply: odd }),
      { type: 'system', detail: { queue: null } },
      { type: 'system', detail: { queue: { verb: '__proto__', filter: {} } } },
      { type: 'system', detail: { queue: { verb: 'hold' } } },
      { type: 'system', detail: { queue: { verb: 'hold', filter: { source: { $ne: 1 } } } } },
      accepted(B),
    );
    assert.deepEqual(await find({}), [B, 'refusal-2', A]);
    const row = await index.message(A);
    assert.deepEqual([row?.state, row?.subject?.length, row?.from?.length], ['deferred', 1000, 1000]);
    assert.deepEqual(await find({ sources: ['__proto__'], states: ['deferred'] }), [A]);
    assert.deepEqual(troubles, []);
  });

  suite('search', () => {
    const MANY = Array.from({ length: 60 }, (_, n) => `p${n}@many.example`);
    beforeEach(async () => {
      await write(
        accepted(A, {
          detail: {
            subject: 'Rechnung Über 4711',
            messageId: '<a.1@app.example>',
            headerFrom: 'News@Brand.example',
          },
        }),
        attempt(A, 'delivered'),
        accepted(B, { source: 'src_b', network: '10.1.9.9', to: MANY, detail: { subject: 'Scan' } }),
        accepted(C, {
          listener: 'mx',
          source: undefined,
          network: '2001:db8:1::5',
          from: '',
          to: ['anna@corp.example'],
          outcome: 'held',
          detail: { edge: {}, hold: 'quarantine', subject: 'a"b\'c%_' },
        }),
        {
          type: 'refusal',
          listener: 'http',
          source: 'src_b',
          network: '10.1.9.9',
          code: 'S402',
          from: 'x@corp.example',
          to: ['y@z.example'],
          at: AT + 86_400_000,
        },
      );
    });

    const R = 'refusal-5';
    const cases: [MessageQuery, string[]][] = [
      [{}, [R, C, B, A]],
      [{ sources: ['src_a'] }, [A]],
      [{ sources: ['src_a', 'src_b'] }, [R, B, A]],
      [{ sources: [] }, []],
      [{ from: 'APP@corp.example' }, [B, A]],
      [{ from: '@corp.example' }, [R, B, A]],
      [{ from: 'corp.exa' }, [R, B, A]],
      [{ from: 'news@brand.example' }, [A]],
      [{ from: '' }, [C]],
      [{ to: 'anna@dest.example' }, [A]],
      [{ to: '@corp.example' }, [C]],
      [{ to: 'p59@many.example' }, [B]],
      [{ to: 'nn' }, [C, A]],
      [{ subject: 'rechnung ü' }, [A]],
      [{ subject: 'SCAN' }, [B]],
      [{ subject: 'a"b\'c%_' }, [C]],
      [{ text: '4711' }, [A]],
      [{ text: '1@app' }, [A]],
      [{ text: 'brand' }, [A]],
      [{ text: 'nowhere' }, []],
      [{ text: '11' }, [B, A]],
      [{ text: '71' }, [A]],
      [{ message: A }, [A]],
      [{ message: '0000000000' }, [C, B, A]],
      [{ message: '<a.1@app.example>' }, [A]],
      [{ message: 'a.1@app.example' }, [A]],
      [{ network: '10.1.2.3' }, [A]],
      [{ network: '10.1.0.0/16' }, [R, B, A]],
      [{ network: '10.1.8.0/21' }, [R, B]],
      [{ network: '0.0.0.0/0' }, [R, B, A]],
      [{ network: '2001:db8::/32' }, [C]],
      [{ network: '2001:0db8:1:0::/64' }, [C]],
      [{ directions: ['edge'] }, [C]],
      [{ directions: ['submission', 'api'] }, [R, B, A]],
      [{ states: ['delivered'] }, [A]],
      [{ states: ['held', 'refused'] }, [R, C]],
      [{ code: 'S402' }, [R]],
      [{ since: AT + 86_400_000 }, [R]],
      [{ until: AT + 1 }, [A]],
      [{ sources: ['src_b'], states: ['queued'], text: 'scan' }, [B]],
      [{ sources: ['src_b'], text: 'rechnung' }, []],
      [{ sources: ['src_b'], text: 'p59@many' }, [B]],
      [{ sources: ['src_b'], text: 'p99@many' }, []],
      [{ text: 'many', to: 'p59@many.example' }, [B]],
      [{ text: 'scan', to: 'p99@many.example' }, []],
      [{ from: "' OR 1 --" }, []],
      [{ text: '" OR "' }, []],
    ];
    test('by what people remember', async () => {
      for (const [query, expected] of cases)
        assert.deepEqual(await find(query), expected, JSON.stringify(query));
    });

    test('by any number of sources, with and without other conditions', async () => {
      const others = Array.from({ length: 40_000 }, (_, n) => `src_${n}`);
      for (const count of [0, 100, 1000, others.length]) {
        const sources = ['src_b', ...others.slice(0, count)];
        assert.deepEqual(await find({ sources }), [R, B], `${count}`);
        assert.deepEqual(await find({ sources, text: 'scan' }), [B], `${count}`);
        assert.deepEqual(await find({ sources, text: 'rechnung' }), [], `${count}`);
        assert.deepEqual(await find({ sources, states: ['refused'], code: 'S402' }), [R], `${count}`);
        assert.deepEqual(await find({ sources: sources.slice(1) }), [], `${count}`);
        const counted = await index.count({ sources });
        assert.deepEqual(counted, count > 500 ? undefined : { count: 2, more: false }, `${count}`);
      }
    });

    test('by two lists, whichever of them is the longer', async () => {
      const many = Array.from({ length: 700 }, (_, n) => formatMessageId(n + 1));
      await write(
        ...many.map((message, n) =>
          accepted(message, {
            source: n % 350 === 0 ? 'src_quiet' : n % 2 === 0 ? 'src_even' : 'src_odd',
            detail: { subject: `${n % 3 === 0 ? 'third' : 'other'} ${n === 333 ? 'needle' : ''}` },
          }),
        ),
      );
      const count = async (query: MessageQuery) => (await index.find(query, 1000)).rows.length;
      const third = many.filter((_, n) => n % 3 === 0 && n % 2 === 0 && n % 350 !== 0);
      assert.equal(await count({ sources: ['src_even'], text: 'third' }), third.length);
      assert.equal(await count({ sources: ['src_even'], text: 'needle' }), 0);
      assert.equal(await count({ sources: ['src_odd'], text: 'needle' }), 1);
      assert.equal(await count({ sources: ['src_quiet'], text: 'other' }), 1);
      assert.equal(await count({ sources: ['src_quiet'], text: 'corp.example' }), 2);
    });

    test('counts what can be counted at once', async () => {
      assert.deepEqual(await index.count({}), { count: 4, more: false });
      assert.deepEqual(await index.count({ sources: ['src_b'] }), { count: 2, more: false });
      assert.deepEqual(await index.count({ states: ['held'] }), { count: 1, more: false });
      assert.deepEqual(await index.count({ code: 'S402' }), { count: 1, more: false });
      assert.equal(await index.count({ text: 'scan' }), undefined);
      assert.equal(await index.count({ code: 'S402', states: ['refused'] }), undefined);
    });

    test('pages follow each other without gap or repetition', async () => {
      const seen: number[] = [];
      let next: number | undefined;
      do {
        const page = await index.find({}, 1, next);
        seen.push(...page.rows.map(({ id }) => id));
        next = page.next;
      } while (next !== undefined);
      assert.deepEqual(seen, [5, 4, 3, 1]);
    });
  });

  test('goes on where it stopped, and is made anew when its file is damaged or gone', async () => {
    await write(accepted(A));
    await followers.close();
    journal.write(attempt(A, 'delivered'));
    await journal.flush();
    index = open();
    await index.catchUp();
    assert.equal((await index.message(A))?.state, 'delivered');
    assert.deepEqual(troubles, []);
    await followers.close();

    const file = path.join(folder, 'messages.db');
    writeFileSync(file, 'this is no database, and never was one'.repeat(400));
    index = open();
    await index.catchUp();
    assert.equal((await index.message(A))?.state, 'delivered');
    assert.match(troubles.join(), /made anew, because it was damaged/);
    await followers.close();

    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
    index = open();
    await index.catchUp();
    assert.equal((await index.message(A))?.state, 'delivered');
  });

  test('is made anew when it is found damaged while it is asked', async () => {
    const many = Array.from({ length: 300 }, (_, n) => `000000000${n.toString(32).padStart(2, '0')}`);
    await write(...many.map((one) => accepted(one, { detail: { subject: `number ${one}` } })));
    const file = path.join(folder, 'messages.db');
    const other = new DatabaseSync(file);
    other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    other.close();
    writeFileSync(file, readFileSync(file).fill(0xa5, 4096));
    // refused, unless the thread that follows has met the damage before
    await Promise.allSettled([find({}), find({}), index.message(A)]);
    await index.catchUp();
    assert.equal((await find({ subject: 'number' })).length, 100);
    assert.deepEqual(await index.count({}), { count: 300, more: false });
    assert.ok(
      troubles.includes('the message index is made anew, because it was damaged'),
      troubles.join('; '),
    );
  });

  test('has nothing before it was begun', async () => {
    assert.deepEqual(await index.find({ from: 'app@corp.example' }, 10), { rows: [] });
    assert.deepEqual(await index.count({}), { count: 0, more: false });
    assert.equal(await index.message(A), undefined);
    assert.equal(index.status().building, true);
    await write(accepted(A));
    assert.deepEqual(await find({}), [A]);
  });

  test('another journal has another index', async () => {
    await write(accepted(A), accepted(B));
    await followers.close();
    await journal.close();
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(path.join(folder, `journal.db${suffix}`), { force: true });
    journal = new SqliteJournal({ folder, clock: systemClock });
    await journal.open();
    index = open();
    await write(accepted(C));
    assert.deepEqual(await find({}), [C]);
    assert.match(troubles.join(), /another journal/);
  });

  test('rows go with their events', async () => {
    await write(
      ...Array.from({ length: 40 }, (_, n) => accepted(`0000000000${n.toString(36).padStart(2, '0')}`)),
    );
    await journal.close();
    journal = new SqliteJournal({ folder, clock: systemClock, keepEvents: 5, keepMs: 1e12 });
    await journal.open();
    await journal.retain();
    await index.catchUp();
    const { rows } = await index.find({ from: 'app@corp.example' }, 100);
    assert.equal(rows.length, 5);
    assert.deepEqual(await index.count({}), { count: 5, more: false });
  });

  test('says how far it is', async () => {
    await write(accepted(A));
    const { messages, behind, building, progress, trouble } = index.status();
    assert.deepEqual(
      { messages, behind, building, progress, trouble },
      { messages: 1, behind: 0, building: false, progress: 1, trouble: undefined },
    );
  });
});

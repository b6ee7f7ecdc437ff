import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { JournalEvent } from '../journal/event.ts';
import { ManualClock } from '../platform/clock.ts';
import { type ControlStore, openControlStore } from '../store/control.ts';
import { Seal } from '../store/seal.ts';
import type { AuditRow } from '../store/people-rows.ts';
import { AuditLog } from './audit-log.ts';
import { canonicalJson } from './canonical-json.ts';

const KEY = Buffer.alloc(32, 3);

async function scene(entries = 6) {
  const db = await openControlStore(':memory:');
  const clock = new ManualClock();
  const events: JournalEvent[] = [];
  const open = async (key = KEY) => {
    const log = new AuditLog(db, clock, new Seal(key), { write: (event) => void events.push(event) });
    await log.open();
    return log;
  };
  const log = await open();
  const act = async (subject: AuditLog, action: string) => {
    subject.append({
      actor: { kind: 'person', id: 'per_1', name: 'Ann' },
      network: '192.0.2.1',
      action,
      after: { action },
    });
    clock.advance(1000);
    await subject.flush();
  };
  for (let i = 1; i <= entries; i++) await act(log, `action ${i}`);
  return { db, log, open, act, events };
}

const kinds = async (log: AuditLog, noted?: { count: number; hash: string }) =>
  (await log.verify(noted)).problems.map(({ sequence, problem }) => `${sequence} ${problem}`);

const rowOf = (db: ControlStore, sequence: number): Promise<AuditRow> =>
  db.selectFrom('audit_log').selectAll().where('sequence', '=', sequence).executeTakeFirstOrThrow();

/** As an attacker would, who knows how it is made. */
async function rewrite(db: ControlStore, from: number, change: (entry: Record<string, unknown>) => void) {
  let previous = from > 1 ? (await rowOf(db, from - 1)).hash : '0'.repeat(64);
  const rows = await db
    .selectFrom('audit_log')
    .selectAll()
    .where('sequence', '>=', from)
    .orderBy('sequence')
    .execute();
  for (const row of rows) {
    const value = JSON.parse(row.entry) as Record<string, unknown>;
    value['previous'] = previous;
    if (row.sequence === from) change(value);
    const entry = canonicalJson(value);
    previous = createHash('sha256').update(entry).digest('hex');
    await db
      .updateTable('audit_log')
      .set({ entry, hash: previous })
      .where('sequence', '=', row.sequence)
      .execute();
  }
}

describe('the audit log', () => {
  it('is a chain that anybody can check with SHA-256 alone', async () => {
    const { log, db } = await scene();
    assert.deepEqual(await kinds(log), []);
    let previous = '0'.repeat(64);
    for (const { entry, hash } of await log.rows(0, 100)) {
      assert.equal(createHash('sha256').update(entry).digest('hex'), hash);
      assert.equal((JSON.parse(entry) as { previous: string }).previous, previous);
      previous = hash;
    }
    assert.deepEqual(log.head, { count: 6, hash: previous });
    await db.destroy();
  });

  it('goes on over a restart, and keeps its order when much is written at once', async () => {
    const { log, open, act, events } = await scene(2);
    await Promise.all(Array.from({ length: 50 }, (_, i) => act(log, `at once ${i}`)));
    const again = await open();
    await act(again, 'after the restart');
    assert.deepEqual(await kinds(again), []);
    assert.equal(again.head.count, 53);
    assert.deepEqual(events, []);
  });

  const attacks: [string, (db: ControlStore) => Promise<unknown>, string[]][] = [
    [
      'an altered entry',
      async (db) => {
        const { entry } = await rowOf(db, 3);
        await db
          .updateTable('audit_log')
          .set({ entry: entry.replace('action 3', 'nothing') })
          .where('sequence', '=', 3)
          .execute();
      },
      ['3 altered'],
    ],
    [
      'an altered entry with a new hash',
      async (db) => {
        const entry = (await rowOf(db, 3)).entry.replace('action 3', 'nothing');
        const hash = createHash('sha256').update(entry).digest('hex');
        await db.updateTable('audit_log').set({ entry, hash }).where('sequence', '=', 3).execute();
      },
      ['4 broken'],
    ],
    [
      'an entry filed under somebody else',
      (db) => db.updateTable('audit_log').set({ actor: 'per_2' }).where('sequence', '=', 2).execute(),
      ['2 altered'],
    ],
    [
      'a deleted entry',
      (db) => db.deleteFrom('audit_log').where('sequence', '=', 3).execute(),
      ['3 missing'],
    ],
    [
      'the first one deleted',
      (db) => db.deleteFrom('audit_log').where('sequence', '=', 1).execute(),
      ['1 missing'],
    ],
    [
      "two in each other's place",
      async (db) => {
        const [two, three] = [await rowOf(db, 2), await rowOf(db, 3)];
        for (const [sequence, { entry, hash }] of [
          [2, three],
          [3, two],
        ] as const) {
          await db.updateTable('audit_log').set({ entry, hash }).where('sequence', '=', sequence).execute();
        }
      },
      ['2 moved', '3 moved', '4 broken'],
    ],
    [
      'the end cut off',
      (db) => db.deleteFrom('audit_log').where('sequence', '>', 4).execute(),
      ['5 cut-off'],
    ],
    ['everything gone', (db) => db.deleteFrom('audit_log').execute(), ['1 cut-off']],
    [
      'the rest of the chain written anew',
      (db) => rewrite(db, 3, (entry) => (entry['action'] = 'nothing')),
      ['6 altered'],
    ],
    [
      'the sealed mark taken away',
      (db) => db.deleteFrom('settings').where('name', '=', 'audit-log-head').execute(),
      ['6 broken'],
    ],
  ];
  for (const [what, attack, expected] of attacks) {
    it(`finds ${what}, while it runs and after a restart`, async () => {
      const { db, log, open, events } = await scene();
      await attack(db);
      assert.deepEqual(await kinds(log), expected);
      const again = await open();
      const later = await kinds(again);
      assert.deepEqual(later, expected);
      const atTheEnd = ['cut off', 'anew', 'gone', 'mark'].some((word) => what.includes(word));
      assert.equal(
        events.some(({ code }) => code === 'audit-log-damaged'),
        atTheEnd,
      );
    });
  }

  it('still shows what was cut off when it has gone on', async () => {
    const { db, open, act } = await scene();
    await db.deleteFrom('audit_log').where('sequence', '>', 4).execute();
    const again = await open();
    await act(again, 'after the theft');
    assert.deepEqual(await kinds(again), ['5 missing']);
  });

  it('finds by what was noted down what the sealing key can not', async () => {
    const { db, log, open } = await scene();
    const noted = log.head;
    assert.deepEqual(await kinds(log, noted), []);
    // somebody with the key: cuts, and seals a new end
    await db.deleteFrom('audit_log').where('sequence', '>', 4).execute();
    const { hash } = await rowOf(db, 4);
    const value = new Seal(KEY).seal(JSON.stringify({ count: 4, hash }), 'audit-log-head');
    await db.updateTable('settings').set({ value }).where('name', '=', 'audit-log-head').execute();
    const again = await open();
    assert.deepEqual(await kinds(again), []);
    assert.deepEqual(await kinds(again, noted), ['6 altered']);
  });

  it('keeps what the store did not take, and its chain whole', async () => {
    const { db, log, act } = await scene(1);
    await db.schema.alterTable('audit_log').renameTo('away').execute();
    await assert.rejects(act(log, 'while the disk is full'));
    await db.schema.alterTable('away').renameTo('audit_log').execute();
    await log.flush();
    assert.deepEqual(await kinds(log), []);
    assert.equal(log.head.count, 2);
  });

  it('tells once that it can not be written, and again the next time', async () => {
    const { db, log, act, events } = await scene(1);
    for (const times of [1, 2]) {
      await db.schema.alterTable('audit_log').renameTo('away').execute();
      await assert.rejects(act(log, 'one'), /no such table/);
      await assert.rejects(act(log, 'two'), /no such table/);
      await db.schema.alterTable('away').renameTo('audit_log').execute();
      await act(log, 'three');
      assert.deepEqual(
        events.map(({ code, outcome }) => `${code} ${outcome}`),
        Array<string>(times).fill('audit-log-unwritable critical'),
      );
      assert.match(events[0]?.text ?? '', /no such table: audit_log/);
    }
    assert.deepEqual(await kinds(log), []);
  });

  it('is written on while a long chain is gone over, and what was written then is gone over too', async () => {
    const { log, act } = await scene(0);
    for (let i = 0; i < 2500; i++) {
      log.append({ actor: { kind: 'root', id: 'root', name: 'root' }, network: '::1', action: `${i}` });
      if (log.hasRoom) continue;
      await log.flush();
    }
    await log.flush();
    let written = false;
    const verified = log.verify().then((found) => {
      assert.ok(written, 'a change waits for the end of the whole');
      return found;
    });
    await act(log, 'stop it');
    written = true;
    const { intact, entries, head } = await verified;
    assert.deepEqual([intact, entries, head.count], [true, 2501, 2501]);
  });

  it('is not held up by a value that can not be written', async () => {
    const { log } = await scene(0);
    for (const levels of [49, 50, 51]) {
      let after: unknown = 1;
      for (let i = 0; i < levels; i++) after = [after];
      log.append({ actor: { kind: 'root', id: 'root', name: 'root' }, network: '::1', action: 'x', after });
    }
    await log.flush();
    const kept = (await log.list({}, 3)).map(({ after }) => Array.isArray(after));
    assert.deepEqual(kept, [false, false, true]);
    assert.deepEqual(await kinds(log), []);
  });

  it('names values that are too large by their hash', async () => {
    const { log } = await scene(0);
    const after = { notes: 'x'.repeat(1_000_000) };
    log.append({
      actor: { kind: 'root', id: 'root', name: 'root' },
      network: '::1',
      action: 'y'.repeat(9000),
      after,
    });
    await log.flush();
    const [entry] = await log.list({}, 1);
    assert.equal(entry?.action.length, 2000);
    assert.equal(
      (entry?.after as { sha256: string } | undefined)?.sha256,
      createHash('sha256').update(canonicalJson(after)).digest('hex'),
    );
    assert.deepEqual(await kinds(log), []);
  });
});

describe('canonical JSON', () => {
  for (const [value, text] of [
    [{ b: 1, a: [true, null, 'é'], '': {} }, '{"":{},"a":[true,null,"é"],"b":1}'],
    [{ a: undefined, b: [undefined] }, '{"b":[null]}'],
    [{ '\u20ac': 1, '\r': 2, '\ud83d\ude00': 3 }, '{"\\r":2,"€":1,"😀":3}'],
    [1e21, '1e+21'],
    [undefined, 'null'],
  ] as const) {
    it(`of ${text}`, () => assert.equal(canonicalJson(value), text));
  }

  it('has an end', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 60; i++) deep = [deep];
    assert.throws(() => canonicalJson(deep), RangeError);
  });
});

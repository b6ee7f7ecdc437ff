/** The spool on storage that fails: whatever happens, what was taken is there, and what was refused is not. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, open, readdir, readFile, rm, stat, truncate, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { FaultyDisk, type Fault } from '../../../test/support/faulty-disk.ts';
import type { JournalEvent } from '../../journal/event.ts';
import { ManualClock, systemClock } from '../../platform/clock.ts';
import { systemDisk } from '../../platform/disk.ts';
import { sample } from '../fixture-contract.ts';
import { MessageIds } from '../message-id.ts';
import { type NewMessage, SpoolUnavailable } from '../spool.ts';
import { SqliteSpool, type SqliteSpoolOptions } from './sqlite-spool.ts';

const CHUNK = Buffer.alloc(4096, 'c');

function fixtureOf(folder: string, more: Partial<SqliteSpoolOptions> = {}) {
  const clock = new ManualClock();
  const ids = new MessageIds(clock);
  const disk = new FaultyDisk(systemDisk);
  const events: JournalEvent[] = [];
  const options = { folder, disk, clock, ids, reserveBytes: 65_536, ...more };
  const spool = new SqliteSpool({ ...options, events: { write: (event) => events.push(event) } });
  const next = (change?: Parameters<typeof sample>[2]) => sample(ids.next(), clock.now(), change);
  return { spool, clock, ids, disk, events, next };
}

async function temporary(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-faults-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const finish = ({ id }: { id: string }) => [{ message: id, part: 0, outcome: { kind: 'finished' } as const }];

const octets = (length: number) => ({ kind: 'memory' as const, bytes: Buffer.alloc(length, 'x') });

const faults: Record<string, Fault> = {
  'no space left': { code: 'ENOSPC' },
  'an input/output error': { code: 'EIO' },
  'a torn write': { code: 'EIO', torn: 1000 },
  'a disk that turned read-only': { code: 'EROFS', lasting: true },
};

for (const [name, fault] of Object.entries(faults)) {
  test(`a large body, ${name} at each step: refused, nothing is left, and then it works`, async (context) => {
    const folder = await temporary(context);
    const { spool, disk, events, next } = fixtureOf(folder);
    await spool.open();
    const store = async (message: NewMessage) => {
      const writer = await spool.newBody(message.id);
      await writer.write(CHUNK);
      await writer.write(CHUNK);
      await spool.store({ ...message, body: await writer.finish() });
    };
    const before = disk.operations.length;
    const kept = [next()];
    await store(kept[0] as NewMessage);
    const steps = disk.operations.slice(before);
    assert.deepEqual(steps, ['open create', 'write', 'write', 'sync', 'close', 'syncDirectory']);
    for (const step of steps.keys()) {
      const message = next();
      disk.failAfter(step, fault);
      await assert.rejects(store(message), SpoolUnavailable, `step ${step}`);
      disk.heal();
      assert.equal((await spool.statistics()).messages, kept.length);
      assert.equal(await spool.payload(message.id), undefined);
      kept.push(next());
      await store(kept.at(-1) as NewMessage);
    }
    await spool.close();
    // what could not be removed at once is removed at the next start
    const again = fixtureOf(folder);
    await again.spool.open();
    for (const { id } of kept) {
      const { body } = (await again.spool.payload(id)) ?? {};
      assert.deepEqual(body?.kind === 'file' && (await readFile(body.path)), Buffer.concat([CHUNK, CHUNK]));
    }
    await again.spool.close();
    assert.deepEqual(
      (await readdir(join(folder, 'bodies'))).sort(),
      kept.map(({ id }) => `${id}.body`).sort(),
    );
    assert.deepEqual([...events, ...again.events], []);
  });
}

test('a body whose write failed can not be finished any more', async (context) => {
  const { spool, disk, ids } = fixtureOf(await temporary(context));
  await spool.open();
  for (const operation of ['write', 'sync']) {
    const writer = await spool.newBody(ids.next());
    if (operation === 'sync') await writer.write(CHUNK);
    disk.failAfter(0, { code: 'EIO' });
    await assert.rejects(operation === 'sync' ? writer.finish() : writer.write(CHUNK), SpoolUnavailable);
    await assert.rejects(writer.write(CHUNK), SpoolUnavailable);
    await assert.rejects(writer.finish(), SpoolUnavailable);
    await writer.discard();
  }
  await spool.close();
});

test('opening fails at any step: it says so, holds no lock, and the next attempt finds everything', async (context) => {
  const folder = await temporary(context);
  const first = fixtureOf(folder);
  await first.spool.open();
  const message = first.next({ body: octets(300_000) });
  await first.spool.store(message);
  await first.spool.close();
  const dry = fixtureOf(folder);
  await dry.spool.open();
  const steps = [...dry.disk.operations];
  await dry.spool.close();
  let refused = 0;
  for (const step of steps.keys()) {
    const failing = fixtureOf(folder);
    failing.disk.failAfter(step, { code: 'EIO' });
    let opened = true;
    try {
      await failing.spool.open();
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EIO');
      opened = false;
    }
    if (!opened) refused += 1;
    // without its reserve, or not knowing the free space, it opens all the same
    if (opened) assert.equal((await failing.spool.statistics()).messages, 1, `step ${step}`);
    await failing.spool.close();
  }
  assert.ok(refused >= 4, `${refused} of ${steps.length} steps are needed`);
  const last = fixtureOf(folder);
  await last.spool.open();
  assert.equal((await last.spool.payload(message.id))?.body.kind, 'file');
  await last.spool.close();
});

test('a full database: refused with nothing kept, deliveries are finished, and then it takes again', async (context) => {
  const { spool, events, next } = fixtureOf(await temporary(context), { maxPages: 200 });
  await spool.open();
  const taken: NewMessage[] = [];
  for (;;) {
    const batch = Array.from({ length: 7 }, () => next({ body: octets(10_000) }));
    const results = await Promise.allSettled(batch.map((message) => spool.store(message)));
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') taken.push(batch[index] as NewMessage);
      else assert.ok(result.reason instanceof SpoolUnavailable);
    }
    if (results.some(({ status }) => status === 'rejected')) break;
  }
  assert.ok(taken.length > 20);
  assert.equal((await spool.statistics()).messages, taken.length);
  assert.deepEqual(
    events.map(({ type, code }) => [type, code]),
    [['system', 'X901']],
  );
  assert.match(spool.obstacle() ?? '', /full/);
  // one that is too large, together with what makes room
  const [done, large] = [taken.shift() as NewMessage, next({ body: octets(200_000) })];
  const [settled, stored] = await Promise.allSettled([spool.settle(finish(done)), spool.store(large)]);
  assert.equal(settled.status, 'fulfilled');
  assert.equal(stored.status, 'rejected');
  for (const message of taken.splice(0, 20)) await spool.settle(finish(message));
  const after = next({ body: octets(10_000) });
  await spool.store(after);
  assert.equal(spool.obstacle(), undefined);
  assert.match(events.at(-1)?.text ?? '', /can be written again/);
  assert.deepEqual(
    (await spool.list({}, 1000)).map(({ message }) => message),
    [...taken, after].map(({ id }) => id),
  );
  await spool.close();
});

test('with less than the minimum free, messages are refused and deliveries are finished', async (context) => {
  const { spool, clock, disk, next } = fixtureOf(await temporary(context), { minimumFree: 1000 });
  disk.freeBytes = 1_000_000;
  await spool.open();
  const taken = next();
  await spool.store(taken);
  disk.freeBytes = 999;
  clock.advance(1000);
  assert.equal(spool.obstacle(), undefined);
  while (!spool.obstacle()) await new Promise((resolve) => setImmediate(resolve));
  await assert.rejects(spool.store(next()), SpoolUnavailable);
  await assert.rejects(spool.newBody(next().id), SpoolUnavailable);
  await spool.settle(finish(taken));
  clock.advance(1000);
  await assert.rejects(spool.store(next()), SpoolUnavailable);
  disk.freeBytes = 1000;
  clock.advance(1000);
  await spool.store(next());
  assert.equal(spool.obstacle(), undefined);
  // a database with room inside needs little of the disk
  for (const message of Array.from({ length: 10 }, () => next({ body: octets(20_000) }))) {
    await spool.store(message);
    await spool.settle(finish(message));
  }
  disk.freeBytes = 300;
  clock.advance(1000);
  while (disk.operations.at(-1) !== 'free') await spool.store(next());
  await spool.store(next());
  await spool.close();
});

/** Mounts a small file system, which takes root; answers why not otherwise. */
function smallFileSystem(): { folder: string; unmount(): void } | string {
  if (process.platform !== 'linux') return 'only on Linux';
  if (process.getuid?.() !== 0) return 'mounting a file system takes root';
  const folder = join(tmpdir(), `postern-full-${process.pid}-${Math.random().toString(36).slice(2)}`);
  spawnSync('mkdir', [folder]);
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'tmpfs', folder], {
    encoding: 'utf8',
  });
  if (status !== 0) return `mount: ${stderr}`;
  return {
    folder,
    unmount() {
      spawnSync('umount', ['--lazy', folder]);
      spawnSync('rmdir', [folder]);
    },
  };
}

/** Somebody else takes what is left. */
async function fill(folder: string): Promise<void> {
  const filler = await open(join(folder, 'filler'), 'w');
  const writing = (async () => {
    for (;;) await filler.write(Buffer.alloc(4096));
  })();
  await assert.rejects(writing, { code: 'ENOSPC' });
  await filler.close();
}

test('a file system that is really full', async (context) => {
  const mounted = smallFileSystem();
  if (typeof mounted === 'string') return context.skip(mounted);
  try {
    const { spool, next } = fixtureOf(mounted.folder, { minimumFree: 1, reserveBytes: undefined });
    await spool.open();
    assert.ok((await readdir(mounted.folder)).includes('reserve'));
    const taken: NewMessage[] = [];
    const storeUntilRefused = async () => {
      for (let refused = 0; refused < 5; ) {
        // bodies in rows and in files by turns
        const message = next({ body: octets(taken.length % 5 === 0 ? 300_000 : 100_000) });
        try {
          await spool.store(message);
          taken.push(message);
        } catch (error) {
          assert.ok(error instanceof SpoolUnavailable, String(error));
          refused += 1;
        }
      }
    };
    await storeUntilRefused();
    await fill(mounted.folder);
    // the log may have room inside
    await storeUntilRefused();
    assert.equal((await spool.statistics()).messages, taken.length);
    for (const message of taken.splice(0, taken.length - 3)) await spool.settle(finish(message));
    await unlink(join(mounted.folder, 'filler'));
    for (let count = 0; count < 20; count += 1) {
      taken.push(next({ body: octets(5000) }));
      await spool.store(taken.at(-1) as NewMessage);
    }
    assert.deepEqual(
      (await spool.list({}, 1000)).map(({ message }) => message),
      taken.map(({ id }) => id),
    );
    await spool.close();
  } finally {
    mounted.unmount();
  }
});

test('with nothing free at all, the reserve lets what was delivered be finished', async (context) => {
  const mounted = smallFileSystem();
  if (typeof mounted === 'string') return context.skip(mounted);
  try {
    const options = { minimumFree: 1, reserveBytes: undefined };
    const { spool, next } = fixtureOf(mounted.folder, options);
    await spool.open();
    // so few that all of it is still in the log: the database must grow before the log can be written over
    const taken = Array.from({ length: 60 }, () => next({ body: octets(100_000) }));
    for (const message of taken) await spool.store(message);
    await fill(mounted.folder);
    for (const message of taken.splice(0, 50)) await spool.settle(finish(message));
    assert.ok(!(await readdir(mounted.folder)).includes('reserve'), 'it took the reserve');
    await spool.close();
    await unlink(join(mounted.folder, 'filler'));
    const again = fixtureOf(mounted.folder, options);
    await again.spool.open();
    assert.deepEqual(
      (await again.spool.list({}, 100)).map(({ message }) => message),
      taken.map(({ id }) => id),
    );
    assert.ok((await readdir(mounted.folder)).includes('reserve'), 'it is there again');
    await again.spool.close();
  } finally {
    mounted.unmount();
  }
});

test('a folder that can not be written is refused in words', async (context) => {
  const mounted = smallFileSystem();
  if (typeof mounted === 'string') return context.skip(mounted);
  try {
    const first = fixtureOf(mounted.folder, { minimumFree: 1 });
    await first.spool.open();
    const message = first.next();
    await first.spool.store(message);
    await first.spool.close();
    const remount = (how: string) =>
      assert.equal(spawnSync('mount', ['-o', `remount,${how}`, mounted.folder]).status, 0);
    remount('ro');
    await assert.rejects(fixtureOf(mounted.folder).spool.open(), /read-?only|unable to open|EROFS/i);
    remount('rw');
    const second = fixtureOf(mounted.folder, { minimumFree: 1 });
    await second.spool.open();
    assert.ok(await second.spool.payload(message.id));
    await second.spool.close();
  } finally {
    mounted.unmount();
  }
});

test('a log that is torn or damaged behind what was acknowledged loses nothing of that', async (context) => {
  const folder = await temporary(context);
  const { spool, next } = fixtureOf(folder);
  await spool.open();
  const acknowledged = Array.from({ length: 20 }, () => next({ body: octets(3000) }));
  for (const message of acknowledged) await spool.store(message);
  const log = 'spool.db-wal';
  const { size: safe } = await stat(join(folder, log));
  // these are on their way when the power goes: what of them is on disk is a matter of luck
  const doubtful = Array.from({ length: 10 }, () => next({ body: octets(3000) }));
  for (const message of doubtful) await spool.store(message);
  const left = join(await temporary(context), 'left');
  await cp(folder, left, { recursive: true });
  await spool.close();
  const { size: end } = await stat(join(left, log));
  assert.ok(end > safe);

  let attempt = 0;
  const offset = fc.integer({ min: safe, max: end - 1 });
  const damage = fc.oneof(
    fc.record({ kind: fc.constant('truncate' as const), offset }),
    fc.record({ kind: fc.constant('zero' as const), offset, length: fc.integer({ min: 1, max: 9000 }) }),
    fc.record({ kind: fc.constant('flip' as const), offset }),
  );
  await fc.assert(
    fc.asyncProperty(damage, async (what) => {
      attempt += 1;
      const copy = join(left, '..', `copy-${attempt}`);
      await cp(left, copy, { recursive: true });
      // a power cut leaves no index in shared memory
      await rm(join(copy, 'spool.db-shm'), { force: true });
      const path = join(copy, log);
      if (what.kind === 'truncate') await truncate(path, what.offset);
      else {
        const file = await open(path, 'r+');
        const length = what.kind === 'zero' ? Math.min(what.length, end - what.offset) : 1;
        const bytes = Buffer.alloc(length);
        if (what.kind === 'flip') {
          await file.read(bytes, 0, 1, what.offset);
          bytes[0] = (bytes[0] ?? 0) ^ 0x10;
        }
        await file.write(bytes, 0, length, what.offset);
        await file.close();
      }
      const again = fixtureOf(copy);
      await again.spool.open();
      const there = (await again.spool.list({}, 1000)).map(({ message }) => message);
      const all = [...acknowledged, ...doubtful].map(({ id }) => id);
      assert.ok(there.length >= acknowledged.length, `${there.length} are left`);
      assert.deepEqual(there, all.slice(0, there.length), 'whole messages, in the order of their commits');
      for (const id of there) {
        const { body } = (await again.spool.payload(id)) ?? {};
        assert.ok(body?.kind === 'memory' && body.bytes.length === 3000);
      }
      assert.equal((await again.spool.statistics()).messages, there.length);
      await again.spool.store(again.next());
      await again.spool.close();
      await rm(copy, { recursive: true });
    }),
    { numRuns: 15 },
  );
});

test('a process that is killed loses nothing that it said was taken, and forgets nothing that it finished', async (context) => {
  const folder = join(await temporary(context), 'spool');
  await mkdir(folder);
  const script = fileURLToPath(new URL('../../../test/support/storing-process.ts', import.meta.url));
  const taken = new Set<string>();
  const doubtful = new Set<string>();
  const finished = new Set<string>();
  for (let kill = 0; kill < 4; kill += 1) {
    const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    const moment = 20 + Math.floor(Math.random() * 400);
    let lines = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      const id = line.slice(1);
      // the last line may have been cut
      if (id.length !== 11) continue;
      if (line[0] === '+') taken.add(id);
      else if (line[0] === '~') doubtful.add(id);
      else finished.add(id);
      lines += 1;
      if (lines === moment) child.kill('SIGKILL');
    }
    const [, signal] = await ended;
    assert.equal(signal, 'SIGKILL');

    const { spool, events } = fixtureOf(folder, { clock: systemClock });
    await spool.open();
    const there = new Set((await spool.list({}, 1_000_000)).map(({ message }) => message));
    for (const id of taken) if (!doubtful.has(id)) assert.ok(there.has(id), `${id} was taken and is lost`);
    for (const id of finished) assert.ok(!there.has(id), `${id} was finished and is back`);
    for (const id of there) {
      const { head, body } = (await spool.payload(id)) ?? {};
      const bytes = body?.kind === 'file' ? await readFile(body.path) : body?.bytes;
      assert.equal(head?.toString(), `X-Length: ${bytes?.length}\r\n\r\n`);
      assert.deepEqual(bytes, Buffer.alloc(bytes?.length ?? 0, id));
    }
    const { messages, queued } = await spool.statistics();
    assert.deepEqual([messages, queued], [there.size, 2 * there.size]);
    const files = new Set(
      (await spool.list({}, 1_000_000)).filter(({ size }) => size > 20_100).map((d) => d.message),
    );
    assert.deepEqual(events, []);
    await spool.close();
    assert.deepEqual(
      (await readdir(join(folder, 'bodies'))).sort(),
      [...files].map((id) => `${id}.body`).sort(),
    );
  }
});

test('a message whose body is missing is held and reported; a body without a message is removed', async (context) => {
  const folder = await temporary(context);
  const first = fixtureOf(folder);
  await first.spool.open();
  const messages = [0, 1, 2].map(() =>
    first.next({ body: octets(300_000), to: ['a@a.example', 'b@b.example'] }),
  );
  for (const message of messages) await first.spool.store(message);
  const orphan = await first.spool.newBody(first.ids.next());
  await orphan.write(CHUNK);
  await orphan.finish();
  await first.spool.close();
  const missing = messages[1]?.id ?? '';
  await unlink(join(folder, 'bodies', `${missing}.body`));

  const { spool, events } = fixtureOf(folder);
  await spool.open();
  const held = await spool.list({ state: 'held' }, 10);
  assert.deepEqual(
    held.map(({ message, hold, lastReply }) => [message, hold, lastReply]),
    [0, 1].map(() => [missing, 'operator', 'the body of this message is missing']),
  );
  assert.deepEqual(
    events.map(({ type, message }) => [type, message]),
    [['system', missing]],
  );
  assert.equal((await spool.statistics()).queued, 4);
  await spool.close();
  assert.equal((await readdir(join(folder, 'bodies'))).length, 2);
});

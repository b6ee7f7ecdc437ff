import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Archive, type ArchiveLimits } from './archive.ts';
import { arrivalOf } from './arrival.fixture.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'postern-archive-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

async function open(limits: Partial<ArchiveLimits> = {}): Promise<Archive> {
  const archive = new Archive(folder, limits);
  await archive.open();
  return archive;
}

const add = (archive: Archive, number: number, size = 10): Promise<void> =>
  archive.add(arrivalOf({ networkMessageId: idOf(number), size }), Buffer.alloc(size, number));

const numbersOf = (archive: Archive): number[] =>
  archive.arrivals().map(({ networkMessageId }) => Number(networkMessageId.slice(-12)));

test('messages and their trace come back after a restart', async () => {
  const archive = await open();
  await Promise.all([add(archive, 1), add(archive, 2)]);
  await archive.add(arrivalOf({ networkMessageId: idOf(3), accepted: false }));
  await archive.close();
  const again = await open();
  assert.deepEqual(numbersOf(again), [1, 2, 3]);
  assert.deepEqual(await again.content(idOf(2)), Buffer.alloc(10, 2));
  await assert.rejects(again.content(idOf(3)), { kind: 'not-found' });
});

test('the oldest go first, by number and by octets; of one that is too large alone nothing else is kept', async () => {
  const archive = await open({ arrivals: 3, octets: 100 });
  for (const number of [1, 2, 3, 4]) await add(archive, number);
  assert.deepEqual(numbersOf(archive), [2, 3, 4]);
  await add(archive, 5, 85);
  assert.deepEqual(numbersOf(archive), [4, 5]);
  await add(archive, 6, 200);
  assert.deepEqual(numbersOf(archive), [6]);
  assert.deepEqual(readdirSync(path.join(folder, 'messages')), [`${idOf(6)}.eml`]);
});

test('the file does not grow for ever', async () => {
  const archive = await open({ arrivals: 5 });
  for (let number = 1; number <= 40; number++) await add(archive, number);
  const lines = readFileSync(path.join(folder, 'trace.jsonl'), 'utf8').trimEnd().split('\n');
  assert.ok(lines.length <= 11, `${lines.length} lines`);
  assert.deepEqual(numbersOf(await open({ arrivals: 5 })), [36, 37, 38, 39, 40]);
});

test('a line that a stop has cut, and a message that no line names, are left out', async () => {
  const archive = await open();
  await add(archive, 1);
  await archive.close();
  writeFileSync(path.join(folder, 'messages', `${idOf(9)}.eml`), 'orphan');
  appendFileSync(path.join(folder, 'trace.jsonl'), '{"networkMessageId":"0000');
  const again = await open();
  assert.deepEqual(numbersOf(again), [1]);
  await add(again, 2);
  assert.deepEqual(numbersOf(await open()), [1, 2]);
  assert.deepEqual(readdirSync(path.join(folder, 'messages')).length, 2);
});

test('no name leads out of the folder', async () => {
  const archive = await open();
  await assert.rejects(archive.content('../settings'), { kind: 'not-found' });
});

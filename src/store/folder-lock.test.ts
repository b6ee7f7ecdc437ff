import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FolderLocked, lockFolder } from './folder-lock.ts';

async function temporary(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-lock-'));
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('one holder at a time, each after the other', async (context) => {
  const folder = await temporary(context);
  const first = lockFolder(folder);
  assert.throws(() => lockFolder(folder), FolderLocked);
  const other = lockFolder(folder, 'other.db');
  first.release();
  lockFolder(folder).release();
  other.release();
});

test('a lock keeps other processes out, and dies with a process that is killed', async (context) => {
  const folder = await temporary(context);
  const script = `
    const { lockFolder } = await import(${JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)});
    lockFolder(${JSON.stringify(folder)});
    console.log('locked');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    await once(child.stdout, 'data');
    assert.throws(() => lockFolder(folder), /in use by another Postern/);
  } finally {
    child.kill('SIGKILL');
  }
  await ended;
  lockFolder(folder).release();
});

test('a folder that is not there is another error', () => {
  assert.throws(
    () => lockFolder('/no/such/folder'),
    (error) => !(error instanceof FolderLocked),
  );
});

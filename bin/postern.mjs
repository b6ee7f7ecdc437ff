#!/usr/bin/env node
// Finds a Node.js that Postern can run on, then hands over to the command line. Plain JavaScript that old
// versions can read, because it is what tells them that they are too old.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const self = fileURLToPath(import.meta.url);
const args = process.argv.slice(2);
const [major, minor] = process.versions.node.split('.').map(Number);
const newEnough = major > 25 || (major === 24 && minor >= 15);

// What a relay, and an audit of millions of rows, need to be told before they begin. One allocation arena: glibc makes
// one for each thread, and each keeps what it once needed. A small young generation: messages die young, and live outside
// of it. (The flag is for the first thread; where it stands, what others say of their own size is not heard, so that it is
// taken back.) The old one is tidied up when it has grown by a quarter: what comes there are names, of messages that have
// long gone. As many threads that sign as there are cores: four on two cores get in each other's way, four on sixteen are
// too few.
const isLarge = args[0] === 'start' || args[0] === 'audit';
const FLAGS = isLarge ? ['--max-semi-space-size=8', '--heap-growing-percent=25'] : [];
const ENVIRONMENT = {
  ...(isLarge && {
    MALLOC_ARENA_MAX: '1',
    UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? String(Math.max(2, availableParallelism())),
  }),
  POSTERN_RUNTIME: 'tuned',
};
const tuned = process.env.POSTERN_RUNTIME === 'tuned';
delete process.env.POSTERN_RUNTIME;

if (newEnough && (tuned || !isLarge)) {
  if (isLarge) setFlagsFromString('--max-semi-space-size=0');
  const { runnable } = await import('./build.mjs');
  const { main } = await import(pathToFileURL(runnable('cli/postern')).href);
  await main(args);
} else {
  const brought = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  if (newEnough) runOn(process.execPath);
  else if (existsSync(brought) && !tuned) runOn(brought);
  else {
    process.stderr.write(
      `postern: needs Node.js 24.15 or later, or 26; this is ${process.versions.node}. Run "npm ci" with optional dependencies, or install Node.js 26.\n`,
    );
    process.exit(1);
  }
}

function runOn(node) {
  const env = { ...process.env, ...ENVIRONMENT };
  // in place of this process where that is possible: signals and supervisors see one process
  if (process.execve && process.platform !== 'win32')
    process.execve(node, [node, ...FLAGS, self, ...args], env);
  const child = spawn(node, [...FLAGS, self, ...args], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

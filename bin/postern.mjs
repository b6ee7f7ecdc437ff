#!/usr/bin/env node
// Finds a Node.js that Postern can run on, then hands over to the command line. Plain JavaScript that old
// versions can read, because it is what tells them that they are too old.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 25 || (major === 24 && minor >= 15)) {
  const { runnable } = await import('./build.mjs');
  const { main } = await import(pathToFileURL(runnable('cli/postern')).href);
  await main(process.argv.slice(2));
} else {
  const brought = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  if (existsSync(brought) && process.env.POSTERN_RUNTIME === undefined) {
    const child = spawn(brought, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
      stdio: 'inherit',
      env: { ...process.env, POSTERN_RUNTIME: brought },
    });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
  } else {
    process.stderr.write(
      `postern: needs Node.js 24.15 or later, or 26; this is ${process.versions.node}. Run "npm ci" with optional dependencies, or install Node.js 26.\n`,
    );
    process.exit(1);
  }
}

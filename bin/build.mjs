// Strips the types off the sources into dist/, so that a running relay does not carry the compiler: each of its
// threads would hold some 10 MB of it. Takes a quarter of a second, and nothing while the sources stay the same.
//
// Every state of the sources has a folder of its own: a relay that runs goes on from its own, whatever is
// built beside it. Where tools/server.mjs has bundled that state (npm does it on installation), the bundle is run: with the
// libraries' sources cut to what is used, a relay needs 25 MB less.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const root = path.dirname(path.dirname(self));
const dist = path.join(root, 'dist');
/** Builds of other states are kept this long, for relays that still run from them. */
const KEEP_MS = 7 * 86_400_000;

function sources() {
  return globSync('src/**/*.ts', { cwd: root })
    .filter((file) => !file.endsWith('.test.ts'))
    .sort();
}

/** Relative imports and worker files name the .ts file; what is run is the .js beside it. */
const renamed = (code) =>
  code
    .replace(/((?:from|import)\s*\(?\s*'\.[^'\n]*)\.ts'/g, "$1.js'")
    .replace(/(new URL\('\.[^'\n]*)\.ts'/g, "$1.js'");

/** The folder of the sources as they are now; whether it is there is another question. */
export function folderOfState() {
  const state = createHash('sha256');
  for (const source of [...sources(), 'package.json']) {
    const { mtimeMs, size } = statSync(path.join(root, source));
    state.update(`${source} ${mtimeMs} ${size}\n`);
  }
  return path.join(dist, state.digest('hex').slice(0, 12));
}

/** Where tools/server.mjs puts the bundle of a state, and the file in it that stands for a module of src/. */
export const bundleOf = (folder) => `${folder}.bundle`;
export const bundled = (file) => file.replaceAll('/', '-');

/**
 * The module to run: from dist/, built when it is not there yet, or the source itself where nothing can be
 * written (Node.js strips the types then, at the price of memory). `file` is seen from src/, without extension.
 */
export function runnable(file) {
  const folder = folderOfState();
  const entry = path.join(bundleOf(folder), `${bundled(file)}.js`);
  if (existsSync(entry)) return entry;
  // in a process of its own, which takes the compiler's memory with it
  if (!existsSync(folder)) spawnSync(process.execPath, ['--no-warnings', self, folder], { stdio: 'inherit' });
  return existsSync(folder) ? path.join(folder, `${file}.js`) : path.join(root, 'src', `${file}.ts`);
}

/** Removes builds of other states that no relay should still run from. */
export function forgetOld(folder) {
  for (const other of readdirSync(dist)) {
    const file = path.join(dist, other);
    if (!/^[0-9a-f]{12}/.test(other) || file === folder) continue;
    if (Date.now() - statSync(file).mtimeMs > KEEP_MS) rmSync(file, { recursive: true, force: true });
  }
}

function build(folder) {
  const made = `${folder}-${process.pid}`;
  try {
    for (const source of sources()) {
      const target = path.join(made, path.relative('src', source).replace(/\.ts$/, '.js'));
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, renamed(stripTypeScriptTypes(readFileSync(path.join(root, source), 'utf8'))));
    }
    copyFileSync(path.join(root, 'package.json'), path.join(dist, 'package.json'));
    renameSync(made, folder);
    forgetOld(folder);
  } catch (error) {
    // the folder can't be written, or another process was faster: whoever asked looks whether it is there
    if (!['EACCES', 'EROFS', 'EPERM', 'ENOSPC', 'ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

if (process.argv[1] === self) build(process.argv[2]);

// Builds the console into dist/web, in a folder named after the state of its sources: a relay that runs goes on from
// its own, whatever is built beside it. Plain JavaScript, because npm runs it with whatever Node.js there is.
//
//   node tools/web.mjs             builds when the sources have changed
//   node tools/web.mjs --prepare   the same for `npm install`: without the build tools it only says how to get it
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const self = fileURLToPath(import.meta.url);
const root = path.dirname(path.dirname(self));
const builds = path.join(root, 'dist', 'web');
const sources = path.join(root, 'web');
/** What the console takes from elsewhere: the words of the audit's report. */
const borrowed = ['en.ts', 'fr.ts', 'phrases-fr.ts'].map((file) =>
  path.join(root, 'src', 'audit', 'report', file),
);
/** Builds of other states are kept this long, for relays that still serve them. */
const KEEP_MS = 7 * 86_400_000;

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** Names the state of the console's sources; undefined where there are none, as in a package. */
function stateOfSources() {
  if (!existsSync(path.join(sources, 'src'))) return undefined;
  const state = createHash('sha256');
  for (const file of [...filesBelow(sources), ...borrowed, path.join(root, 'package-lock.json'), self]) {
    if (existsSync(file)) state.update(`${path.relative(root, file)}\0`).update(readFileSync(file));
  }
  return state.digest('hex').slice(0, 12);
}

/** The build of the sources as they are, in a folder of its own. @returns its folder */
async function build(state) {
  const folder = path.join(builds, state);
  const made = path.join(builds, `.${state}-${process.pid}`);
  process.env.POSTERN_BUILD = state;
  try {
    const vite = await import('vite');
    await vite.build({
      configFile: path.join(sources, 'vite.config.ts'),
      logLevel: 'error',
      define: { 'import.meta.env.POSTERN_BUILD': JSON.stringify(state) },
      build: { outDir: made, emptyOutDir: true },
    });
    for (const file of filesBelow(made)) {
      if (!/\.(?:js|css|svg|json)$/.test(file)) continue;
      const content = readFileSync(file);
      if (content.length < 1024) continue;
      const params = {
        [constants.BROTLI_PARAM_QUALITY]: 9,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      };
      writeFileSync(`${file}.br`, brotliCompressSync(content, { params }));
      writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
    }
    try {
      renameSync(made, folder);
    } catch (error) {
      // another process was faster, and has built the same
      if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) throw error;
    }
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  for (const other of readdirSync(builds)) {
    const file = path.join(builds, other);
    if (file !== folder && Date.now() - statSync(file).mtimeMs > KEEP_MS)
      rmSync(file, { recursive: true, force: true });
  }
  return folder;
}

/** @returns the folder of a build that is current, made when it was not there */
async function builtConsole() {
  const state = stateOfSources();
  if (state === undefined) return undefined;
  const folder = path.join(builds, state);
  mkdirSync(builds, { recursive: true });
  if (!existsSync(folder)) await build(state);
  // of several builds a relay without sources takes the newest
  utimesSync(folder, new Date(), new Date());
  return folder;
}

if (process.argv[1] === self) {
  const prepares = process.argv.includes('--prepare');
  const started = Date.now();
  try {
    if (prepares && !existsSync(path.join(root, 'node_modules', 'vite', 'package.json'))) {
      console.log(
        'The console is not built: its tools are development dependencies. Run "npm ci && npm run web".',
      );
    } else {
      const folder = await builtConsole();
      if (folder) {
        const { octets } = JSON.parse(readFileSync(path.join(folder, 'first-route.json'), 'utf8'));
        const seconds = ((Date.now() - started) / 1000).toFixed(1);
        console.log(
          `console in ${path.relative(process.cwd(), folder) || '.'} (${seconds} s, first page ${(octets / 1000).toFixed(0)} kB of JavaScript)`,
        );
      }
    }
  } catch (error) {
    console.error(`The console could not be built: ${error.message}`);
    // an installation is good without it: the relay and the command line need none of it
    process.exit(prepares ? 0 : 1);
  }
}

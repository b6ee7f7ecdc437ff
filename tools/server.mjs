// Bundles the relay and its threads into dist/: one file instead of a thousand, without what no one calls. That is 25 MB
// less resident memory, most of it the text of libraries. npm runs it on installation; without it `postern` runs all the same,
// from sources whose types it strips (bin/build.mjs).
//
//   node tools/server.mjs             bundles when the sources have changed
//   node tools/server.mjs --prepare   the same for `npm install`: without the build tools it says nothing
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundled, bundleOf, folderOfState, forgetOld } from '../bin/build.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const sources = path.join(root, 'src');
const WORKER = /new URL\('(\.[^'\n]*)\.ts', import\.meta\.url\)/g;
const PACKAGE = /new URL\('(?:\.\.\/)+package\.json', import\.meta\.url\)/g;

/** A module's name as `runnable` knows it: seen from src/, without extension. */
const nameOf = (file) => path.relative(sources, file).replaceAll(path.sep, '/').replace(/\.ts$/, '');

/** Every file that a thread begins with, by its name. */
function threads() {
  const found = new Map();
  for (const file of globSync('**/*.ts', { cwd: sources })) {
    if (file.endsWith('.test.ts')) continue;
    const from = path.join(sources, file);
    for (const [, relative] of readFileSync(from, 'utf8').matchAll(WORKER)) {
      const worker = path.resolve(path.dirname(from), `${relative}.ts`);
      found.set(nameOf(worker), worker);
    }
  }
  return found;
}

/** In a bundle all files lie in one folder, and package.json in the folder above. */
const located = {
  name: 'located',
  transform(code, id) {
    if (!id.startsWith(sources)) return null;
    return code
      .replace(WORKER, (_all, relative) => {
        const name = nameOf(path.resolve(path.dirname(id), `${relative}.ts`));
        return `new URL('./${bundled(name)}.js', import.meta.url)`;
      })
      .replace(PACKAGE, "new URL('../package.json', import.meta.url)");
  },
};

async function bundle(folder) {
  const { rolldown } = await import('rolldown');
  const made = `${folder}-${process.pid}`;
  try {
    const entries = new Map([['cli/postern', path.join(sources, 'cli/postern.ts')], ...threads()]);
    const build = await rolldown({
      cwd: root,
      platform: 'node',
      input: Object.fromEntries([...entries].map(([name, file]) => [bundled(name), file])),
      plugins: [located],
      // what a library does with eval is its own business here
      checks: { eval: false },
    });
    await build.write({
      dir: made,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: 'part-[name]-[hash].js',
      // names stay: an operator's stack trace should be worth sending
      minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } },
    });
    await build.close();
    mkdirSync(path.dirname(folder), { recursive: true });
    copyFileSync(path.join(root, 'package.json'), path.join(path.dirname(folder), 'package.json'));
    renameSync(made, folder);
    forgetOld(folder);
  } catch (error) {
    // another process was faster, and has built the same
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

const prepares = process.argv.includes('--prepare');
const folder = bundleOf(folderOfState());
if (existsSync(path.join(root, 'node_modules', 'rolldown', 'package.json'))) {
  try {
    if (!existsSync(folder)) await bundle(folder);
  } catch (error) {
    console.error(`The relay could not be bundled: ${error.message}`);
    // an installation is good without it
    process.exit(prepares ? 0 : 1);
  }
} else if (!prepares) {
  console.error('The relay can be bundled where its build tools are: run "npm ci" first.');
  process.exit(1);
}

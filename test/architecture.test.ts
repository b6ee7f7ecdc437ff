import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../src/', import.meta.url));
const files = globSync('**/*.ts', { cwd: src }).filter((file) => !/\.test\.ts$|contract\.ts$/.test(file));

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

const imports: Import[] = files.flatMap((file) =>
  [
    ...readFileSync(path.join(src, file), 'utf8').matchAll(
      /^(?:import|export)\s+(type\s+)?[^;]*?from\s+'([^']+)'/gms,
    ),
  ].map(([, typeOnly, to]) => ({
    from: file,
    to: resolve(file, to ?? ''),
    typeOnly: typeOnly !== undefined,
  })),
);

function resolve(file: string, to: string): string {
  return to.startsWith('.') ? path.join(path.dirname(file), to) : to;
}

const room = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : 'top');

// What each room may use beyond itself. Types are values' shapes and may come from anywhere but the wiring.
const MAY_USE: Record<string, string[]> = {
  platform: [],
  message: ['platform', 'top'],
  smtp: ['platform', 'message', 'top'],
  authentication: ['platform', 'message', 'store', 'sources', 'top'],
  sources: ['platform', 'policy', 'store', 'message'],
  policy: ['platform', 'message', 'smtp', 'sources', 'top'],
  submission: ['platform', 'message', 'smtp', 'policy', 'sources', 'spool', 'top'],
  spool: ['platform', 'message', 'store'],
  store: ['platform'],
  people: ['platform', 'sources', 'submission', 'store', 'top'],
  journal: ['platform', 'store', 'top'],
  containment: ['platform', 'store'],
  deliver: ['platform', 'message', 'smtp', 'sources', 'spool', 'store', 'top'],
  alerts: ['platform', 'notices', 'sources', 'store', 'top'],
  notices: ['platform', 'journal', 'smtp', 'sources', 'store', 'top'],
  french: ['top'],
  edge: [
    'platform',
    'message',
    'smtp',
    'authentication',
    'policy',
    'sources',
    'submission',
    'spool',
    'store',
    'top',
  ],
  lab: ['platform', 'message', 'smtp', 'authentication', 'sources', 'submission', 'edge'],
  declared: [
    'platform',
    'message',
    'authentication',
    'policy',
    'sources',
    'submission',
    'deliver',
    'store',
    'top',
  ],
  audit: [
    'platform',
    'message',
    'smtp',
    'authentication',
    'edge',
    'submission',
    'sources',
    'store',
    'journal',
    'top',
  ],
  config: ['platform'],
};

test('a room uses only the rooms before it', () => {
  const wrong = imports
    .filter(({ from, to, typeOnly }) => MAY_USE[room(from)] && !typeOnly && files.includes(to))
    .filter(({ from, to }) => room(from) !== room(to) && !MAY_USE[room(from)]?.includes(room(to)))
    .map(({ from, to }) => `${from} uses ${to}`);
  assert.deepEqual(wrong, []);
});

test('only the wiring knows everything', () => {
  const wrong = imports.filter(
    ({ from, to }) => /^(main|first-run)\.ts$/.test(to) && room(from) !== 'cli' && room(from) !== 'top',
  );
  assert.deepEqual(
    wrong.map(({ from }) => from),
    [],
  );
});

test('the engine of the database is known in its rooms only', () => {
  const wrong = imports
    .filter(({ to }) => to === 'node:sqlite')
    .filter(({ from }) => !/^(spool\/sqlite|journal|store|deliver\/sqlite-)/.test(from))
    .map(({ from }) => from);
  assert.deepEqual(wrong, []);
});

test('the command line uses the API and nothing behind it', () => {
  const allowed = new Set(['top', 'cli', 'config']);
  const wrong = imports
    .filter(({ from, to, typeOnly }) => room(from) === 'cli' && !typeOnly && files.includes(to))
    .filter(({ to }) => !allowed.has(room(to)))
    .map(({ from, to }) => `${from} uses ${to}`);
  assert.deepEqual(wrong, []);
});

test('production dependencies run no install script and have a permissive licence', () => {
  const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
    packages: Record<string, { dev?: boolean; license?: string; hasInstallScript?: boolean; link?: boolean }>;
  };
  const permissive =
    /^\(?(MIT|MIT-0|ISC|Apache-2\.0|BSD-2-Clause|BSD-3-Clause|0BSD|BlueOak-1\.0\.0|Unlicense)( (OR|AND) .*)?\)?$/;
  const wrong = Object.entries(lock.packages)
    .filter(([name, { dev, link }]) => name.startsWith('node_modules/') && !dev && !link)
    // Node.js itself, which is brought along for machines without it
    .filter(([name]) => !/^node_modules\/node-(bin-)?(linux|darwin|win)-/.test(name))
    .filter(([, { license, hasInstallScript }]) => hasInstallScript || !permissive.test(license ?? ''))
    .map(([name, { license }]) => `${name}: ${license}`);
  assert.deepEqual(wrong, []);
});

test('what is exported has a user', () => {
  const root = fileURLToPath(new URL('../', import.meta.url));
  const sources = globSync('{src,web/src,test,bench,tools,bin}/**/*.{ts,tsx,mjs}', { cwd: root })
    .filter((file) => !file.includes('node_modules'))
    .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }));
  // by name alone: what is passed on or loaded late is used too
  const named = new Map<string, number>();
  for (const { text } of sources) {
    for (const [name] of text.matchAll(/[\w$]+/g)) named.set(name, (named.get(name) ?? 0) + 1);
  }
  const unused = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/^export (?:async )?(?:const|class|function)\*? ([\w$]+)/gm)]
      .filter(([, name = '']) => named.get(name) === 1)
      .map(([, name]) => `${file}: ${name}`),
  );
  assert.deepEqual(unused, []);
});

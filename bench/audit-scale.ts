/**
 * The audit of a large organisation's message trace (`npm run bench:audit`): the whole way from a CSV in UTF-16LE to the answer,
 * beside DuckDB, which decodes and groups the same rows by sender, address and day on the same cores. Each has a
 * process of its own. Prints JSON lines.
 *
 *   node bench/audit-scale.ts [--rows 10000000] [--own 0.03] [--rounds 1] [--folder FOLDER]
 *
 * `--own` is the share of mail from outside in an own name: what the audit keeps and judges. The trace (4.4 GB) is written
 * into FOLDER and stays there for the next run; without it into a temporary folder, which is removed. DuckDB is no
 * dependency of Postern: install it anywhere, and name that folder in DUCKDB_FOLDER.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { writeTrace } from '../test/support/audit-trace.ts';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    own: { type: 'string', default: '0.03' },
    rounds: { type: 'string', default: '1' },
    folder: { type: 'string' },
  },
});
const [rows, own, rounds] = [Number(options.rows), Number(options.own), Number(options.rounds)];
const { DUCKDB_FOLDER: duckdb } = process.env;

/** As `bin/postern.mjs` starts it. */
const FLAGS = ['--max-semi-space-size=8', '--heap-growing-percent=25'];

const folder = options.folder ?? mkdtempSync(path.join(tmpdir(), 'postern-audit-scale-'));
mkdirSync(folder, { recursive: true });
try {
  const file = path.join(folder, `trace-${rows}-${own}.csv`);
  if (!existsSync(file)) {
    const unfinished = `${file}.part`;
    await writeTrace(unfinished, { rows, own });
    renameSync(unfinished, file);
  }
  say({ rows, own, megabytes: Math.round(statSync(file).size / 1e6), cores: availableParallelism() });
  if (duckdb === undefined)
    console.error(
      'DuckDB is left out: npm install --prefix /tmp/duckdb @duckdb/node-api@1.5.6-r.1, then DUCKDB_FOLDER=/tmp/duckdb npm run bench:audit',
    );
  for (let round = 0; round < rounds; round++) {
    const book = path.join(folder, `audit-${process.pid}-${round}`);
    const ours = await child('audit-scale-run.ts', [file, book], { MALLOC_ARENA_MAX: '1' });
    say({ program: 'postern', ...ours });
    if (duckdb === undefined) continue;
    const theirs = await child('audit-scale-duckdb.ts', [file, duckdb]);
    say({ program: 'duckdb', ...theirs });
    say({ timesAsLong: Number((Number(ours['seconds']) / Number(theirs['seconds'])).toFixed(2)) });
  }
} finally {
  if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
}

function say(line: Record<string, unknown>): void {
  console.log(JSON.stringify(line));
}

/** What the last line of a process says, with the wall time of all of it. */
function child(
  script: string,
  given: string[],
  environment: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const running = spawn(process.execPath, [...FLAGS, path.join(import.meta.dirname, script), ...given], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    let last = '{}';
    createInterface({ input: running.stdout }).on('line', (line) => (last = line));
    running.on('error', reject);
    running.on('close', (code) => {
      const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
      if (code === 0) resolve({ seconds, ...(JSON.parse(last) as Record<string, unknown>) });
      else reject(new Error(`${script} ended with ${code}`));
    });
  });
}

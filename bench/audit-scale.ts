/**
 * The audit of a large organisation's message trace (`npm run bench:audit`): the whole way from a CSV in UTF-16LE to the answer,
 * as an administrator runs it (`postern audit run`), beside DuckDB, which decodes and groups the same rows by sender, address
 * and day on the same cores. Each has a process of its own. Prints JSON lines.
 *
 *   node bench/audit-scale.ts [--rows 10000000] [--own 0.03] [--rounds 1] [--folder FOLDER]
 *
 * `--own` is the share of mail from outside in an own name: what the audit keeps and judges. The trace (4.4 GB) is written
 * into FOLDER and stays there for the next run; without it into a temporary folder, which is removed. DuckDB is no
 * dependency of Postern: install it anywhere, and name that folder in DUCKDB_FOLDER.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { OWN_DOMAINS, writeTrace } from '../test/support/audit-trace.ts';
import { bundleRelay } from './bundled-relay.ts';

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

const POSTERN = fileURLToPath(new URL('../bin/postern.mjs', import.meta.url));

bundleRelay();

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
    const ours = await audit(file, book);
    rmSync(book, { recursive: true, force: true });
    say({ program: 'postern', ...ours });
    if (duckdb === undefined) continue;
    const theirs = await grouping(file, duckdb);
    say({ program: 'duckdb', ...theirs });
    say({ timesAsLong: Number((Number(ours['seconds']) / Number(theirs['seconds'])).toFixed(2)) });
  }
} finally {
  if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
}

function say(line: Record<string, unknown>): void {
  console.log(JSON.stringify(line));
}

/** One audit: what it answered and took, with its processor time and memory as the system counts them. */
async function audit(file: string, book: string): Promise<Record<string, unknown>> {
  const args = ['audit', 'run', file, '--folder', book, '--domain', OWN_DOMAINS.join(','), '--json'];
  const started = performance.now();
  const seconds = (): number => Number(((performance.now() - started) / 1000).toFixed(1));
  const running = spawn(process.execPath, [POSTERN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let read = 0;
  createInterface({ input: running.stderr }).on('line', (line) => {
    if (line.startsWith('judging')) read = seconds();
  });
  // the system has forgotten it when it has ended
  let taken = takenBy(running.pid);
  const looks = setInterval(() => (taken = takenBy(running.pid) ?? taken), 20);
  const [answer, code] = await Promise.all([
    textOf(running.stdout),
    new Promise((resolve) => running.on('close', resolve)),
  ]);
  clearInterval(looks);
  if (code !== 0) throw new Error(`postern audit run ended with ${String(code)}`);
  const { files, senders, campaigns } = JSON.parse(answer) as {
    files: { used: number; refused: number }[];
    senders: number;
    campaigns: number;
  };
  const [{ used, refused } = { used: 0, refused: 0 }] = files;
  return {
    seconds: seconds(),
    reading: read,
    judging: Number((seconds() - read).toFixed(1)),
    ...taken,
    used,
    refused,
    senders,
    campaigns,
  };
}

/** Of a process and all its threads: processor time, and the most memory that it had until now. Linux. */
function takenBy(pid: number | undefined) {
  try {
    const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    // utime and stime of proc(5), in hundredths of a second
    const [user, system] = after.split(' ').slice(11, 13).map(Number);
    const peak = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    if (!peak) return undefined;
    return {
      cpuSeconds: Number(((user! + system!) / 100).toFixed(1)),
      residentMegabytes: Math.round(Number(peak[1]) / 1024),
    };
  } catch {
    return undefined;
  }
}

/** What DuckDB took, as its process says, with the wall time of all of it. */
async function grouping(file: string, duckdb: string): Promise<Record<string, unknown>> {
  const script = path.join(import.meta.dirname, 'audit-scale-duckdb.ts');
  const started = performance.now();
  const running = spawn(process.execPath, [script, file, duckdb], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said, code] = await Promise.all([
    textOf(running.stdout),
    new Promise((resolve) => running.on('close', resolve)),
  ]);
  if (code !== 0) throw new Error(`DuckDB ended with ${String(code)}`);
  const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
  return { seconds, ...(JSON.parse(said) as Record<string, unknown>) };
}

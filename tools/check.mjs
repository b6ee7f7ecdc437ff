// Type check, lint, format and generated documents: what `npm run check` and the test command look at first.
import { spawnSync } from 'node:child_process';

/** @type {[string, string[]][]} */
const steps = [
  ['types', ['tsc', '--pretty', 'false']],
  ['types of the console', ['tsc', '--pretty', 'false', '-p', 'web']],
  ['types of its stories', ['tsc', '--pretty', 'false', '-p', 'test/console']],
  ['lint', ['oxlint', '--type-aware', '--deny-warnings', 'src', 'test', 'bench', 'tools', 'bin', 'web']],
  ['format', ['biome', 'format', '--diagnostic-level=error', '.']],
  ['documents', ['node', 'tools/docs.ts', '--check']],
  ['types of the API', ['node', 'tools/api-types.ts', '--check']],
];

let failed = false;
for (const [name, [command = '', ...args]] of steps) {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `node_modules/.bin:${process.env.PATH ?? ''}` },
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (status !== 0) {
    failed = true;
    console.log(error ? String(error) : `${stdout}${stderr}`);
  }
}
process.exit(failed ? 1 : 0);

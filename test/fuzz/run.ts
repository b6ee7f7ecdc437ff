/**
 * `npm run fuzz`: a million inputs over all targets. A number changes how many, `only=NAME` takes the targets whose
 * name holds NAME, `replay=FILE` (with `only`) feeds one input again, and SEED repeats a run.
 */
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { seeded } from '../support/seeded.ts';
import { fuzz, saveFindings } from './fuzzer.ts';
import { show } from './target.ts';
import { targets } from './targets.ts';

const option = (name: string): string | undefined =>
  process.argv.find((argument) => argument.startsWith(`${name}=`))?.slice(name.length + 1);

const only = option('only') ?? '';
const chosen = targets.filter(({ name }) => name.includes(only));
const replay = option('replay');
if (replay !== undefined) {
  const input = readFileSync(replay);
  for (const target of chosen) {
    console.log(
      target.name,
      await target.run(input, seeded(createHash('sha256').update(input).digest().readInt32LE())),
    );
  }
  process.exit(0);
}

const long = process.argv.includes('--long');
const inputs = Number(process.argv.find((argument) => /^\d+$/.test(argument)) ?? (long ? 1_000_000 : 50_000));
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(JSON.stringify({ seed, inputs, targets: chosen.length }));
const reports = await fuzz({
  targets: chosen,
  inputs,
  seed,
  report: ({ target, inputs: tried, rate, corpus, findings, peakRss }) => {
    console.log(
      `${target.padEnd(26)} ${String(tried).padStart(7)} inputs ${String(rate).padStart(6)}/s  corpus ${String(corpus).padStart(4)}` +
        `  peak RSS ${String(peakRss).padStart(4)} MB  findings ${findings.length}`,
    );
    for (const { kind, text, input, again } of findings) {
      console.log(
        `  ${kind}, ${again + 1} times: ${text.split('\n').slice(0, 4).join('\n    ')}\n    input ${show(input, 600)}`,
      );
    }
  },
});
const findings = reports.flatMap((report) => report.findings);
const total = reports.reduce((sum, report) => sum + report.inputs, 0);
if (findings.length === 0) console.log(`${total} inputs, no findings`);
else
  console.log(
    `${total} inputs, FAILED: ${findings.length} findings, in ${saveFindings(findings, seed)}; SEED=${seed}`,
  );
process.exit(findings.length === 0 ? 0 : 1);

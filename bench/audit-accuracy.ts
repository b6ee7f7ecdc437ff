/**
 * How well the audit finds Direct Send, tells classes apart and detects campaigns, by kind of evidence. Months of mail
 * whose truth is known; the same seed gives the same figures.
 *
 *   node bench/audit-accuracy.ts [SEED...]             observations, as readers would make them
 *   node bench/audit-accuracy.ts --exports [SEED...]   mail through the lab's front door, written as files and read back
 *
 * `--mistakes` adds what was taken for what.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EvidenceKind } from '../src/audit/evidence/observation.ts';
import { type Accuracy, measure } from '../test/support/audit-accuracy.ts';
import { makeTraffic } from '../test/support/audit-traffic.ts';
import { type Evidence, type ExportAccuracy, measureExports } from '../test/support/audit-month/accuracy.ts';
import { makeMonth } from '../test/support/audit-month/month.ts';

const OBSERVATIONS: Record<string, { kind: EvidenceKind; share?: number }[]> = {
  'all of it': [
    { kind: 'trace' },
    { kind: 'trace-detail' },
    { kind: 'email-events' },
    { kind: 'message', share: 0.3 },
  ],
  'trace and details': [{ kind: 'trace' }, { kind: 'trace-detail' }],
  'trace alone': [{ kind: 'trace' }],
  'extended search': [{ kind: 'trace-extended' }],
  'enhanced search': [{ kind: 'trace-enhanced' }],
  'connector report': [{ kind: 'connector-report' }],
  EmailEvents: [{ kind: 'email-events' }],
  'stored mail': [{ kind: 'message' }],
  'a part of each': [
    { kind: 'trace', share: 0.8 },
    { kind: 'trace-detail', share: 0.4 },
    { kind: 'email-events', share: 0.5 },
    { kind: 'message', share: 0.1 },
    { kind: 'dmarc' },
  ],
};

/** What is asked for with the names of addresses by reverse DNS. */
const NAMED = ', names by DNS';
const EXPORTS: Record<string, Evidence[]> = {
  'all of it': [
    { name: 'trace' },
    { name: 'details' },
    { name: 'EmailEvents' },
    { name: 'stored mail', share: 0.3 },
    { name: 'DMARC reports' },
  ],
  'trace and details': [{ name: 'trace' }, { name: 'details' }],
  'trace alone': [{ name: 'trace' }],
  'extended search': [{ name: 'extended search' }],
  'enhanced search': [{ name: 'enhanced search' }],
  'connector report': [{ name: 'connector report' }],
  EmailEvents: [{ name: 'EmailEvents' }],
  [`EmailEvents${NAMED}`]: [{ name: 'EmailEvents' }],
  [`trace alone${NAMED}`]: [{ name: 'trace' }],
  'stored mail': [{ name: 'stored mail' }],
  'DMARC reports': [{ name: 'DMARC reports' }],
  'Change Optics': [{ name: 'Change Optics' }],
  'trace, details of a third': [{ name: 'trace' }, { name: 'details', share: 0.33 }],
  'a part of each': [
    { name: 'trace', share: 0.8 },
    { name: 'details', share: 0.4 },
    { name: 'EmailEvents', share: 0.5 },
    { name: 'stored mail', share: 0.1 },
    { name: 'DMARC reports' },
    { name: 'Change Optics' },
    { name: 'inbound report' },
  ],
};

const verbose = process.argv.includes('--mistakes');
const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);
const given = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith('--'))
  .map(Number);
if (process.argv.includes('--exports')) await overExports(given.length > 0 ? given : [9101, 9102, 9103]);
else await overObservations(given.length > 0 ? given : [101, 102, 103]);

async function overObservations(seeds: number[]): Promise<void> {
  for (const [name, kinds] of Object.entries(OBSERVATIONS)) {
    if (only !== undefined && only !== name) continue;
    const runs: Accuracy[] = [];
    for (const seed of seeds) runs.push(await measure(makeTraffic({ seed }), kinds));
    print(name, runs);
  }
}

async function overExports(seeds: number[]): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'postern-accuracy-'));
  const runs = new Map<string, ExportAccuracy[]>();
  try {
    for (const seed of seeds) {
      const month = await makeMonth({ seed });
      for (const [name, evidence] of Object.entries(EXPORTS)) {
        if (only !== undefined && only !== name) continue;
        const accuracy = await measureExports(month, evidence, path.join(folder, 'evidence'), {
          names: name.endsWith(NAMED),
        });
        // where the MX leads elsewhere there are no reports
        if (accuracy.messages > 0) runs.set(name, [...(runs.get(name) ?? []), accuracy]);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  for (const [name, all] of runs) print(name, all);
}

function print(name: string, runs: readonly Accuracy[]): void {
  const mean = (of: (run: Accuracy) => number | undefined) => {
    const values = runs.map(of).filter((value) => value !== undefined);
    if (values.length === 0) return null;
    return Number((values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(4));
  };
  const least = (of: (run: Accuracy) => number) => Number(Math.min(...runs.map(of)).toFixed(4));
  console.log(
    JSON.stringify({
      evidence: name,
      months: runs.length,
      messages: mean(({ messages }) => messages),
      proven: {
        precision: mean(({ proven }) => proven.precision),
        recall: mean(({ proven }) => proven.recall),
      },
      found: { precision: mean(({ found }) => found.precision), recall: mean(({ found }) => found.recall) },
      classMacro: mean(({ macro }) => macro),
      leastMacro: least(({ macro }) => macro),
      claimed: {
        coverage: mean(({ claimed }) => claimed.coverage),
        right: mean(({ claimed }) => claimed.right),
        macro: mean(({ claimed }) => claimed.macro),
      },
      among: { right: mean(({ among }) => among.right), size: mean(({ among }) => among.size) },
      campaigns: mean(({ campaigns }) => campaigns.recall),
      falseCampaigns: mean(({ campaigns }) => campaigns.false),
    }),
  );
  if (!verbose) return;
  for (const { classes, mistakes } of runs) console.log(JSON.stringify({ classes, mistakes }));
}

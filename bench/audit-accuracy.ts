/**
 * How well the audit finds Direct Send, tells classes apart and detects campaigns, by kind of evidence. Months of mail
 * whose truth is known; the same seed gives the same figures.
 *
 *   node bench/audit-accuracy.ts [SEED...]
 */
import type { EvidenceKind } from '../src/audit/evidence/observation.ts';
import { type Accuracy, measure } from '../test/support/audit-accuracy.ts';
import { makeTraffic } from '../test/support/audit-traffic.ts';

const EVIDENCE: Record<string, { kind: EvidenceKind; share?: number }[]> = {
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

const verbose = process.argv.includes('--mistakes');
const seeds = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith('--'))
  .map(Number);
for (const [name, kinds] of Object.entries(EVIDENCE)) {
  const runs: Accuracy[] = [];
  for (const seed of seeds.length > 0 ? seeds : [101, 102, 103])
    runs.push(await measure(makeTraffic({ seed }), kinds));
  const mean = (of: (run: Accuracy) => number) =>
    Number((runs.reduce((sum, run) => sum + of(run), 0) / runs.length).toFixed(4));
  console.log(
    JSON.stringify({
      evidence: name,
      messages: mean(({ messages }) => messages),
      proven: {
        precision: mean(({ proven }) => proven.precision),
        recall: mean(({ proven }) => proven.recall),
      },
      found: { precision: mean(({ found }) => found.precision), recall: mean(({ found }) => found.recall) },
      classMacro: mean(({ macro }) => macro),
      campaigns: mean(({ campaigns }) => campaigns.recall),
      falseCampaigns: mean(({ campaigns }) => campaigns.false),
    }),
  );
  if (verbose) for (const { classes, mistakes } of runs) console.log(JSON.stringify({ classes, mistakes }));
}

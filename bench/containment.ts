/**
 * Detection and false alarms of the watch over unusual sending (`npm run bench:containment`): weeks of mail with
 * attacks mixed in, replayed through the code that the relay runs. The same seed gives the same figures.
 *
 *   node bench/containment.ts [SEED] [SOURCES]               weeks that are made
 *   node bench/containment.ts --journal FILE [SEED]          weeks that were recorded: what postern log --json writes
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { recordedWeeks } from '../test/containment/recorded.ts';
import { replay } from '../test/containment/replay.ts';
import { makeWeeks, type Weeks } from '../test/containment/weeks.ts';

const { values, positionals } = parseArgs({
  options: { journal: { type: 'string' } },
  allowPositionals: true,
});
const [seed, sources] = [positionals[0] ?? '1', positionals[1] ?? '400'].map(wholeNumber);
if (positionals.length > (values.journal === undefined ? 2 : 1)) fail('there are too many arguments');
const weeks =
  values.journal === undefined
    ? makeWeeks({ seed: seed!, sources: sources!, weeks: 6, clean: 4, attacked: 0.3 })
    : await recorded(values.journal, seed!);
console.log(
  JSON.stringify({
    ...(values.journal === undefined ? {} : { journal: values.journal }),
    seed,
    sources: weeks.sources.length,
    weeks: Number(weeks.weeks.toFixed(1)),
    messages: weeks.sent.length,
    attacks: weeks.attacks.length,
  }),
);
const { attacks, sourceWeeks, falseAlarms, falseHolds, alarms } = await replay(weeks);
if (values.journal !== undefined) {
  for (const { at, ...alarm } of alarms) {
    console.log(JSON.stringify({ falseAlarm: new Date(at).toISOString(), ...alarm }));
  }
}
for (const [kind, figures] of Object.entries(attacks)) console.log(JSON.stringify({ kind, ...figures }));
console.log(
  JSON.stringify({
    sourceWeeks: Number(sourceWeeks.toFixed(1)),
    falseAlarms,
    falseHolds,
    falseAlarmsPer100SourceWeeks: Number(((falseAlarms / sourceWeeks) * 100).toFixed(2)),
  }),
);

async function recorded(file: string, from: number): Promise<Weeks> {
  try {
    return await recordedWeeks(createInterface({ input: createReadStream(file), crlfDelay: Infinity }), from);
  } catch (error) {
    return fail(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function wholeNumber(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : fail(`expected a whole number, not ${JSON.stringify(text)}`);
}

function fail(why: string): never {
  console.error(`bench:containment: ${why}`);
  process.exit(2);
}

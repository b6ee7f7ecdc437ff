/**
 * Detection and false alarms of the watch over unusual sending (`npm run bench:containment`): weeks of mail with
 * attacks mixed in, replayed through the code that the relay runs. The same seed gives the same figures.
 *
 *   node bench/containment.ts [SEED] [SOURCES]
 */
import { replay } from '../test/containment/replay.ts';
import { makeWeeks } from '../test/containment/weeks.ts';

const seed = Number(process.argv[2] ?? 1);
const sources = Number(process.argv[3] ?? 400);
const weeks = makeWeeks({ seed, sources, weeks: 6, clean: 4, attacked: 0.3 });
console.log(
  JSON.stringify({
    seed,
    sources,
    weeks: weeks.weeks,
    messages: weeks.sent.length,
    attacks: weeks.attacks.length,
  }),
);
const { attacks, sourceWeeks, falseAlarms, falseHolds } = await replay(weeks);
for (const [kind, figures] of Object.entries(attacks)) console.log(JSON.stringify({ kind, ...figures }));
console.log(
  JSON.stringify({
    sourceWeeks,
    falseAlarms,
    falseHolds,
    falseAlarmsPer100SourceWeeks: Number(((falseAlarms / sourceWeeks) * 100).toFixed(2)),
  }),
);

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replay } from './replay.ts';
import { makeWeeks } from './weeks.ts';

test('six weeks of 120 sources with attacks mixed in: most attacks are seen, few alarms are false', async () => {
  const weeks = makeWeeks({ seed: 1, sources: 120, weeks: 6, clean: 4, attacked: 0.3 });
  const { attacks, sourceWeeks, falseAlarms, falseHolds } = await replay(weeks);
  const kinds = Object.values(attacks);
  const sum = (of: (kind: (typeof kinds)[number]) => number): number =>
    kinds.reduce((all, kind) => all + of(kind), 0);
  assert.equal(
    sum((kind) => kind.attacks),
    weeks.attacks.length,
  );
  assert.ok(weeks.attacks.length > 20);
  assert.ok(sum((kind) => kind.detected) >= 0.9 * weeks.attacks.length, JSON.stringify(attacks));
  for (const kind of ['blast', 'own network', 'low-and-slow'] as const) {
    const figures = attacks[kind];
    assert.ok(figures && figures.stopped >= 0.8 * figures.attacks, `${kind}: ${JSON.stringify(figures)}`);
    assert.ok(figures.through < 0.6 * figures.messages, `${kind}: ${JSON.stringify(figures)}`);
  }
  assert.ok(falseAlarms <= 0.05 * sourceWeeks, `${falseAlarms} false alarms in ${sourceWeeks} source weeks`);
  assert.ok(falseHolds <= 0.005 * sourceWeeks, `${falseHolds} false holds`);
});

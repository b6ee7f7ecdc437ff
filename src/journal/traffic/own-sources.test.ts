import assert from 'node:assert/strict';
import { it } from 'node:test';
import { EventCounts } from './event-counts.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { GRAINS, MINUTE, WINDOWS, windowAt } from './periods.ts';
import { TrafficDatabase } from './traffic-database.ts';
import { overview } from './traffic-queries.ts';

const NOW = Date.parse('2026-03-10T10:07:30Z');
const SOURCES = 60;
const MINUTES = 50;

for (const [what, own] of [
  ['few of many, which are looked up', 2],
  ['most of them, whose rows are picked out of all', 50],
] as const)
  it(`the overview of an owner counts the same: ${what}`, (t) => {
    const database = new TrafficDatabase(':memory:', DEFAULT_LIMITS);
    t.after(() => database.close());
    const counts = new EventCounts(new Set(), new Set(['S401']));
    let id = 0;
    for (let minute = 0; minute < MINUTES; minute++)
      for (let source = 0; source < SOURCES; source++) {
        const common = { at: NOW - minute * GRAINS[MINUTE], source: `src_${source}`, listener: 'smtp' };
        counts.add({ ...common, id: ++id, type: 'acceptance', size: source, to: ['a@b.example'] });
        if (source % 2 === 0) counts.add({ ...common, id: ++id, type: 'refusal', code: 'S401' });
      }
    database.write(counts, id, NOW);
    const sources = Array.from({ length: own }, (_, source) => `src_${source}`);
    for (const name of WINDOWS) {
      const found = overview(database.reader, windowAt(name, NOW), sources);
      const octets = (MINUTES * (own * (own - 1))) / 2;
      const { accepted, refused } = found.totals;
      assert.deepEqual(
        [accepted, found.totals.octets, refused],
        [MINUTES * own, octets, (MINUTES * own) / 2],
      );
      const sum = found.series.accepted.reduce((all, one) => all + one, 0);
      assert.deepEqual([sum, found.sourceCount], [accepted, own], name);
      assert.deepEqual(found.codes, [{ code: 'S401', count: refused }]);
    }
    assert.equal(overview(database.reader, windowAt('1h', NOW), sources).series.accepted.at(-1), own);
  });

/** One week of an organisation's mail through the lab's front door, written as files and read back; the long form is a bench. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Evidence, measureExports } from '../support/audit-month/accuracy.ts';
import { makeMonth, type Month } from '../support/audit-month/month.ts';

describe('the audit of a week whose truth is known', () => {
  let folder: string;
  let week: Month;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'postern-week-'));
    week = await makeMonth({ seed: 4711, days: 7, users: 120 });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const measured = (evidence: readonly Evidence[]) =>
    measureExports(week, evidence, path.join(folder, 'evidence'));

  const whole: Record<string, Evidence[]> = {
    'trace and details': [{ name: 'trace' }, { name: 'details' }],
    'extended search': [{ name: 'extended search' }],
    everything: [
      { name: 'trace' },
      { name: 'details' },
      { name: 'EmailEvents' },
      { name: 'stored mail', share: 0.3 },
      { name: 'DMARC reports' },
      { name: 'Change Optics' },
      { name: 'inbound report' },
    ],
  };
  for (const [name, evidence] of Object.entries(whole))
    it(`${name}: Direct Send proven, senders and campaigns found`, async () => {
      const { proven, macro, campaigns, mistakes, refused } = await measured(evidence);
      assert.deepEqual([proven, refused], [{ precision: 1, recall: 1 }, 0]);
      assert.ok(macro >= 0.97, `${macro} ${JSON.stringify(mistakes)}`);
      assert.deepEqual(campaigns, { recall: 1, false: 0 });
    });

  it('EmailEvents prove as much, and tell less of the senders', async () => {
    const { proven, campaigns } = await measured([{ name: 'EmailEvents' }]);
    assert.deepEqual(proven, { precision: 1, recall: 1 });
    // without the name of the client an attack that was ordered is like any other
    assert.equal(campaigns.recall, 1);
  });

  it('what proves nothing misses nothing', async () => {
    for (const name of ['trace', 'enhanced search', 'connector report'] as const) {
      const { proven, found } = await measured([{ name }]);
      assert.deepEqual([proven.recall, found.recall], [0, 1], name);
    }
  });

  it('parts of all kinds: nothing false is called proven, nothing is missed', async () => {
    const { proven, found, campaigns } = await measured([
      { name: 'trace', share: 0.8 },
      { name: 'details', share: 0.4 },
      { name: 'EmailEvents', share: 0.5 },
      { name: 'stored mail', share: 0.1 },
      { name: 'DMARC reports' },
    ]);
    assert.equal(proven.precision, 1);
    assert.equal(found.recall, 1);
    assert.ok(found.precision >= 0.97, `${found.precision}`);
    assert.equal(campaigns.false, 0);
  });
});

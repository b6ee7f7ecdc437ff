import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '../../platform/clock.ts';
import { systemRandom } from '../../platform/random.ts';
import { openControlStore } from '../../store/control.ts';
import { StoredSourceRegistry } from '../stored-registry.ts';
import { guardCell, unguardCell } from './cell.ts';
import { csvHead, csvLines, csvRows } from './csv.ts';
import { type ImportOptions, importSources } from './import.ts';
import { rowOf } from './row.ts';

async function registry(t: TestContext) {
  const db = await openControlStore(':memory:');
  t.after(() => db.destroy());
  return new StoredSourceRegistry(db, new ManualClock(), systemRandom, { write: () => {} });
}

const BY = { by: 'kim', reason: 'import' };
const OPTIONS: ImportOptions = { existing: 'refuse', dryRun: false, allOrNothing: false };

describe('cells', () => {
  const table: [string, string][] = [
    ['=1+1', "'=1+1"],
    ['+49 30', "'+49 30"],
    ['-x', "'-x"],
    ['@SUM(A1)', "'@SUM(A1)"],
    [' =1', "' =1"],
    ['\t=1', "'\t=1"],
    ['＝1', "'＝1"],
    ["'quoted", "''quoted"],
    ['plain', 'plain'],
    ['a=b', 'a=b'],
    ['', ''],
  ];
  for (const [text, guarded] of table) {
    it(`${JSON.stringify(text)} is written as ${JSON.stringify(guarded)}`, () => {
      assert.equal(guardCell(text), guarded);
      assert.equal(unguardCell(guarded), text);
    });
  }

  it('come back as they were', () => {
    fc.assert(fc.property(fc.string(), (text) => assert.equal(unguardCell(guardCell(text)), text)));
  });

  it('keep an apostrophe that a person wrote', () =>
    assert.equal(unguardCell("'s-Hertogenbosch"), "'s-Hertogenbosch"));
});

describe('an import', () => {
  it('takes what a spreadsheet wrote, and tells which line is wrong', async (t) => {
    const sources = await registry(t);
    const file = [
      '\ufeffName;Description;Owner;Tags;From;Recipient patterns;Networks',
      'printer-1;"third floor; left";ann@corp.example;print lyon;scan@corp.example;x@y.example;10.0.0.1/32',
      'Printer 2;;;;;;',
      'printer-3;;nobody;;;;',
      'printer-4;;;;;;10.0.0.1/32',
      'printer-1;;;;;;',
      'printer-5;;;;envelope=b@corp.example,header=a@corp.example;;',
    ].join('\r\n');
    const result = await importSources(sources, csvRows(file), OPTIONS, BY);
    assert.deepEqual([result.rows, result.added, result.written], [6, 2, true]);
    assert.deepEqual(
      result.errors.map(({ row, field }) => [row, field]),
      [
        [3, 'name'],
        [4, 'owner'],
        [5, 'networks'],
        [6, 'name'],
      ],
    );
    const first = sources.byName('printer-1');
    assert.deepEqual(
      [first?.description, first?.tags, first?.policy.pairs.length, first?.policy.recipients.patterns],
      ['third floor; left', ['lyon', 'print'], 1, ['x@y.example']],
    );
    assert.equal(sources.byNetwork('10.0.0.1')[0]?.source, first?.id);
    assert.deepEqual(sources.byName('printer-5')?.policy.pairs, [
      { envelope: 'b@corp.example', header: 'a@corp.example' },
    ]);
  });

  it('writes nothing in a dry run, nor with one error when all or nothing was asked for', async (t) => {
    const sources = await registry(t);
    const file = 'name,owner\na,\nb,wrong\n';
    const dry = await importSources(sources, csvRows(file), { ...OPTIONS, dryRun: true }, BY);
    assert.deepEqual([dry.added, dry.errors.length, dry.written, sources.list().length], [1, 1, false, 0]);
    const all = await importSources(sources, csvRows(file), { ...OPTIONS, allOrNothing: true }, BY);
    assert.deepEqual([all.written, sources.list().length], [false, 0]);
  });

  it('brings an export back, formulas and line ends included, and changes only what it names', async (t) => {
    const from = await registry(t);
    const to = await registry(t);
    const rows = [
      {
        name: 'a',
        description: '=cmd|x',
        notes: 'one\n"two", three',
        tags: ['x'],
        contact: '+49 30 1',
        site: "'s",
      },
      { name: 'b', state: 'sandboxed', networks: ['10.0.0.0/24'], policy: { maxSize: 5 } },
    ];
    await importSources(from, listed(rows), OPTIONS, BY);
    const shown = (one: StoredSourceRegistry) =>
      one.list().map((source) => rowOf(source, one.credentials(source.id)));
    const csv = csvHead() + csvLines(shown(from));
    assert.match(csv, /"'=cmd\|x"/);
    await importSources(to, csvRows(csv), OPTIONS, BY);
    // the rest of a policy is in JSON only
    assert.deepEqual({ ...shown(to)[1], policy: 0 }, { ...shown(from)[1], policy: 0 });
    assert.deepEqual(shown(to)[0], shown(from)[0]);
    const update = { ...OPTIONS, existing: 'update' } as const;
    await importSources(to, listed(shown(from)), update, BY);
    assert.equal(to.byName('b')?.policy.maxSize, 5);
    const changed = await importSources(to, csvRows('name,site\nb,Lyon\nc,\n'), update, BY);
    assert.deepEqual([changed.added, changed.changed], [1, 1]);
    assert.deepEqual(
      [to.byName('b')?.site, to.byName('b')?.policy.maxSize, to.byName('b')?.state],
      ['Lyon', 5, 'sandboxed'],
    );
    assert.equal(to.credentials(to.byName('b')?.id ?? '').length, 1);
  });

  const broken: [string, string, RegExp][] = [
    ['unknown columns', 'name,password\na,b', /there is no column "password"/],
    ['an open quote', 'name\n"a', /no CSV/],
    ['too many cells', 'name\na,b,c', /no CSV/],
    ['an endless cell', `name\n"${'x'.repeat(200_000)}"`, /no CSV/],
  ];
  for (const [what, file, message] of broken) {
    it(`refuses ${what}`, async (t) => {
      await assert.rejects(importSources(await registry(t), csvRows(file), OPTIONS, BY), message);
    });
  }
});

async function* listed(rows: readonly unknown[]) {
  for (const [index, fields] of rows.entries()) yield { line: index + 1, fields };
}

import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ManualClock } from '../../platform/clock.ts';
import { systemDisk } from '../../platform/disk.ts';
import { connectorScript, sendersCsv, sourcesCsv } from '../export/exports.ts';
import { summaryOf } from '../summary.ts';
import { AuditBook } from './book.ts';
import { compare } from './compare.ts';
import { answerFixture } from './fixtures.ts';
import type { RunProgress, RunRequest } from './request.ts';
import { currentAnswer, decide, senderNamed, whatIf } from './review.ts';
import { runAudit } from './run.ts';

const HEAD =
  'MessageTraceId,MessageId,Received,SenderAddress,RecipientAddress,Subject,Status,ToIP,FromIP,Size';
const NOW = Date.UTC(2026, 3, 1);

function row(number: number, from = 'scanner@contoso.test'): string {
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  const at = new Date(Date.UTC(2026, 2, 1) + number * 3_600_000).toISOString();
  return `${id},<${number}@scan.contoso.test>,${at},${from},ann@contoso.test,Scan,Delivered,,203.0.113.25,1000`;
}

const rows = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => row(from + index)).join('\r\n');

describe('a run', () => {
  let folder: string;
  let evidence: string;
  let book: AuditBook;
  let progress: RunProgress[];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'postern-run-'));
    evidence = path.join(folder, 'evidence');
    await mkdir(evidence);
    book = await AuditBook.open(path.join(folder, 'audit'));
    progress = [];
  });
  afterEach(async () => {
    await book.close();
    await rm(folder, { recursive: true });
  });

  const run = (request: Partial<RunRequest> = {}, signal?: AbortSignal) =>
    runAudit(
      { paths: [evidence], domains: ['contoso.test'], ...request },
      {
        book,
        clock: new ManualClock(NOW),
        disk: systemDisk,
        progress: (one) => progress.push(structuredClone(one)),
        ...(signal && { signal }),
      },
    );

  const total = async (): Promise<number> =>
    (await currentAnswer(book)).answer.senders.reduce((sum, { messages }) => sum + messages.total, 0);

  it('reads only what is new, and counts nothing twice', async () => {
    await writeFile(path.join(evidence, 'a.csv'), `${HEAD}\r\n${rows(0, 50)}\r\n`);
    await run();
    assert.equal(progress.at(-1)?.rows, 50);
    await writeFile(path.join(evidence, 'b.csv'), `${HEAD}\r\n${rows(40, 70)}\r\n`);
    progress = [];
    await run();
    assert.equal(progress.at(-1)?.rows, 30, 'only the second file was read');
    assert.equal(await total(), 70);
    await appendFile(path.join(evidence, 'b.csv'), `${rows(70, 75)}\r\n`);
    await run();
    assert.equal(await total(), 75);
    assert.equal((await currentAnswer(book)).files.length, 2);
  });

  it('goes on where it was stopped', async () => {
    await writeFile(path.join(evidence, 'a.csv'), `${HEAD}\r\n${rows(0, 40)}\r\n`);
    await writeFile(path.join(evidence, 'b.csv'), `${HEAD}\r\n${rows(40, 60)}\r\n`);
    const stop = new AbortController();
    const stopped = runAudit(
      { paths: [evidence], domains: ['contoso.test'] },
      {
        book,
        clock: new ManualClock(NOW),
        disk: systemDisk,
        signal: stop.signal,
        progress: ({ phase }) => {
          if (phase === 'reading') stop.abort(new Error('enough'));
        },
      },
    );
    await assert.rejects(stopped, /enough/);
    await assert.rejects(currentAnswer(book), /nothing was audited yet/);
    await run();
    assert.equal(await total(), 60);
  });

  it('reads everything again when a domain is added', async () => {
    await writeFile(
      path.join(evidence, 'a.csv'),
      `${HEAD}\r\n${rows(0, 5)}\r\n${row(5, 'x@other.test')}\r\n`,
    );
    await run();
    await assert.rejects(
      run({ paths: [], domains: ['contoso.test', 'other.test'] }),
      /name the evidence once more/,
    );
    await run({ domains: ['contoso.test', 'other.test'] });
    const { answer } = await currentAnswer(book);
    assert.deepEqual(Object.keys(answer.senders[0]?.domains ?? {}).sort(), ['contoso.test', 'other.test']);
  });

  it('finds the settings among the evidence, and asks when nobody tells the domains', async () => {
    await writeFile(path.join(evidence, 'a.csv'), `${HEAD}\r\n${rows(0, 5)}\r\n`);
    await assert.rejects(run({ domains: [] }), /nobody says which domains are yours/);
    await mkdir(path.join(evidence, 'settings'));
    await writeFile(
      path.join(evidence, 'settings', 'accepted-domains.json'),
      JSON.stringify([{ DomainName: 'contoso.test', DomainType: 'Authoritative', MatchSubDomains: true }]),
    );
    const stored = await run({ domains: [] });
    assert.deepEqual(stored.organisation.tenant.domains, [
      { name: 'contoso.test', type: 'authoritative', matchSubDomains: true },
    ]);
    const file = stored.files.find(({ name }) => name.endsWith('accepted-domains.json'));
    assert.deepEqual([file?.kind, file?.outcome], ['settings', 'read']);
    // and remembers them
    assert.equal(
      (await run({ paths: [], domains: [] })).organisation.tenant.domains[0]?.matchSubDomains,
      true,
    );
  });

  it('counts only the messages of the time that is asked for', async () => {
    await writeFile(path.join(evidence, 'a.csv'), `${HEAD}\r\n${rows(0, 96)}\r\n`);
    const { answer } = await run({ from: Date.UTC(2026, 2, 2), to: Date.UTC(2026, 2, 4) });
    assert.equal(answer.senders[0]?.messages.total, 48);
    assert.equal(answer.coverage.days, 2);
    assert.equal((await run({ paths: [] })).answer.senders[0]?.messages.total, 96);
  });

  it('takes a mapping for columns that it does not know, and remembers it', async () => {
    const strange = `Wer,Wann,Wohin,Von wo,Stand\r\nscanner@contoso.test,2026-03-02T09:00:00Z,ann@contoso.test,203.0.113.25,Delivered\r\n`;
    await writeFile(path.join(evidence, 'a.csv'), strange);
    const columns = {
      sender_address: 'Wer',
      time: 'Wann',
      recipient_address: 'Wohin',
      from_ip: 'Von wo',
      status: 'Stand',
    };
    const stored = await run({ mappings: [{ columns }] });
    assert.equal(stored.files[0]?.outcome, 'read');
    await writeFile(path.join(evidence, 'b.csv'), strange.replace('09:00', '10:00'));
    await run();
    assert.equal(await total(), 2);
  });

  it('lets one run at a time into a folder', async () => {
    const lock = book.lock();
    await assert.rejects(run(), /another run reads into/);
    lock.release();
    await run();
  });

  it('knows a file under another name', async () => {
    await writeFile(path.join(evidence, 'a.csv'), `${HEAD}\r\n${rows(0, 5)}\r\n`);
    await run();
    await rename(path.join(evidence, 'a.csv'), path.join(evidence, 'c.csv'));
    await run();
    assert.equal(await total(), 5);
  });

  it('keeps decisions over runs, and they count at once', async () => {
    await writeFile(path.join(evidence, 'a.csv'), `${HEAD}\r\n${rows(0, 5)}\r\n`);
    await run();
    const stored = await currentAnswer(book);
    const line = senderNamed(stored, '203.0.113.25');
    assert.equal(stored.answer.gates[0]?.left.length, 1);
    const supposed = whatIf(stored, await book.notes.all(), { moved: [line.id] });
    assert.equal(supposed.answer.gates[0]?.left.length, 0);
    await decide(book, line, { decision: 'ignored', owner: 'ann@contoso.test' }, { now: NOW, by: 'ann' });
    await decide(book, line, { text: 'old scanner' }, { now: NOW, by: 'ann' });
    const later = (await currentAnswer(book)).answer;
    assert.deepEqual(later.senders[0]?.note, {
      decision: 'ignored',
      owner: 'ann@contoso.test',
      text: 'old scanner',
      decidedAt: NOW,
      by: 'ann',
    });
    assert.equal(later.gates[0]?.left.length, 0);
    await run();
    await decide(book, line, { decision: null }, { now: NOW + 1, by: 'bob' });
    assert.deepEqual(
      (await book.decisions.list({ limit: 9 })).map(({ at, by, before, after }) => [
        at - NOW,
        by,
        before?.decision,
        after.decision,
        after.by,
      ]),
      [
        [1, 'bob', 'ignored', undefined, undefined],
        [0, 'ann', 'ignored', 'ignored', 'ann'],
        [0, 'ann', undefined, 'ignored', 'ann'],
      ],
    );
    assert.equal((await currentAnswer(book)).answer.gates[0]?.left.length, 1);
    assert.throws(() => senderNamed(stored, 'nobody'), /there is no sender "nobody"/);
  });
});

describe('what comes out', () => {
  it('has no formula in a table, and no second command in a script', async () => {
    const stored = await answerFixture([
      { helo: '=cmd|calc!A1', subject: '@SUM(1)', p1: 'scanner@contoso.test' },
      { address: '198.51.100.5', helo: "mta1.vendor.example\r\nRemove-Item 'x'", ptr: 'mta1.vendor.example' },
    ]);
    for (const text of [sendersCsv(stored), sourcesCsv(stored)])
      for (const [, cell = ''] of text.matchAll(/(?:^|,)"((?:[^"]|"")*)"/gm))
        assert.doesNotMatch(cell, /^\s*[=+@|-]/);
    for (const line of connectorScript(stored).split(/\r\n|\n|\r/))
      assert.match(line, /^(?:#|New-InboundConnector |$)/);
  });

  it('fits a terminal of 80 columns, the answer first', async () => {
    const stored = await answerFixture([
      {},
      { helo: 'x'.repeat(300), address: '198.51.100.5' },
      { helo: '\u001b[2J\u202e', address: '198.51.100.6' },
    ]);
    const lines = summaryOf(stored);
    assert.match(lines[0]?.text ?? '', /^Safe to switch on for contoso\.test: no/);
    for (const { text } of lines) {
      assert.ok(text.length <= 80, text);
      assert.doesNotMatch(text, /[\u0000-\u001f\u202e]/);
    }
  });

  it('compares two audits by sender', async () => {
    const before = await answerFixture([{}, {}, { address: '198.51.100.5', helo: 'KM3F20' }]);
    const after = await answerFixture([
      { connector: { name: 'Postern', type: 'Partner' }, address: '192.0.2.9', helo: 'relay.contoso.test' },
      { address: '198.51.100.5', helo: 'KM3F20', p1: 'km@contoso.test' },
      { address: '198.51.100.77', helo: 'HP1234567890' },
    ]);
    const { gone, still, appeared } = compare(before, after);
    assert.deepEqual(
      gone.map(({ name, connectors }) => [name, connectors]),
      [['RNP0026736A1B2C at 203.0.113.25', ['Postern']]],
    );
    assert.deepEqual(
      still.map(({ name }) => name),
      ['KM3F20 at 198.51.100.5'],
    );
    assert.deepEqual(
      appeared.map(({ name }) => name),
      ['HP1234567890 at 198.51.100.77'],
    );
  });
});

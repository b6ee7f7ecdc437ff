/**
 * Published samples of evidence: exports of Exchange Online and Defender, header sections of mail that its front door took,
 * DMARC aggregate reports of many reporters, and bounces. Every one is read, and gives what is known of it.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Observation } from '../../src/audit/evidence/observation.ts';
import { readEvidence } from '../../src/audit/evidence/read-evidence.ts';
import type { FileReport } from '../../src/audit/evidence/report.ts';
import { corpusPath } from './corpora.ts';

interface Reading {
  observations: Observation[];
  reports: FileReport[];
}

async function read(place: string): Promise<Reading> {
  const reading: Reading = { observations: [], reports: [] };
  for await (const progress of readEvidence(
    [place],
    {},
    (batch) => void reading.observations.push(...batch),
  )) {
    if (progress.type === 'file') reading.reports.push(progress.report);
  }
  return reading;
}

const microsoft = corpusPath('microsoft-mail');
const missing = {
  skip: microsoft === undefined && 'the samples of Microsoft mail (about 50 files) are not here',
};
const in365 = (name: string): string => path.join(microsoft!, name);

test('extended and enhanced historical searches, in each encoding', missing, async () => {
  for (const encoding of ['utf8', 'utf16le-bom', 'utf16le-nobom']) {
    const { observations } = await read(in365(`trace-constructed/extended-messagetrace-${encoding}.csv`));
    assert.deepEqual(
      observations.map(({ event }) => event),
      ['receive', 'filter', 'deliver'],
    );
    const [first] = observations;
    assert.equal(first?.subject, 'Scan, from MFP-3F "colour"');
    assert.equal(first?.at, Date.parse('2025-07-16T13:03:14.123Z'));
    assert.deepEqual(
      [
        first?.p1,
        first?.recipient,
        first?.address,
        first?.helo,
        first?.connector,
        first?.tls,
        first?.direction,
      ],
      ['scanner@contoso.com', 'user@contoso.com', '203.0.113.25', 'MFP-3F', 'none', 'none', 'incoming'],
    );
  }
  const { observations } = await read(in365('trace-constructed/enhanced-summary-utf16le-nobom.csv'));
  assert.deepEqual(
    observations.map(({ recipient, status, connector }) => [recipient, status, connector]),
    [
      ['user@contoso.com', 'delivered', 'none'],
      ['other@contoso.com', 'delivered', 'none'],
    ],
  );
});

test(
  'message trace details: direct, over a partner connector, from inside, with a loopback name',
  missing,
  async () => {
    for (const [name, connector, helo, p1] of [
      ['directsend', 'none', 'MFP-3F', 'scanner@contoso.com'],
      ['partner-connector', { name: 'Partner connector', type: 'Partner' }, 'DC', 'scanner@contoso.com'],
      ['internalrelay', 'internal-relay', undefined, 'scanner@contoso.com'],
      ['loopback-helo-attack', 'none', '[127.0.0.1]', 'joe@contoso.com'],
    ] as const) {
      const [receive] = (await read(in365(`trace-constructed/graph-detail-${name}.json`))).observations;
      assert.deepEqual([receive?.connector, receive?.helo, receive?.p1], [connector, helo, p1], name);
      assert.equal(receive?.traceId, 'adac754ccc674619da4c08ddc4691e84');
    }
  },
);

test('a record of EmailEvents as the streaming API writes it', missing, async () => {
  for (const form of ['json', 'ndjson']) {
    const { observations } = await read(in365(`hunting/REAL-EmailEvents-streaming-record.${form}`));
    const [event] = observations;
    assert.equal(observations.length, 1);
    assert.deepEqual(
      [event?.kind, event?.connector, event?.p1, event?.recipient, event?.address, event?.dmarc, event?.size],
      [
        'email-events',
        'none',
        'azure-noreply@microsoft.com',
        'rob@m7kni.io',
        '20.105.209.76',
        'pass',
        239528,
      ],
    );
    assert.equal(event?.at, Date.parse('2026-07-18T14:08:56Z'));
  }
});

test(
  'header sections: hybrid mail is attributed, re-injected mail is judged at the last front door',
  missing,
  async () => {
    const [hybrid] = (await read(in365('headers/hybrid/intel-hybrid-originating.headers.txt'))).observations;
    assert.deepEqual(
      [hybrid?.direction, hybrid?.connector, hybrid?.spf, hybrid?.dmarc, hybrid?.extra?.['AuthAs']],
      ['originating', { type: 'OnPremises' }, 'fail', 'fail', 'internal'],
    );
    const [attack] = (await read(in365('headers/incident/directsend-abuse-fragments.txt'))).observations;
    assert.deepEqual(
      [attack?.direction, attack?.connector, attack?.helo],
      ['incoming', 'none', '[127.0.0.1]'],
    );
    const expected: Record<string, [string, string | undefined, string | undefined]> = {
      '101': ['103.167.154.120', 'fail', '000'],
      '115': ['195.250.48.102', 'fail', '000'],
      '1003': ['198.61.254.55', 'bestguesspass', '109'],
      '1011': ['209.85.167.208', 'fail', '130'],
    };
    for (const [sample, [address, dmarc, reason]] of Object.entries(expected)) {
      const [message] = (await read(in365(`headers/phishing_pot/sample-${sample}.headers.txt`))).observations;
      assert.deepEqual([message?.address, message?.dmarc, message?.reason], [address, dmarc, reason], sample);
      assert.ok(message?.networkMessageId, sample);
    }
  },
);

test('notifications from and about Microsoft', missing, async () => {
  const { observations, reports } = await read(in365('dsn'));
  assert.equal(reports.length, 27);
  for (const { kind, outcome, name } of reports)
    assert.deepEqual([kind, outcome], ['notification', 'read'], name);
  assert.ok(observations.every(({ kind }) => kind === 'notification'));
  assert.ok(
    observations.every(({ recipient }) => recipient === undefined || /^[^\s@:]+@[^\s@]+$/.test(recipient)),
  );
  const banned = observations.find(({ reply }) => reply?.includes('5.7.606'));
  assert.match(banned!.reply!, /^550 5\.7\.606 Access denied, banned sending IP/);
});

interface Expected {
  file: string;
  reports?: {
    kind: string;
    records: number;
    messages: number;
    dmarc_pass_messages: number;
    distinct_source_ips?: number;
    begin: number;
  }[];
}

const dmarc = corpusPath('dmarc-reports');

test('DMARC aggregate reports: as many records and messages as a reader of its own found', {
  skip: dmarc === undefined && 'the samples of DMARC reports (66 files) are not here',
}, async () => {
  const { files } = JSON.parse(readFileSync(path.join(dmarc!, 'expected.json'), 'utf8')) as {
    files: Expected[];
  };
  let compared = 0;
  for (const { file, reports = [] } of files) {
    const aggregate = reports.filter(({ kind }) => kind === 'aggregate');
    const { observations } = await read(path.join(dmarc!, file));
    const told = aggregate.some(({ distinct_source_ips: addresses }) => addresses !== undefined);
    const rows = observations.filter(({ kind }) => kind === 'dmarc');
    const sum = (pick: (report: (typeof aggregate)[number]) => number): number =>
      aggregate.reduce((total, report) => total + pick(report), 0);
    const messages = (list: Observation[]): number => list.reduce((total, { count = 0 }) => total + count, 0);
    assert.deepEqual(
      {
        records: rows.length,
        messages: messages(rows),
        addresses: told ? new Set(rows.map(({ address }) => address)).size : 0,
      },
      {
        records: sum(({ records }) => records),
        messages: sum((report) => report.messages),
        addresses: sum(({ distinct_source_ips: addresses = 0 }) => addresses),
      },
      file,
    );
    // a made-up sample is from the first minutes of 1970
    const begins = aggregate.map(({ begin }) => begin * 1000).filter((begin) => begin > 1e9);
    for (const { at } of begins.length > 0 ? rows : [])
      assert.ok(at !== undefined && begins.includes(at), file);
    compared += aggregate.length;
  }
  assert.ok(compared > 25, `${compared} reports compared`);
});

const bounces = corpusPath('bounces');

test('bounces of every kind: none is refused, none brings the reading down', {
  skip: bounces === undefined && 'the samples of bounces (about 260 files) are not here',
}, async () => {
  const { reports } = await read(bounces!);
  assert.equal(reports.length + 4, globSync('*', { cwd: bounces! }).length, 'four are the same as others');
  for (const { name, outcome } of reports) {
    if (name.endsWith('.eml')) assert.equal(outcome, 'read', name);
  }
});

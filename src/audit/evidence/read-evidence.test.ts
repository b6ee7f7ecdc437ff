import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Observation } from './observation.ts';
import { type FileState, readEvidence, type ReadOptions } from './read-evidence.ts';
import type { FileReport } from './report.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'evidence-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  observations: Observation[];
  reports: FileReport[];
  states: FileState[];
  known: number;
}

function put(name: string, content: string | Buffer): string {
  const place = path.join(folder, name);
  writeFileSync(place, content);
  return place;
}

async function read(paths: string | string[], options: ReadOptions = {}): Promise<Result> {
  const result: Result = { observations: [], reports: [], states: [], known: 0 };
  const sink = (batch: Observation[]): void => void result.observations.push(...batch);
  for await (const progress of readEvidence([paths].flat(), options, sink)) {
    if (progress.type === 'file') {
      result.reports.push(progress.report);
      result.states.push(structuredClone(progress.state));
    } else if (progress.type === 'known') result.known++;
  }
  return result;
}

const TRACE =
  'MessageTraceId,MessageId,Received,SenderAddress,RecipientAddress,Subject,Status,ToIP,FromIP,Size';
const GUID = 'adac754c-cc67-4619-da4c-08ddc4691e84';
const traceRow = (n: number, time = '2025-07-16T13:03:14Z'): string =>
  `${GUID},<${n}@mfp>,${time},Scanner@contoso.com,user${n}@contoso.com,Scan ${n},Delivered,,203.0.113.25,48211`;
const trace = (count: number): string =>
  `${[TRACE, ...Array.from({ length: count }, (_, n) => traceRow(n + 1))].join('\r\n')}\r\n`;

test('a message trace, in every encoding and with every delimiter', async () => {
  const text = trace(2);
  const semicolons = text.replaceAll(',', ';');
  const files: (string | Buffer)[] = [
    text,
    `\ufeff${text}`,
    Buffer.from(text, 'utf16le'),
    Buffer.from(`\ufeff${text}`, 'utf16le'),
    Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
    semicolons,
    `sep=;\r\n${semicolons}`,
    text.replaceAll(',', '\t'),
    `#TYPE System.Management.Automation.PSCustomObject\r\n${text}`,
    text.replaceAll('\r\n', ',,\r\n'),
    text.replace('user1@contoso.com', '"=""user1@contoso.com"""'),
    text.replace('48211', '"48,211"').replace('48211', '48 211'),
    text.replaceAll('\r\n', '\n').trimEnd(),
  ];
  for (const [place, content] of files.entries()) {
    const { observations, reports } = await read(put(`export-${place}.dat`, content));
    assert.equal(reports[0]!.outcome, 'read', `${place} ${JSON.stringify(reports[0])}`);
    assert.deepEqual(
      observations.map(({ kind, row, sender, recipient, at, address, size, traceId, status, messageId }) => [
        kind,
        row,
        sender,
        recipient,
        at,
        address,
        size,
        traceId,
        status,
        messageId,
      ]),
      [1, 2].map((n) => [
        'trace',
        n,
        'scanner@contoso.com',
        `user${n}@contoso.com`,
        Date.parse('2025-07-16T13:03:14Z'),
        '203.0.113.25',
        48211,
        GUID.replaceAll('-', ''),
        'delivered',
        `<${n}@mfp>`,
      ]),
      String(place),
    );
  }
});

test('each damaged row is told with its number, and the others are read', async () => {
  const text = [
    TRACE,
    traceRow(1),
    traceRow(2, 'tomorrow'),
    `${GUID},<3@mfp>,2025-07-16T13:03:14Z,"open quote,user3@contoso.com,Scan,Delivered,,203.0.113.25,1`,
    traceRow(4),
    `${traceRow(5)},one,too,many`,
    'three,fields,only',
    traceRow(7),
    '"2025-07-16',
  ].join('\r\n');
  const { observations, reports } = await read(put('damaged.csv', text));
  assert.deepEqual(
    observations.map(({ recipient }) => recipient),
    ['user1@contoso.com', 'user4@contoso.com', 'user7@contoso.com'],
  );
  const [report] = reports;
  assert.equal(report?.outcome, 'partly');
  assert.equal(report.rows, report.used + report.refused);
  assert.ok(report.faults.some(({ row, reason }) => row === 2 && reason === 'the time can not be read'));
  assert.ok(report.faults.some(({ reason }) => reason === 'the file ends inside of this row'));
});

test('a French export: order of day and month over the file, spaces in numbers, Windows-1252', async () => {
  const rows = [
    '09/07/2025 13:03;Scanner@contoso.com;a@contoso.com;Numérisé;Remis;48 211',
    '10/07/2025 08:00;Scanner@contoso.com;b@contoso.com;Numérisé;Remis;1',
  ];
  const text = `Date;Expéditeur;Destinataire;Objet;Statut;Taille\r\n${rows.join('\r\n')}\r\n`;
  const { observations, reports } = await read(put('export.csv', Buffer.from(text, 'latin1')));
  assert.equal(reports[0]?.dates?.order, 'day-first');
  assert.deepEqual(
    observations.map(({ at, subject, size }) => [at, subject, size]),
    [
      [Date.parse('2025-07-09T13:03:00Z'), 'Numérisé', 48211],
      [Date.parse('2025-07-10T08:00:00Z'), 'Numérisé', 1],
    ],
  );
});

test('columns that are not known are asked for, and a mapping answers', async () => {
  const file = put(
    'export.csv',
    'Von;An;Wann;Zustand\r\na@contoso.com;b@contoso.com;2025-07-16T13:03:14Z;ok\r\nc@contoso.com;b@contoso.com;2025-07-16T13:03:14Z;ok\r\n',
  );
  const first = await read(file);
  assert.equal(first.reports[0]?.outcome, 'question');
  assert.deepEqual(first.reports[0]?.question?.columns, ['Von', 'An', 'Wann', 'Zustand']);
  const columns = { sender_address: 'Von', recipient_address: 'An', time: 'Wann', connector_name: '=none' };
  const second = await read(file, { known: first.states, mappings: [{ columns }] });
  assert.equal(second.observations.length, 2);
  assert.deepEqual(
    second.observations.map(({ kind, connector }) => [kind, connector]),
    [
      ['connector-report', 'none'],
      ['connector-report', 'none'],
    ],
  );
  // the mapping that comes back is for this table, and is enough the next time
  const third = await read(
    put('again.csv', 'Von;An;Wann;Zustand\r\nd@contoso.com;b@contoso.com;2025-07-16T13:03:14Z;ok\r\n'),
    {
      mappings: [second.reports[0]!.mapping!],
    },
  );
  assert.equal(third.observations[0]?.sender, 'd@contoso.com');
});

test('fields of JSON that are not known are asked for too', async () => {
  const file = put(
    'export.json',
    JSON.stringify([
      { Von: 'a@contoso.com', recipient: 'b@contoso.com', received: '2025-07-16T13:03:14Z', status: 'ok' },
    ]),
  );
  const first = await read(file);
  assert.deepEqual(
    [first.reports[0]?.outcome, first.reports[0]?.question?.missing],
    ['question', ['sender_address']],
  );
  const { observations, reports } = await read(file, {
    known: first.states,
    mappings: [{ columns: { sender_address: 'Von' } }],
  });
  assert.deepEqual([observations[0]?.kind, observations[0]?.sender], ['trace', 'a@contoso.com']);
  assert.equal(reports[0]?.mapping?.columns.sender_address, 'Von');
});

test('columns that nobody knows are kept', async () => {
  const text = trace(1).replace('Size\r\n', 'Size,Floor\r\n').replace('48211\r\n', '48211,third\r\n');
  const { observations } = await read(put('export.csv', text));
  assert.deepEqual(observations[0]?.extra, { Floor: 'third' });
});

test('EmailEvents: null and empty are no connector, a column that is not there says nothing', async () => {
  const event = {
    Timestamp: '2026-07-18T14:08:56Z',
    NetworkMessageId: GUID,
    SenderMailFromAddress: '',
    SenderFromAddress: 'A@contoso.com',
    RecipientEmailAddress: 'b@contoso.com',
    SenderIPv4: null,
    SenderIPv6: '2001:DB8::1',
    AuthenticationDetails: '{"SPF":"fail","DKIM":"none","DMARC":"fail","CompAuth":"fail"}',
    EmailDirection: 'Inbound',
  };
  const lines = [
    { ...event, Connectors: null },
    { ...event, Connectors: '' },
    event,
    { ...event, Connectors: 'Partner' },
  ];
  const { observations } = await read(
    put('events.json', lines.map((line) => JSON.stringify(line)).join('\r\n')),
  );
  assert.deepEqual(
    observations.map(({ connector }) => connector),
    ['none', 'none', undefined, { name: 'Partner' }],
  );
  const [first] = observations;
  assert.deepEqual(
    [first?.p1, first?.p2, first?.address, first?.direction, first?.spf, first?.dmarc, first?.compauth],
    ['', 'a@contoso.com', '2001:db8::1', 'incoming', 'fail', 'fail', 'fail'],
  );
});

test('reports of the admin centre: Change Optics and inbound messages', async () => {
  const optics = await read(
    put(
      'a.csv',
      'Message ID,Sender,Recipient,Subject,Time Stamp,Tag,Details\r\n<abc...,s@contoso.com,r@contoso.com,Hi,"4/13/2026, 8:00:38 AM",DRS,x\r\n',
    ),
  );
  const [sample] = optics.observations;
  assert.deepEqual(
    [sample?.kind, sample?.connector, sample?.messageId, sample?.at],
    ['change-optics', 'none', undefined, Date.parse('2026-04-13T08:00:38Z')],
  );
  const inbound = await read(
    put(
      'b.csv',
      'Date,Connector direction and name,Connector type,Forced TLS?,No TLS,TLS 1.2,Volume\r\n2026-04-13,From the internet without a connector,,No,10,"1,190","1,200"\r\n',
    ),
  );
  const [day] = inbound.observations;
  assert.deepEqual(
    [day?.kind, day?.connector, day?.count, day?.extra?.['TLS 1.2']],
    ['inbound-report', 'none', 1200, '1,190'],
  );
});

test("Postern's own journal", async () => {
  const lines = [
    {
      type: 'acceptance',
      at: '2026-04-13T08:00:38.000Z',
      network: '203.0.113.25',
      tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
      from: 'a@contoso.com',
      to: ['b@contoso.com', 'c@contoso.com'],
      size: 10,
      outcome: 'queued',
      sourceName: 'printer',
      detail: {},
    },
    { type: 'connection', at: 1776067238000 },
    {
      type: 'attempt',
      at: 1776067238000,
      from: 'a@contoso.com',
      to: ['b@contoso.com'],
      network: '192.0.2.9',
      outcome: 'failed',
      reply: '550 5.7.68 no',
    },
  ];
  const { observations, reports } = await read(
    put('log', lines.map((line) => JSON.stringify(line)).join('\n')),
  );
  assert.deepEqual(
    observations.map(({ kind, event, p1, recipient, address, tls }) => [
      kind,
      event,
      p1,
      recipient,
      address,
      tls,
    ]),
    [
      ['postern-log', 'receive', 'a@contoso.com', 'b@contoso.com', '203.0.113.25', 'TLS1.3'],
      ['postern-log', 'receive', 'a@contoso.com', 'c@contoso.com', '203.0.113.25', 'TLS1.3'],
      ['postern-log', 'fail', 'a@contoso.com', 'b@contoso.com', undefined, undefined],
    ],
  );
  assert.deepEqual(reports[0]?.aside, { 'event connection': 1 });
});

const MAIL =
  'From: a@contoso.com\r\nTo: b@contoso.com\r\nSubject: =?utf-8?q?Num=C3=A9ris=C3=A9?=\r\nMessage-ID: <1@x>\r\nX-Mailer: PowerShell\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHi\r\n--b\r\nContent-Type: application/pdf; name="scan.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--b--\r\n';

test('stored mail, alone and in an mbox, with the hashes of its attachments', async () => {
  const hello = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
  const box = `From a@contoso.com Wed Jul 16 13:03:14 2025\r\n${MAIL}\r\nFrom b@contoso.com Wed Jul 16 13:03:14 2025\r\n${MAIL}`;
  const { observations } = await read([put('1.eml', MAIL), put('2', box)]);
  assert.equal(observations.length, 3);
  for (const { kind, subject, attachments, mailer, recipient } of observations) {
    assert.deepEqual(
      [kind, subject, mailer, recipient],
      ['message', 'Numérisé', 'PowerShell', 'b@contoso.com'],
    );
    assert.deepEqual(attachments, [{ name: 'scan.pdf', sha256: hello, type: 'application/pdf' }]);
  }
});

test('fields that only the service writes are believed only behind its front door', async () => {
  const forged = await read(
    put(
      '1.eml',
      `X-MS-Exchange-Organization-AuthAs: Internal\r\nX-MS-Exchange-Organization-IsAnonymousDirectSend: True\r\n${MAIL}`,
    ),
  );
  assert.equal(forged.observations[0]?.connector, undefined);
  const door =
    'Received: from [127.0.0.1] (198.51.100.7) by DB5PEPF1.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP Server id 15.20 via Frontend Transport; Wed, 16 Jul 2025 13:03:14 +0000\r\n';
  const { observations } = await read(
    put('2.eml', `${door}X-MS-Exchange-Organization-IsAnonymousDirectSend: True\r\n${MAIL}`),
  );
  const [message] = observations;
  assert.deepEqual(
    [message?.connector, message?.helo, message?.address, message?.tls],
    ['none', '[127.0.0.1]', '198.51.100.7', 'none'],
  );
});

test('a notification that quotes the refusal of Direct Send is about a new victim', async () => {
  const text =
    'Return-Path: <>\r\nFrom: MAILER-DAEMON@gw.contoso.com\r\nTo: scanner@contoso.com\r\nSubject: Undelivered Mail\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; gw\r\n\r\nFinal-Recipient: rfc822; User@contoso.com\r\nStatus: 5.7.68\r\nDiagnostic-Code: smtp; 550 5.7.68 TenantInboundAttribution; Direct Send not allowed\r\n for this organization from unauthorized sources\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: scanner@contoso.com\r\nMessage-ID: <9@mfp>\r\n\r\nHi\r\n--b--\r\n';
  const { observations } = await read(put('bounce', text));
  assert.equal(observations.length, 1);
  const { kind, event, p1, recipient, messageId, connector, reply } = observations[0]!;
  assert.deepEqual(
    [kind, event, p1, recipient, messageId, connector],
    ['notification', 'refusal', 'scanner@contoso.com', 'user@contoso.com', '<9@mfp>', 'none'],
  );
  assert.match(reply!, /^550 5\.7\.68 .*unauthorized sources$/);
});

/** A zip file of one entry whose directory says what it is told. */
function zip(name: string, content: Buffer): Buffer {
  const data = deflateRawSync(content);
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(8, 4);
  fields.writeUInt32LE(crc(content), 10);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(content.length, 18);
  fields.writeUInt16LE(Buffer.byteLength(name), 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), data]);
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\x00'),
    fields,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

function crc(octets: Buffer): number {
  return gzipSync(octets).subarray(-8).readUInt32LE(0);
}

function tar(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name);
  header.write(content.length.toString(8).padStart(11, '0'), 124);
  header.write('0', 156);
  header.write('ustar', 257);
  return Buffer.concat([
    header,
    content,
    Buffer.alloc((512 - (content.length % 512)) % 512),
    Buffer.alloc(1024),
  ]);
}

test('archives are walked, three deep and no deeper', async () => {
  const text = Buffer.from(trace(2));
  for (const [name, content] of [
    ['a', gzipSync(text)],
    ['b', zstdCompressSync(text)],
    ['c', zip('../../etc/passwd', text)],
    ['d', tar('x', text)],
    ['e', gzipSync(tar('x', gzipSync(text)))],
    ['f', zip('', gzipSync(text))],
  ] as const) {
    const { observations } = await read(put(name, content));
    assert.equal(observations.length, 2, name);
  }
  const deep = await read(put('deep', gzipSync(gzipSync(gzipSync(gzipSync(text))))));
  assert.equal(deep.observations.length, 0);
  assert.ok(deep.reports.some(({ outcome }) => outcome === 'refused'));
});

test('a bomb ends at the limit, and what stands beside it is read', async () => {
  put('a-bomb', gzipSync(Buffer.from(trace(20_000))));
  put('b.csv', trace(2));
  const { observations, reports } = await read(folder, { limits: { inflatedBytes: 1_500_000 } });
  const bomb = reports.find(({ name }) => name.endsWith('a-bomb!'));
  assert.match(bomb!.notes.join(), /more than is allowed/);
  assert.ok(observations.some(({ file }) => file === reports.at(-1)!.file));
});

test('a compressed file that is cut gives what it has, and says so', async () => {
  const whole = gzipSync(Buffer.from(trace(5000)), { level: 0 });
  const { observations, reports } = await read(put('cut.gz', whole.subarray(0, whole.length / 2)));
  assert.ok(observations.length > 2000 && observations.length < 2600);
  assert.ok(reports.some(({ notes }) => notes.some((note) => /is cut/.test(note))));
});

test('what is known is not read again, what grew is read from its old end', async () => {
  const file = put('trace.csv', trace(3));
  const first = await read(file);
  const again = await read(file, { known: first.states });
  assert.deepEqual([again.known, again.observations.length], [1, 0]);
  appendFileSync(file, `${traceRow(4)}\r\n`);
  const grown = await read(file, { known: first.states });
  assert.deepEqual(
    grown.observations.map(({ file: number, row, recipient }) => [number, row, recipient]),
    [[1, 4, 'user4@contoso.com']],
  );
  assert.equal(grown.reports[0]?.rows, 4);
  writeFileSync(file, trace(2).replaceAll('Scan', 'Page'));
  const other = await read(file, { known: grown.states });
  assert.deepEqual(
    other.observations.map(({ file: number, row }) => [number, row]),
    [
      [1, 1],
      [1, 2],
    ],
  );
});

test('a reading that was stopped goes on where it was, row for row', async () => {
  for (const encoding of ['utf8', 'utf16le'] as const) {
    const file = put(`big-${encoding}.csv`, Buffer.from(trace(30_000), encoding));
    const seen: string[] = [];
    let state: FileState | undefined;
    for await (const progress of readEvidence([file], {}, (batch) => {
      for (const { row, recipient } of batch) seen.push(`${row} ${recipient}`);
    })) {
      if (progress.type !== 'progress') continue;
      state = progress.state;
      break;
    }
    assert.ok(seen.length > 1000 && seen.length < 30_000);
    const rest = await read(file, { known: [state!] });
    for (const { row, recipient } of rest.observations) seen.push(`${row} ${recipient}`);
    assert.deepEqual(
      seen,
      Array.from({ length: 30_000 }, (_, n) => `${n + 1} user${n + 1}@contoso.com`),
    );
    assert.equal(rest.reports[0]?.rows, 30_000);
    assert.equal(rest.reports[0]?.outcome, 'read');
  }
});

test('a fault of the sink is not taken for one of the file', async () => {
  const file = put('trace.csv', trace(1));
  const reading = readEvidence([file], {}, () => Promise.reject(new Error('disk full')));
  await assert.rejects(async () => {
    for await (const _ of reading);
  }, /could not be stored/);
});

test('what is no evidence is told, and nothing else happens', async () => {
  put('a.bin', Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919) % 256)));
  put('b.txt', 'Some words, and more of them.\nAnd others.\n');
  put('c', '');
  put('d.pdf', '%PDF-1.7');
  put('e.html', '<html><body>no</body></html>');
  const { observations, reports } = await read(folder);
  assert.equal(observations.length, 0);
  assert.equal(reports.length, 5);
  for (const report of reports) assert.equal(report.outcome, 'other', report.name);
});

/** Evidence comes from mailboxes and from the internet: whatever stands in a file, reading ends, and says what it found. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Observation } from './observation.ts';
import { readEvidence } from './read-evidence.ts';
import type { FileReport } from './report.ts';

let folder = '';
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'evidence-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function read(
  content: string | Buffer,
): Promise<{ observations: Observation[]; reports: FileReport[] }> {
  const file = path.join(folder, 'x');
  writeFileSync(file, content);
  const observations: Observation[] = [];
  const reports: FileReport[] = [];
  for await (const progress of readEvidence([file], {}, (batch) => void observations.push(...batch))) {
    if (progress.type === 'file') reports.push(progress.report);
  }
  return { observations, reports };
}

const SEEDS = [
  'MessageTraceId,MessageId,Received,SenderAddress,RecipientAddress,Subject,Status,FromIP\r\n1,<a@b>,2025-07-16T13:03:14Z,a@b.c,d@e.f,"S ""x""",Delivered,192.0.2.1\r\n',
  '{"value":[{"id":"1","event":"Receive","dateTime":"2025-07-16T13:03:14Z","messageId":"<a@b>","data":"<root><MEP Name=\\"ReturnPath\\" String=\\"a@b.c\\"/></root>"}]}',
  '<?xml version="1.0"?><feedback><report_metadata><date_range><begin>1700000000</begin><end>1700086400</end></date_range></report_metadata><record><row><source_ip>192.0.2.1</source_ip><count>2</count></row><identifiers><header_from>b.c</header_from></identifiers></record></feedback>',
  'Received: from x (192.0.2.1) by y.mail.protection.outlook.com with Microsoft SMTP Server; Wed, 16 Jul 2025 13:03:14 +0000\r\nFrom: a@b.c\r\nTo: d@e.f\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHi\r\n--b--\r\n',
].map((seed) => Buffer.from(seed));

test('mutated evidence of every kind is read to its end', async () => {
  const edit = fc.record({ at: fc.nat(2000), octets: fc.uint8Array({ maxLength: 6 }), remove: fc.nat(30) });
  const wide = fc.boolean();
  await fc.assert(
    fc.asyncProperty(
      fc.nat(SEEDS.length - 1),
      fc.array(edit, { minLength: 1, maxLength: 6 }),
      wide,
      async (seed, edits, isWide) => {
        let content = isWide ? Buffer.from(SEEDS[seed]!.toString(), 'utf16le') : SEEDS[seed]!;
        for (const { at, octets, remove } of edits) {
          const place = at % (content.length + 1);
          content = Buffer.concat([content.subarray(0, place), octets, content.subarray(place + remove)]);
        }
        const { reports } = await read(content);
        assert.ok(reports.length > 0);
        for (const { rows, used, refused, aside } of reports) {
          assert.ok(used + refused + Object.values(aside).reduce((a, b) => a + b, 0) <= rows + 1);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('XML that would grow or go deep is bounded', async () => {
  const entities = '<!DOCTYPE f [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>';
  const bomb = `<?xml version="1.0"?>${entities}<feedback><record><row><source_ip>&b;</source_ip></row></record></feedback>`;
  assert.equal((await read(bomb)).observations.length, 0);
  const deep = await read(`<feedback>${'<a>'.repeat(100_000)}`);
  assert.ok(deep.reports[0]?.notes.some((note) => /too deep/.test(note)));
  const long = `<feedback><record><row><source_ip>192.0.2.1</source_ip><count>1</count></row><x>${'y'.repeat(5_000_000)}</x></record></feedback>`;
  assert.equal((await read(long)).observations.length, 1);
});

test('DMARC reports as they are sent: prefixes, damage, fractions, missing elements', async () => {
  const record = (inner: string): string =>
    `\r\n<?xml version="1.0" encoding="windows-1252"?><ns1:feedback xmlns:ns1="urn:x"><report_metadata><org_name>A & B\xe9</org_name><date_range><begin>1337270400.0</begin><end>1337356799.0</end></date_range></report_metadata><record>${inner}</record></ns1:feedback>`;
  const { observations } = await read(
    Buffer.from(
      record(
        '<row><source_ip> 2001:DB8::1 </source_ip><count>3</count><policy_evaluated><dkim>Pass</dkim></policy_evaluated></row><identifiers><envelope_from/><header_from>Pages.example.com, example.com</header_from></identifiers><auth_results><dkim><domain>Example.com</domain><result>pass</result></dkim><spf><domain>x.example</domain><result>hardfail</result></spf></auth_results>',
      ),
      'latin1',
    ),
  );
  const [row] = observations;
  assert.deepEqual(
    [row?.at, row?.address, row?.count, row?.p1, row?.p2, row?.spf, row?.dkim, row?.dkimDomain, row?.dmarc],
    [1337270400000, '2001:db8::1', 3, '', '@pages.example.com', 'fail', 'pass', 'example.com', 'pass'],
  );
});

test('a single field of 100 MB costs its own row', async () => {
  const rows = (n: number): string =>
    `1,<${n}@b>,2025-07-16T13:03:14Z,a@b.c,d${n}@e.f,S,Delivered,192.0.2.1\r\n`;
  const header = 'MessageTraceId,MessageId,Received,SenderAddress,RecipientAddress,Subject,Status,FromIP\r\n';
  const field = `1,<2@b>,2025-07-16T13:03:14Z,a@b.c,d@e.f,"${'x'.repeat(100_000_000)}",Delivered,192.0.2.1\r\n`;
  const { observations, reports } = await read(gzipSync(header + rows(1) + field + rows(3), { level: 1 }));
  assert.deepEqual(
    observations.map(({ row, recipient }) => [row, recipient]),
    [
      [1, 'd1@e.f'],
      [3, 'd3@e.f'],
    ],
  );
  assert.match(reports.find(({ refused }) => refused > 0)!.faults[0]!.reason, /longer than/);
});

/** A compound file of one FAT sector with streams in the mini stream, as Outlook writes short properties. */
function compoundFile(streams: Record<string, Buffer>): Buffer {
  const names = Object.keys(streams);
  const starts: number[] = [];
  const mini: Buffer[] = [];
  const miniFat: number[] = [];
  for (const content of Object.values(streams)) {
    starts.push(miniFat.length);
    const sectors = Math.max(1, Math.ceil(content.length / 64));
    for (let n = 0; n < sectors; n++) miniFat.push(n + 1 < sectors ? miniFat.length + 1 : 0xfffffffe);
    mini.push(content, Buffer.alloc(sectors * 64 - content.length));
  }
  const pad = (octets: Buffer): Buffer =>
    Buffer.concat([octets, Buffer.alloc((512 - (octets.length % 512)) % 512)]);
  const miniStream = pad(Buffer.concat(mini));
  const entry = (
    name: string,
    type: number,
    right: number,
    child: number,
    start: number,
    size: number,
  ): Buffer => {
    const octets = Buffer.alloc(128);
    octets.write(name, 'utf16le');
    octets.writeUInt16LE((name.length + 1) * 2, 64);
    octets[66] = type;
    octets.writeUInt32LE(0xffffffff, 68);
    octets.writeUInt32LE(right, 72);
    octets.writeUInt32LE(child, 76);
    octets.writeUInt32LE(start, 116);
    octets.writeUInt32LE(size, 120);
    return octets;
  };
  const members = names.map((name, n) =>
    entry(name, 2, n + 1 < names.length ? n + 2 : 0xffffffff, 0xffffffff, starts[n]!, streams[name]!.length),
  );
  const directorySectors = Math.ceil((members.length + 1) / 4);
  const miniStart = 2 + directorySectors;
  const directory = pad(
    Buffer.concat([entry('Root Entry', 5, 0xffffffff, 1, miniStart, miniStream.length), ...members]),
  );
  const fat = Buffer.alloc(512, 0xff);
  const chain = (start: number, count: number): void => {
    for (let n = 0; n < count; n++)
      fat.writeUInt32LE(n + 1 < count ? start + n + 1 : 0xfffffffe, (start + n) * 4);
  };
  fat.writeUInt32LE(0xfffffffd, 0);
  chain(1, 1);
  chain(2, directorySectors);
  chain(miniStart, miniStream.length / 512);
  const header = Buffer.alloc(512);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(header);
  header.writeUInt16LE(9, 30);
  header.writeUInt32LE(2, 48);
  header.writeUInt32LE(4096, 56);
  header.writeUInt32LE(1, 60);
  header.writeUInt32LE(0xfffffffe, 68);
  header.fill(0xff, 76);
  header.writeUInt32LE(0, 76);
  const miniTable = Buffer.alloc(512, 0xff);
  for (const [n, value] of miniFat.entries()) miniTable.writeUInt32LE(value, n * 4);
  return Buffer.concat([header, fat, miniTable, directory, miniStream]);
}

const OUTLOOK = compoundFile({
  '__properties_version1.0': Buffer.alloc(32),
  '__substg1.0_007D001F': Buffer.from(
    'From: a@contoso.com\r\nTo: b@contoso.com\r\nMessage-ID: <1@x>\r\n',
    'utf16le',
  ),
});

test("Outlook's .msg gives its header section", async () => {
  const { observations } = await read(OUTLOOK);
  const [message] = observations;
  assert.deepEqual(
    [message?.kind, message?.p2, message?.recipient, message?.messageId],
    ['message', 'a@contoso.com', 'b@contoso.com', '<1@x>'],
  );
});

test('damaged compound files end, rings of sectors too', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(OUTLOOK.length - 5), fc.nat(255)), { maxLength: 40 }),
      async (edits) => {
        const file = Buffer.from(OUTLOOK);
        for (const [at, value] of edits) file[at] = value;
        assert.ok((await read(file)).reports.length > 0);
      },
    ),
    { numRuns: 300 },
  );
  const ring = Buffer.from(OUTLOOK);
  for (let at = 512; at < 1024; at += 4) ring.writeUInt32LE(2, at);
  assert.equal((await read(ring)).reports.length, 1);
});

const HEADER =
  'MessageTraceId,MessageId,Received,SenderAddress,RecipientAddress,Subject,Status,FromIP,custom_data';
const LONG = 250_000;

// each took from seconds to minutes: what is looked for was looked for from every octet on
const HOSTILE: [string, string][] = [
  [
    'a subject of one word',
    `${HEADER}\r\n1,<a@b>,2025-07-16T13:03:14Z,a@b.c,d@e.f,"${'scan '.repeat(LONG / 5)}",Delivered,192.0.2.1,\r\n`,
  ],
  [
    'an attribute without a value',
    JSON.stringify({
      value: [
        {
          id: '1',
          event: 'Receive',
          dateTime: '2025-07-16T13:03:14Z',
          messageId: '<a@b>',
          data: `<root><MEP ${'a'.repeat(LONG)}/><MEP Name="ReturnPath" String="a@b.c"/></root>`,
        },
      ],
    }),
  ],
  [
    'a notice with long lines, and a date with a long end',
    [
      'From: postmaster@b.c\r\nContent-Type: multipart/report; boundary=b\r\n\r\n',
      `--b\r\nContent-Type: text/plain\r\n\r\n${'5.7.6 '.repeat(10_000)}\r\n`.repeat(10),
      '--b\r\nContent-Type: text/plain\r\n\r\nTenantInboundAttribution; Direct Send not allowed\r\n',
      '--b\r\nContent-Type: message/delivery-status\r\n\r\n',
      `Arrival-Date: Wed, 16 Jul 2025 13:03:14 +0000 (UTC)${' '.repeat(60_000)}x\r\n\r\n`,
      'Final-Recipient: rfc822; d@e.f\r\nStatus: 5.7.1\r\n--b--\r\n',
    ].join(''),
  ],
];

for (const [name, text] of HOSTILE) {
  test(`read to its end in good time: ${name}`, async () => {
    const started = performance.now();
    const { observations, reports } = await read(text);
    // some milliseconds; a time-out of the test could not interrupt what does not let go of the thread
    assert.ok(performance.now() - started < 10_000);
    assert.equal(reports.length, 1);
    for (const { subject = '', helo = '' } of observations) {
      assert.ok(subject.length <= 1000 && helo.length <= 255);
    }
  });
}

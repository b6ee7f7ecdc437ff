import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Tenant } from '../../edge/tenant.ts';
import type { Gleaning } from '../facts/gleaning.ts';
import { Sieve } from '../facts/sieve.ts';
import { readEvidence } from './read-evidence.ts';
import type { FileReport } from './report.ts';
import { type Block, BlockReader, type BlockReaders } from './table-block.ts';

const TENANT: Tenant = {
  id: '',
  name: 'contoso.com',
  domains: [{ name: 'contoso.com', type: 'authoritative', matchSubDomains: false }],
  connectors: [],
  organization: {
    rejectDirectSend: false,
    honourDmarcReject: 'reject',
    mxPointsHere: true,
    ownDomainSpoof: 'off',
    displayNameSpoof: 'off',
    safeSenders: [],
    trustedSealers: [],
  },
};

const HEAD = 'Received,SenderAddress,RecipientAddress,Subject,Status,FromIP,Size,MessageTraceId,MessageId';

/** Reads blocks of so many octets, as threads do, and counts what they take. */
class InlineReaders implements BlockReaders {
  readonly ahead = 4;
  readonly leastBytes = 0;
  readonly blockBytes: number;
  readonly #sieve = new Sieve(TENANT);
  readonly #reader = new BlockReader(this.#sieve);

  constructor(blockBytes: number) {
    this.blockBytes = blockBytes;
  }

  async read(block: Block) {
    const read = this.#reader.read(block);
    const gleaned = this.#sieve.glean();
    return read && { ...read, gleaned };
  }
}

interface Reading {
  /** Texts, sorted. */
  facts: string[];
  report: FileReport;
  tallies: Map<string, Uint8Array>;
  sent: Float64Array;
  samples: Map<number, [address: string, day: number]>;
}

/** With a filter, or with none; in one go, or in blocks. */
async function readingOf(name: string, how: 'plain' | 'filter' | number): Promise<Reading> {
  const sieve = new Sieve(TENANT);
  let report: FileReport | undefined;
  const options = {
    ...(how !== 'plain' && { filter: sieve }),
    ...(typeof how === 'number' && { blocks: new InlineReaders(how) }),
  };
  const steps = readEvidence([name], options, (found, gleaned) => {
    if (gleaned !== undefined) sieve.join(gleaned as Gleaning);
    for (const observation of found) sieve.add(observation);
  });
  for await (const step of steps) if (step.type === 'file') report = step.report;
  const { facts, tallies, sent, samples } = sieve.glean();
  return {
    facts: facts.texts.sort(),
    report: report!,
    tallies: new Map(tallies),
    sent: sent.sort(),
    samples: new Map(samples.map(([message, ...of]) => [message, of])),
  };
}

const guid = (number: number): string => `${String(number).padStart(8, '0')}-cc67-4619-DA4C-08ddc4691e84`;

/** Rows of all kinds: usual ones, such as break lines inside of quotes, and such as are none. */
const row = fc
  .record({
    number: fc.nat(99_999_999),
    sender: fc.constantFrom(
      'Ann@Contoso.com',
      'x@example.org',
      '<>',
      '',
      '<y@example.org>',
      'z@sub.contoso.com',
    ),
    recipient: fc.constantFrom('bob@contoso.com', 'Bob@CONTOSO.com ', 'c@example.net', ''),
    subject: fc.constantFrom(
      'plain',
      'two\r\nlines',
      'a ""quote""',
      'été',
      'a,b',
      'x'.repeat(150),
      '\n\n,,,\n',
    ),
    address: fc.constantFrom('', ' ', '192.0.2.7', '2001:db8::1', '"="192.0.2.7""', 'none'),
    at: fc.constantFrom('2026-07-01T10:00:00.123', '2026-07-02T10:00:00Z', 'never', ''),
    id: fc.constantFrom('usual', 'none', 'cut'),
    fault: fc.constantFrom('no', 'no', 'no', 'no', 'no', 'no', 'stray quote', 'few fields', 'empty line'),
  })
  .map(({ number, sender, recipient, subject, address, at, id, fault }) => {
    if (fault === 'empty line') return '';
    if (fault === 'few fields') return '"2026-07-01T10:00:00","x@example.org"';
    const trace = id === 'none' ? '' : guid(number);
    const message = id === 'cut' ? '<cut for the screen...>' : `<${number}@mail.example>`;
    const quote = fault === 'stray quote' ? '"' : '';
    return `"${at}","${sender}","${recipient}","${subject}${quote}","Delivered","${address}","5","${trace}","${message}"`;
  });

describe('a table that is read in blocks', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'postern-blocks-'));
  });
  after(() => rm(folder, { recursive: true }));

  for (const encoding of ['utf8', 'utf16le'] as const) {
    it(`gives what it gives in one go: ${encoding}`, async () => {
      const name = path.join(folder, `${encoding}.csv`);
      const table = fc.record({
        rows: fc.array(row, { minLength: 3, maxLength: 40 }),
        size: fc.integer({ min: 60, max: 1500 }).map((half) => half * 2),
        mark: fc.boolean(),
        end: fc.constantFrom('', '\r\n'),
      });
      await fc.assert(
        fc.asyncProperty(table, async ({ rows, size, mark, end }) => {
          const text = `${mark ? '\ufeff' : ''}${[HEAD, ...rows].join('\r\n')}${end}`;
          await writeFile(name, Buffer.from(text, encoding));
          const plain = await readingOf(name, 'plain');
          assert.deepEqual(await readingOf(name, 'filter'), plain);
          assert.deepEqual(await readingOf(name, size), plain);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('goes on in one go where the encoding changes, and in blocks behind it', async () => {
    const name = path.join(folder, 'mixed.csv');
    const line = (number: number): string =>
      `"2026-07-01T10:00:00","ann@contoso.com","bob@contoso.com","s","Delivered","192.0.2.7","5","${guid(number)}","<${number}@x>"\r\n`;
    const lines = (from: number): string =>
      Array.from({ length: 50 }, (_, index) => line(from + index)).join('');
    await writeFile(
      name,
      Buffer.concat([Buffer.from(`${HEAD}\r\n${lines(0)}`, 'utf16le'), Buffer.from(lines(50), 'utf8')]),
    );
    const { facts, report } = await readingOf(name, 3000);
    assert.equal(facts.length, 100);
    assert.equal(report.encoding, 'mixed');
    assert.deepEqual((await readingOf(name, 'plain')).facts, facts);
  });
});

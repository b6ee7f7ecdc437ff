import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptedDomainOf, tenantWith } from '../../edge/fixtures.ts';
import type { EvidenceKind } from '../evidence/observation.ts';
import { type Fact, factOf, type Told } from '../facts/fact.ts';
import { isLeft } from '../gate/gate.ts';
import { inventoryOf } from '../inventory/inventory.ts';
import type { SenderLine } from '../inventory/line.ts';
import type { Organisation } from './decision.ts';
import { judge } from './judge.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const MONDAY = Date.UTC(2026, 4, 4, 9);
const organisation: Organisation = {
  tenant: tenantWith([], {}, [acceptedDomainOf('contoso.test')]),
  connectorsKnown: false,
};

type Given = Partial<Told> & { kind?: EvidenceKind };

const person = (index: number) => `person${index}@contoso.test`;
const toOneself = (index: number): Given => ({
  p1: person(index),
  p2: person(index),
  recipient: person(index),
});
let serial = 0;

/** Messages a minute apart from one address, without a connector. */
function burst(count: number, at: number, of: (index: number) => Given): Fact[] {
  return Array.from({ length: count }, (_, index) => {
    const { kind = 'trace-detail', ...told } = of(index);
    return factOf({
      kind,
      file: 1,
      row: ++serial,
      at: at + index * MINUTE,
      messageId: `<${serial}@test>`,
      address: '139.28.36.230',
      connector: 'none',
      p1: 'it-help@contoso.test',
      p2: 'it-help@contoso.test',
      recipient: person(index),
      ...told,
    });
  });
}

async function linesOf(...given: Fact[][]): Promise<{ campaigns: number; lines: SenderLine[] }> {
  const judgement = await judge(
    {
      async *scan() {
        yield* given.flat();
      },
      sentBefore: async () => new Set(),
      foreignSamples: async () => new Map(),
    },
    organisation,
  );
  return { campaigns: judgement.campaigns.length, lines: inventoryOf(judgement, organisation) };
}

/** A copier that was there before, and is after. */
const weeks = (): Fact[] =>
  Array.from({ length: 20 }, (_, day) =>
    burst(1, MONDAY + (day - 10) * DAY, () => ({
      address: '46.14.2.9',
      helo: 'KM12AB34',
      p1: 'scan@contoso.test',
      p2: 'scan@contoso.test',
    })),
  ).flat();

/** As Defender tells of mail that SPF does not know, from a client whose name it does not tell. */
const nameless: Given = { kind: 'email-events', spf: 'softfail', dmarc: 'fail', compauth: 'fail' };

describe('what makes a campaign where nobody told the name of the client', () => {
  const lure: Given = { ...nameless, subject: 'Payroll update' };

  it('mail to people in their own names does', async () => {
    const given = burst(10, MONDAY, (i) => ({ ...lure, ...toOneself(i) }));
    assert.equal((await linesOf(given)).campaigns, 1);
  });

  it('one burst in the name of a department, from nowhere, does; it may have been ordered', async () => {
    const { campaigns, lines } = await linesOf(burst(20, MONDAY, () => lure));
    assert.equal(campaigns, 1);
    assert.ok(lines[0]?.candidates.includes('awareness'), JSON.stringify(lines[0]?.candidates));
  });

  it('one that comes back another day does not: it stays a suspicion with its reasons', async () => {
    const { campaigns, lines } = await linesOf(
      burst(20, MONDAY, () => lure),
      burst(20, MONDAY + 9 * DAY, () => ({ ...lure, subject: 'Password expires today' })),
    );
    assert.equal(campaigns, 0);
    const [line, ...others] = lines;
    assert.equal(others.length, 0);
    assert.ok(line?.abuse.messages === 40 && line.abuse.reasons.length > 0);
    assert.ok(line.candidates.includes('awareness') && line.candidates.includes('attack'));
    assert.ok(isLeft(line));
  });

  it('coming back does not excuse who writes to people in their own names', async () => {
    const given = [MONDAY, MONDAY + 9 * DAY].map((at) =>
      burst(10, at, (i) => ({ ...lure, ...toOneself(i) })),
    );
    assert.ok((await linesOf(...given)).campaigns > 0);
  });
});

describe('an attack that the gate lets go', () => {
  const table: [string, Fact[], boolean][] = [
    [
      'people in their own names, lures and no sign of a device',
      burst(20, MONDAY, (i) => ({ helo: 'WIN-0A1', subject: 'Caller left VM message', ...toOneself(i) })),
      false,
    ],
    [
      'one subject in the name of a department, from hosts of many networks',
      burst(24, MONDAY, (i) => ({
        address: `139.28.${i % 8}.7`,
        helo: 'vps.example',
        subject: 'ACH authorization form',
        dmarc: 'fail',
      })),
      false,
    ],
    [
      'a batch of an own server: once a month to everybody, with words that attackers like',
      burst(60, MONDAY, () => ({
        helo: 'localhost',
        subject: 'Salary statement for May',
        p1: 'hr@contoso.test',
        p2: 'hr@contoso.test',
        dmarc: 'fail',
      })),
      true,
    ],
    [
      'a single message of a server that calls itself by its address, and that SPF does not know',
      burst(1, MONDAY, () => ({ helo: '[139.28.36.230]', subject: 'Quarterly report', dmarc: 'fail' })),
      true,
    ],
    [
      'scans to those who made them, on the first day of a copier',
      burst(10, MONDAY, (i) => ({
        helo: 'copieur-etage-2',
        subject: 'Scanned image from MX-3071',
        dmarc: 'fail',
        ...toOneself(i),
      })),
      true,
    ],
  ];
  for (const [name, given, left] of table)
    it(`${name}: ${left ? 'stays on the list' : 'is let go'}`, async () => {
      const { lines } = await linesOf(given);
      assert.deepEqual(
        lines.map((line) => isLeft(line)),
        lines.map(() => left),
        JSON.stringify(lines.map(({ class: kind, candidates }) => ({ kind, candidates }))),
      );
    });

  it('a site that scans to its own people for a week is no campaign, busy as it is', async () => {
    const days = Array.from({ length: 6 }, (_, day) =>
      burst(10, MONDAY + day * DAY, (i) => ({
        kind: 'email-events',
        subject: 'Document',
        dmarc: 'fail',
        compauth: 'fail',
        ...toOneself(i),
      })),
    );
    const { campaigns, lines } = await linesOf(...days);
    assert.equal(campaigns, 0);
    assert.ok(lines.every(isLeft));
  });
});

describe('a campaign that wants to look like something else', () => {
  const own = { helo: 'vps.example', dmarc: 'fail' } as const;
  const table: [string, (index: number) => Given][] = [
    ['an answer to a meeting', (i) => ({ ...own, ...toOneself(i), subject: 'Accepted: voice message' })],
    [
      'mail of a list',
      (i) => ({ ...own, ...toOneself(i), kind: 'message', extra: { 'List-Id': '<all.contoso.test>' } }),
    ],
    [
      'a notice of Microsoft, in own envelopes over the internet',
      (i) => ({
        ...own,
        ...toOneself(i),
        p2: 'quarantine@messaging.microsoft.com',
        subject: 'Quarantined mail',
      }),
    ],
  ];
  for (const [name, of] of table)
    it(`is found all the same: ${name}`, async () => {
      const { campaigns, lines } = await linesOf(burst(20, MONDAY, of));
      assert.equal(campaigns, 1, JSON.stringify(lines.map(({ class: kind }) => kind)));
    });

  it('a scanner that nobody knows and that writes to many at once is not handed a way in', async () => {
    const given = burst(30, MONDAY, () => ({
      helo: 'RNP0026736A1B2C',
      subject: 'Scan from copier',
      p1: 'scan@contoso.test',
      p2: 'scan@contoso.test',
    }));
    const { lines } = await linesOf(given, weeks());
    const [stranger, known] = ['139.28.36.230', '46.14.2.9'].map((address) =>
      lines.find(({ addresses }) => addresses.includes(address)),
    );
    assert.ok(stranger?.candidates.includes('attack'), JSON.stringify(stranger?.candidates));
    assert.equal(stranger?.wayOut.kind, 'investigate');
    assert.equal(known?.wayOut.kind, 'relay-source');
  });

  it('who calls itself a service gets no connector by address on its own word', async () => {
    const given = burst(30, MONDAY, () => ({
      helo: 'psm.knowbe4.com',
      tls: 'none',
      subject: 'Payroll update',
    }));
    const { lines } = await linesOf(given);
    assert.equal(lines[0]?.class, 'awareness');
    assert.equal(lines[0]?.wayOut.kind, 'investigate');
  });
});

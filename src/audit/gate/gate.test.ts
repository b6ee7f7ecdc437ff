import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EvidenceKind } from '../evidence/observation.ts';
import type { Tally } from '../facts/facts.ts';
import { factOf, type Told } from '../facts/fact.ts';
import type { SenderLine } from '../inventory/line.ts';
import { ConnectorProofs, silentSenders } from './after.ts';
import { coverageOf, type FileCounts } from './coverage.ts';
import { gatesOf } from './gate.ts';

const DAY = 86_400_000;
const FIRST = 20_500;

function lineOf(told: Partial<SenderLine> = {}): SenderLine {
  return {
    id: 's1',
    key: 'k',
    name: 'mfp',
    class: 'device',
    candidates: [told.class ?? 'device'],
    lacks: [],
    confidence: 1,
    reasons: [],
    directSend: 'proven',
    messages: { total: 400, proven: 400, candidates: 0, perDay: 10 },
    missing: {},
    networks: ['203.0.113.0/24'],
    addresses: [],
    helos: [],
    names: [],
    tls: {},
    connectors: {},
    rhythm: { hours: [], weekdays: [], activeDays: 1, regularity: 1, businessHours: 1, pattern: 'steady' },
    days: {},
    domains: { 'contoso.test': 1 },
    senders: ['scan@contoso.test'],
    authors: [],
    recipients: { count: 1, more: false, some: [] },
    subjects: [],
    authentication: { spf: {}, dkim: {}, dmarc: {} },
    abuse: { messages: 0, reasons: [], hidden: 0, campaigns: [] },
    evidence: {},
    wayOut: { kind: 'nothing', why: '' },
    ...told,
  };
}

function talliesOf(days: number, kinds: EvidenceKind[], step = 1): Tally[] {
  return Array.from({ length: days }, (_, i) => i).flatMap((i) =>
    kinds.flatMap((kind) => [
      { day: FIRST + i * step, kind, relevance: 'keep' as const, count: 10 },
      { day: FIRST + i * step, kind, relevance: 'foreign' as const, count: 90 },
    ]),
  );
}

const NOW = (FIRST + 60) * DAY;
const GOOD = coverageOf(talliesOf(60, ['trace', 'trace-detail']), { proven: 10, candidates: 0 }, NOW, true);

describe('the gate', () => {
  const table: [string, SenderLine[], string][] = [
    [
      'somebody left',
      [lineOf()],
      'Safe to switch on for contoso.test: no; 1 sender left, 10 messages a day.',
    ],
    [
      'candidates count',
      [lineOf({ directSend: 'candidate' }), lineOf()],
      'Safe to switch on for contoso.test: no; 2 senders left, 20 messages a day.',
    ],
    [
      'attacks shall break',
      [lineOf({ class: 'attack' })],
      'Safe to switch on for contoso.test: yes; no sender left in 60 days of evidence.',
    ],
    [
      'decided',
      [lineOf({ note: { decision: 'ignored' } }), lineOf({ note: { decision: 'migrated' } })],
      'Safe to switch on for contoso.test: yes; no sender left in 60 days of evidence.',
    ],
    [
      'approved, and not yet moved',
      [lineOf({ note: { decision: 'approved' } })],
      'Safe to switch on for contoso.test: no; 1 sender left, 10 messages a day.',
    ],
    [
      'of another domain',
      [lineOf({ domains: { 'contoso.example': 9 } })],
      'Safe to switch on for contoso.test: yes; no sender left in 60 days of evidence.',
    ],
    [
      'of nobody that is known by name',
      [lineOf({ directSend: 'candidate', domains: {} })],
      'Safe to switch on for contoso.test: no; 1 sender left, 10 messages a day.',
    ],
    [
      'shown with the name of a stranger, and in an own envelope as Microsoft says',
      [lineOf({ directSend: 'candidate', domains: { 'else.example': 3 } })],
      'Safe to switch on for contoso.test: no; 1 sender left, 10 messages a day.',
    ],
    [
      'half of another domain',
      [lineOf({ domains: { 'contoso.test': 1, 'contoso.example': 1 } })],
      'Safe to switch on for contoso.test: no; 1 sender left, 5 messages a day.',
    ],
    [
      'hardly anything',
      [lineOf({ messages: { total: 1, proven: 1, candidates: 0, perDay: 0.02 } })],
      'Safe to switch on for contoso.test: no; 1 sender left, less than one message a day.',
    ],
  ];
  for (const [name, lines, text] of table)
    it(name, () => assert.equal(gatesOf(['contoso.test', 'contoso.example'], lines, GOOD)[0]?.text, text));

  const whole: EvidenceKind[] = ['trace', 'trace-detail'];
  const file = { name: 'a.csv', kind: 'trace', outcome: 'read', refused: 0, rows: 4321 } as const;
  const thin: [string, Tally[], FileCounts[], number?][] = [
    ['nothing', [], []],
    ['five days', talliesOf(5, whole), []],
    ['a trace without details', talliesOf(60, ['trace']), []],
    ['stored mail of two months', talliesOf(60, ['message']), []],
    ['counts of two months, and a few stored messages', talliesOf(60, ['inbound-report', 'message']), []],
    ['samples', talliesOf(60, ['change-optics', 'message']), []],
    ['reports', talliesOf(60, ['dmarc', 'message']), []],
    [
      'stored mail of two months, and three days of a trace',
      [...talliesOf(60, ['message']), ...talliesOf(3, whole)],
      [],
    ],
    ['a day in two', talliesOf(16, whole, 2), []],
    ['evidence of another time', talliesOf(60, whole), [], NOW + 40 * DAY],
    ['a selection', talliesOf(60, whole).filter(({ relevance }) => relevance === 'keep'), []],
    ['rows that could not be read', talliesOf(60, whole), [{ ...file, outcome: 'partly', refused: 100 }]],
    ['a file that nobody understood', talliesOf(60, whole), [{ ...file, outcome: 'question', rows: 0 }]],
    ['an export that was cut', talliesOf(60, whole), [{ ...file, rows: 5000 }]],
    ['one in a compressed file', talliesOf(60, whole), [{ ...file, name: 'a.csv.gz!', rows: 5000 }]],
    ['one that is a list of objects', talliesOf(60, whole), [{ ...file, name: 'a.json', rows: 1000 }]],
    ['a file without its end', talliesOf(60, whole), [{ ...file, outcome: 'partly', cut: true }]],
    ['three weeks: what comes once a month is hardly in it', talliesOf(21, whole), [], (FIRST + 21) * DAY],
    [
      'mail that came in to domains that nobody named',
      [...talliesOf(60, whole), ...talliesOf(60, ['email-events']).map(unnamed)],
      [],
    ],
  ];
  function unnamed(tally: Tally): Tally {
    return { ...tally, relevance: 'unnamed' };
  }
  for (const [name, tallies, files, now = NOW] of thin)
    it(`never says yes on ${name}`, () => {
      const coverage = coverageOf(tallies, { proven: 0, candidates: 0 }, now, true, files);
      assert.equal(gatesOf(['contoso.test'], [], coverage)[0]?.answer, 'unknown');
    });

  it('says yes on the four weeks that EmailEvents reach back, weekends without any, and a stray recipient', () => {
    const tallies = talliesOf(28, ['email-events']).filter(({ day }) => day % 7 > 1 || day === FIRST);
    const stray: Tally = { day: FIRST, kind: 'email-events', relevance: 'unnamed', count: 2 };
    const coverage = coverageOf([...tallies, stray], { proven: 9, candidates: 0 }, (FIRST + 28) * DAY, true);
    assert.equal(gatesOf(['contoso.test'], [], coverage)[0]?.answer, 'yes');
  });

  it('says yes on two months of everything, few refused rows and files of any other length', () => {
    const files: FileCounts[] = [file, { ...file, name: 'b.ndjson', rows: 5000 }, { ...file, refused: 3 }];
    const coverage = coverageOf(talliesOf(60, whole), { proven: 0, candidates: 0 }, NOW, true, files);
    assert.equal(gatesOf(['contoso.test'], [], coverage)[0]?.answer, 'yes');
  });

  it('believes nobody that a sender was moved whose mail still comes without a connector', () => {
    const note = { decision: 'migrated', decidedAt: NOW } as const;
    const answers = [NOW - DAY, NOW + DAY / 2, NOW + 2 * DAY].map(
      (last) => gatesOf(['contoso.test'], [lineOf({ note, last })], GOOD)[0]?.answer,
    );
    assert.deepEqual(answers, ['yes', 'yes', 'no']);
  });

  it('does not let go what may be an attack and may be something else', () => {
    const line = lineOf({ class: 'attack', candidates: ['attack', 'awareness'] });
    assert.equal(gatesOf(['contoso.test'], [line], GOOD)[0]?.answer, 'no');
  });
});

describe('coverage', () => {
  const table: [string, Tally[], boolean, RegExp][] = [
    ['nothing', [], true, /no evidence/],
    ['samples', talliesOf(60, ['change-optics']), true, /No source is complete/],
    ['a trace', talliesOf(60, ['trace']), true, /No source tells of connectors/],
    ['a connector report', talliesOf(60, ['connector-report']), true, /envelope senders/],
    ['a week', talliesOf(7, ['trace', 'trace-detail']), true, /spans 7 days/],
    ['holes', talliesOf(30, ['trace', 'trace-detail'], 2), true, /29 days in between/],
    ['old', talliesOf(40, ['trace', 'trace-detail']), true, /newest evidence is 20 days old/],
    ['MX elsewhere', talliesOf(60, ['dmarc']), false, /MX records lead elsewhere/],
  ];
  for (const [name, tallies, mx, wanted] of table)
    it(`${name} is said`, () =>
      assert.match(coverageOf(tallies, { proven: 1, candidates: 1 }, NOW, mx).blind.join('\n'), wanted));

  it('counts a message once, however many sources tell of it', () => {
    assert.deepEqual(
      [GOOD.messages, GOOD.days, GOOD.gaps, GOOD.proven],
      [{ keep: 600, foreign: 5400 }, 60, 0, 1],
    );
  });
});

describe('silence', () => {
  const since = (FIRST + 40) * DAY;
  const steady = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [FIRST + i, 5]));
  const table: [string, Partial<SenderLine>, number, boolean][] = [
    ['every day, then nothing for ten', { days: steady }, 10, true],
    ['every day, then nothing for one', { days: steady }, 1, false],
    ['goes on', { days: { ...steady, [FIRST + 44]: 1 } }, 10, false],
    ['once a month', { days: { [FIRST]: 5, [FIRST + 30]: 5 } }, 10, false],
    ['an attack', { days: steady, class: 'attack' }, 10, false],
    ['new', { days: { [FIRST + 42]: 5 } }, 10, false],
  ];
  for (const [name, told, days, silent] of table)
    it(`${name}: ${silent ? 'fallen silent' : 'no finding'}`, () =>
      assert.equal(
        silentSenders([lineOf({ last: 1, ...told })], since, since + days * DAY).length,
        silent ? 1 : 0,
      ));
});

describe('the proof of a connector', () => {
  const through: Partial<Told> = { connector: { name: 'Postern' }, address: '198.51.100.2' };
  const without: Partial<Told> = { connector: 'none', address: '203.0.113.25' };
  const table: [string, Partial<Told>[], string][] = [
    ['all of it', [through, through], 'proven'],
    ['some of it', [through, without], 'mixed'],
    ['none of it', [without], 'still-direct'],
    ['nobody tells', [{ address: '203.0.113.25' }], 'not-told'],
    ['no mail', [], 'silent'],
    ['before the switch', [{ ...through, at: 5 }], 'silent'],
    ['a stranger with its address', [{ ...without, address: '139.28.36.230' }], 'silent'],
  ];
  for (const [name, facts, state] of table)
    it(`${name}: ${state}`, () => {
      const proofs = new ConnectorProofs([lineOf()], 1000);
      for (const told of facts)
        proofs.add(
          factOf({ kind: 'trace-detail', file: 1, row: 1, at: 2000, p1: 'scan@contoso.test', ...told }),
        );
      assert.equal(proofs.all[0]?.state, state);
    });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalEvent } from '../journal/event.ts';
import { ManualClock } from '../platform/clock.ts';
import type { Alert, NoticeKind } from './alert.ts';
import { AlertBook } from './book.ts';
import { RateCounter } from './rate-counter.ts';
import { builtInRules, type Rule, ruleFields } from './rule.ts';

function scene(...rules: Rule[]) {
  const clock = new ManualClock();
  const told: { kind: NoticeKind; count: number; at: number; alert: Alert }[] = [];
  const muted = { now: false };
  const start = clock.now();
  let ids = 0;
  const book = new AlertBook({
    clock,
    newId: () => `alr_${++ids}`,
    isMuted: () => muted.now,
    changed: () => {},
    tell: (kind, alert) => told.push({ kind, count: alert.count, at: (clock.now() - start) / 1000, alert }),
  });
  book.setRules(rules);
  const see = (event: Partial<JournalEvent> = {}, times = 1) => {
    for (let n = 0; n < times; n++) {
      book.see({
        type: 'alarm',
        code: 'on-battery',
        source: 'src_ups',
        outcome: 'warning',
        ...event,
        at: clock.now(),
      });
    }
  };
  /** Seconds pass, one after another. */
  const pass = (seconds: number) => {
    for (let n = 0; n < seconds; n++) {
      clock.advance(1000);
      book.tick();
    }
  };
  return {
    clock,
    book,
    told,
    muted,
    see,
    pass,
    kinds: () => told.map(({ kind, count }) => `${kind} ${count}`),
  };
}

const rule = (fields: Partial<Rule> = {}) =>
  ruleFields.parse({
    name: 'alarm',
    severity: 'as-event',
    when: { kind: 'events', types: ['alarm'] },
    gatherSeconds: 10,
    quietSeconds: 60,
    repeatSeconds: 0,
    ...fields,
  });

test('six hundred alarms of one kind from one source are one message and a count', () => {
  const { see, pass, kinds, told } = scene(rule());
  see({}, 600);
  pass(200);
  assert.deepEqual(kinds(), ['opened 600']);
  assert.equal(told[0]?.at, 10);
});

test('what comes after the first message is told as a total when the storm is over', () => {
  const { see, pass, kinds, told } = scene(rule());
  see({}, 100);
  pass(20);
  see({}, 500);
  pass(59);
  assert.deepEqual(kinds(), ['opened 100']);
  pass(1);
  assert.deepEqual(kinds(), ['opened 100', 'closed 600']);
  assert.equal(told[1]?.alert.state, 'closed');
});

test('a new storm after the quiet time is a new alert', () => {
  const { see, pass, told } = scene(rule());
  see();
  pass(61);
  see();
  pass(10);
  assert.deepEqual(
    told.map(({ alert }) => alert.id),
    ['alr_1', 'alr_2'],
  );
});

const CLOSINGS: [closing: Rule['closing'], after: number, expected: string[]][] = [
  ['grown', 0, ['opened 1']],
  ['grown', 1, ['opened 1', 'closed 2']],
  ['always', 0, ['opened 1', 'closed 1']],
  ['never', 1, ['opened 1']],
];
for (const [closing, after, expected] of CLOSINGS) {
  test(`closing ${closing}, ${after} more after the first message`, () => {
    const { see, pass, kinds } = scene(rule({ closing }));
    see();
    pass(15);
    see({}, after);
    pass(70);
    assert.deepEqual(kinds(), expected);
  });
}

const FOLDS: [by: Rule['by'], expected: number][] = [
  [[], 1],
  [['code'], 2],
  [['source'], 2],
  [['code', 'source'], 3],
];
for (const [by, expected] of FOLDS) {
  test(`folded by ${by.join(' and ') || 'the rule alone'}: ${expected} alerts`, () => {
    const { see, pass, told } = scene(rule({ by }));
    see({ code: 'on-battery', source: 'src_a' });
    see({ code: 'on-battery', source: 'src_b' });
    see({ code: 'low-battery', source: 'src_b' });
    pass(10);
    assert.equal(told.length, expected);
  });
}

test('without a source the network stands for it', () => {
  const { see, pass, told } = scene(rule({ by: ['source'] }));
  see({ source: undefined, network: '192.0.2.1' }, 2);
  see({ source: undefined, network: '192.0.2.2' });
  pass(10);
  assert.deepEqual(
    told.map(({ alert }) => [alert.network, alert.count]),
    [
      ['192.0.2.1', 2],
      ['192.0.2.2', 1],
    ],
  );
});

test('it is told again while it grows, and not once somebody has said that they know', () => {
  const { book, see, pass, kinds } = scene(rule({ repeatSeconds: 30, closing: 'never' }));
  const each = (count: number) => {
    for (let n = 0; n < count; n++) {
      see();
      pass(10);
    }
  };
  each(5);
  assert.deepEqual(kinds(), ['opened 1', 'continues 4']);
  assert.ok(book.acknowledge('alr_1', 'ann'));
  each(6);
  assert.deepEqual(kinds(), ['opened 1', 'continues 4']);
  assert.equal(book.acknowledge('alr_9', 'ann'), false);
});

test('it is not told again when nothing more has happened', () => {
  const { see, pass, kinds } = scene(rule({ repeatSeconds: 20 }));
  see();
  pass(59);
  assert.deepEqual(kinds(), ['opened 1']);
});

test('muted, it is counted; told when the mute ends before it is over', () => {
  const { see, pass, muted, kinds } = scene(rule());
  muted.now = true;
  see({}, 3);
  pass(20);
  assert.deepEqual(kinds(), []);
  muted.now = false;
  pass(1);
  assert.deepEqual(kinds(), ['opened 3']);
});

test('a storm that was muted to its end is not told at all', () => {
  const { see, pass, muted, kinds, book } = scene(rule());
  muted.now = true;
  see({}, 3);
  pass(61);
  muted.now = false;
  pass(10);
  assert.deepEqual(kinds(), []);
  assert.equal(book.openCount, 0);
});

test('a rule with a count makes an alert of so many in its time', () => {
  const when = {
    kind: 'events' as const,
    types: ['refusal' as const],
    codes: [],
    outcomes: [],
    count: 5,
    withinSeconds: 60,
  };
  const { clock, see, pass, kinds } = scene(rule({ when, by: ['source'] }));
  for (let n = 0; n < 8; n++) {
    see({ type: 'refusal' });
    clock.advance(30_000);
  }
  pass(10);
  assert.deepEqual(kinds(), [], 'two or three a minute');
  see({ type: 'refusal' }, 5);
  pass(10);
  assert.match(kinds()[0] ?? '', /^opened [5-7]$/);
});

test('the severity is what the gravest event says', () => {
  const { see, pass, told } = scene(rule({ by: [] }));
  see({ outcome: 'info' });
  see({ outcome: 'critical' });
  see({ outcome: 'warning' });
  pass(10);
  assert.equal(told[0]?.alert.severity, 'critical');
});

test('more keys than there is room for are counted together', () => {
  const { see, pass, told, book } = scene(rule());
  for (let n = 0; n < 3000; n++) see({ source: `src_${n}` });
  assert.equal(book.openCount, 1001);
  pass(10);
  const rest = told.find(({ alert }) => alert.key === '*');
  assert.equal(rest?.count, 2000);
  assert.equal(rest?.alert.source, undefined);
});

test('a clock that is set back does not keep an alert open for ever', () => {
  const { book, see, pass, clock, kinds } = scene(rule());
  book.see({ type: 'alarm', code: 'on-battery', source: 'src_ups', at: clock.now() + 86_400_000 });
  pass(62);
  assert.deepEqual(kinds(), ['opened 1']);
  assert.equal(book.openCount, 0);
  see();
});

test('a rule that is turned off closes what it has opened, without a message', () => {
  const { book, see, pass, kinds } = scene(rule());
  see();
  book.setRules([]);
  pass(20);
  assert.deepEqual(kinds(), []);
  assert.equal(book.openCount, 0);
});

const BUILT_IN: [event: JournalEvent, times: number, rule: string | undefined][] = [
  [{ type: 'alarm', code: 'canary-used', outcome: 'critical' }, 1, 'alarm'],
  [{ type: 'system', code: 'X901', text: 'no space' }, 1, 'system-trouble'],
  [{ type: 'system', text: 'started' }, 10, undefined],
  [{ type: 'refusal', code: 'R501', source: 'src_a' }, 49, undefined],
  [{ type: 'refusal', code: 'R501', source: 'src_a' }, 50, 'refusal-rate'],
  [{ type: 'attempt', outcome: 'delivered', destination: 'mx.example' }, 50, undefined],
  [{ type: 'attempt', outcome: 'deferred', destination: 'mx.example' }, 20, 'delivery-failures'],
];
for (const [event, times, expected] of BUILT_IN) {
  test(`built in: ${times} of ${event.type} ${event.code ?? event.outcome ?? ''} make ${expected ?? 'nothing'}`, () => {
    const { book, clock, pass, told } = scene(...builtInRules());
    for (let n = 0; n < times; n++) book.see({ ...event, at: clock.now() });
    pass(12);
    assert.deepEqual(
      told.map(({ alert }) => alert.rule),
      expected === undefined ? [] : [expected],
    );
  });
}

test('a count under ever new keys is bounded; the one that came first goes first', () => {
  const counter = new RateCounter(1000, 3);
  for (const [key, at] of [
    ['a', 0],
    ['b', 1],
    ['c', 2],
    ['d', 3],
  ] as const)
    counter.add(key, at);
  assert.equal(counter.size, 3);
  assert.equal(counter.add('b', 4), 2);
  assert.equal(counter.add('a', 5), 1, 'it had gone');
  counter.add('late', 5000);
  assert.equal(counter.size, 1, 'what nobody asks for goes first of all');
});

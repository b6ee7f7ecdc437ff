import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../platform/clock.ts';
import type { SurveyRow } from '../spool/spool.ts';
import type { Asleep } from './backoff.ts';
import { FixedRoutes, route } from './fixtures.ts';
import { Waiting } from './waiting.ts';

const row = (more: Partial<SurveyRow>): SurveyRow => ({
  domain: 'a.example',
  source: 'src_a',
  from: 'x@corp.example',
  deliveries: 1,
  bytes: 100,
  oldestAt: 1000,
  nextAttemptAt: 5000,
  attempts: 0,
  ...more,
});

function waitingOf(steps: SurveyRow[][], asleep: Pick<Asleep, 'destination'>[] = []) {
  const clock = new ManualClock();
  let looks = 0;
  const waiting = new Waiting({
    clock,
    routes: new FixedRoutes(
      route('mx'),
      route('cloud', {
        match: { senderDomain: 'cloud.example' },
        target: { kind: 'smarthost', hosts: [{ host: 'h', port: 25 }], implicitTls: false },
      }),
    ),
    spool: {
      survey: async (each) => {
        looks++;
        for (const step of steps) each(step);
      },
    },
    asleep: () =>
      asleep.map((one) => ({ failures: 3, since: 10, until: 20, reply: '421 no', domains: [], ...one })),
  });
  return { waiting, clock, looks: () => looks };
}

describe('what waits, as a whole', () => {
  it('is counted by domain and route, the most first, over all steps', async () => {
    const { waiting } = waitingOf([
      [row({ deliveries: 2, attempts: 1, lastReply: '451 4.7.1 later' }), row({ from: 'y@cloud.example' })],
      [row({ deliveries: 3, oldestAt: 500, nextAttemptAt: 9000 }), row({ domain: 'b.example' })],
    ]);
    const { groups, held, leftOut } = await waiting.view();
    assert.deepEqual(
      groups.map(({ route: by, domain, deliveries, untried }) => [by, domain, deliveries, untried]),
      [
        ['mx', 'a.example', 5, 3],
        ['cloud', 'a.example', 1, 1],
        ['mx', 'b.example', 1, 1],
      ],
    );
    assert.deepEqual([groups[0]?.oldestAt, groups[0]?.nextAttemptAt, groups[0]?.bytes], [500, 5000, 200]);
    assert.deepEqual([held, leftOut], [[], 0]);
  });

  it('replies that differ in numbers only are one reason', async () => {
    const { waiting } = waitingOf([
      [
        row({ attempts: 1, lastReply: '451 4.7.1 Greylisted, come back in 120 s (id 4Xyz7)' }),
        row({ attempts: 1, lastReply: '451 4.7.1 Greylisted, come back in 90 s (id 9Abc1)' }),
        row({ attempts: 1, lastReply: '452 4.2.2 Mailbox full', deliveries: 1 }),
        row({ attempts: 1, lastReply: 'D951 451 4.7.1 Greylisted, come back in 90 s (id 9Abc1)' }),
      ],
    ]);
    const { groups } = await waiting.view();
    assert.deepEqual(
      groups[0]?.reasons.map(({ reply, deliveries }) => [reply.slice(0, 14), deliveries]),
      [
        ['451 4.7.1 Grey', 2],
        ['452 4.2.2 Mail', 1],
        ['D951 451 4.7.1', 1],
      ],
    );
  });

  it('what sleeps is told of by its domain with MX, by its route otherwise', async () => {
    const cloud = { name: 'cloud', target: { kind: 'smarthost' } };
    const mx = { name: 'mx', target: { kind: 'mx' } };
    const { waiting } = waitingOf(
      [[row({}), row({ domain: 'b.example' }), row({ domain: 'c.example', from: 'y@cloud.example' })]],
      [
        { destination: { hop: { route: mx, domain: 'b.example' } } as unknown as Asleep['destination'] },
        { destination: { hop: { route: cloud, domain: 'other' } } as unknown as Asleep['destination'] },
      ],
    );
    const { groups } = await waiting.view();
    assert.deepEqual(Object.fromEntries(groups.map(({ domain, asleep }) => [domain, asleep?.reply])), {
      'a.example': undefined,
      'b.example': '421 no',
      'c.example': '421 no',
    });
  });

  it('what is held is counted by reason and source', async () => {
    const { waiting } = waitingOf([
      [row({ hold: 'limit' }), row({ hold: 'limit', domain: 'z.example', oldestAt: 7 })],
      [row({ hold: 'limit', source: 'src_b' }), row({ hold: 'operator', lastReply: 'its body is gone' })],
    ]);
    const { groups, held } = await waiting.view();
    assert.deepEqual(groups, []);
    assert.deepEqual(
      held.map(({ hold, source, deliveries, oldestAt }) => [hold, source, deliveries, oldestAt]),
      [
        ['limit', 'src_a', 2, 7],
        ['limit', 'src_b', 1, 1000],
        ['operator', 'src_a', 1, 1000],
      ],
    );
  });

  it('more domains than anybody reads are counted together', async () => {
    const { waiting } = waitingOf([
      Array.from({ length: 20_003 }, (_, index) => row({ domain: `d${index}.example`, deliveries: 2 })),
    ]);
    const { groups, leftOut } = await waiting.view();
    assert.deepEqual([groups.length, leftOut], [20_000, 6]);
  });

  it('one look answers all who ask at the same time, until it is old or the queue was changed', async () => {
    const { waiting, clock, looks } = waitingOf([[row({})]]);
    await Promise.all([waiting.view(), waiting.view()]);
    await waiting.view();
    assert.equal(looks(), 1);
    waiting.forget();
    await waiting.view();
    assert.equal(looks(), 2);
    clock.advance(301);
    await waiting.view();
    assert.equal(looks(), 3);
  });
});

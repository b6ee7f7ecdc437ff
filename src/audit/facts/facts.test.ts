import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { openAuditStore } from '../../store/audit-store.ts';
import { tenantWith } from '../../edge/fixtures.ts';
import type { Observation } from '../evidence/observation.ts';
import { type Fact, factOf, mergeFacts } from './fact.ts';
import { Facts } from './facts.ts';
import { hashOf } from './hash.ts';
import { relevanceOf } from './relevance.ts';
import { Sketch } from './sketch.ts';

const AT = Date.UTC(2026, 4, 4, 9);
const TENANT = tenantWith();
const ID = 'a'.repeat(32);

const trace: Observation = {
  kind: 'trace',
  file: 1,
  row: 1,
  at: AT,
  traceId: ID,
  messageId: '<1@mfp>',
  sender: 'scanner@contoso.test',
  recipient: 'joe@contoso.test',
  address: '203.0.113.25',
  status: 'delivered',
};
const detail: Observation = {
  kind: 'trace-detail',
  file: 2,
  row: 1,
  event: 'receive',
  at: AT + 900,
  traceId: ID,
  recipient: 'joe@contoso.test',
  p1: 'scanner@contoso.test',
  address: '203.0.113.25',
  helo: 'MFP-3F',
  connector: 'none',
};
const hunted: Observation = {
  kind: 'email-events',
  file: 3,
  row: 7,
  at: AT,
  messageId: '<1@mfp>',
  networkMessageId: ID,
  p1: 'scanner@contoso.test',
  p2: 'scanner@contoso.test',
  recipient: 'joe@contoso.test',
  connector: { name: 'old' },
  dmarc: 'fail',
};

async function facts(t: TestContext): Promise<Facts> {
  const db = await openAuditStore(':memory:');
  t.after(() => db.destroy());
  return new Facts(db, TENANT);
}

async function all(source: Facts): Promise<Fact[]> {
  const found: Fact[] = [];
  for await (const fact of source.scan()) found.push(fact);
  return found;
}

async function take(into: Facts, observations: Observation[]): Promise<void> {
  const { number } = await into.file(String(hashOf(JSON.stringify(observations))), 'export.csv');
  for (const observation of observations) into.add(observation);
  await into.checkpoint(number, { row: observations.length }, true);
}

describe('what is told of one message', () => {
  const parts = [trace, detail, hunted, { ...detail, event: 'deliver', address: '10.0.0.1' } as Observation];
  it('is the same in whatever order and however often it is told', () => {
    const expected = parts.map(factOf).reduce(mergeFacts);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 9 }), (more) => {
        const facts = [...more, ...parts].map(factOf);
        assert.deepEqual(facts.reduceRight(mergeFacts), expected);
      }),
    );
  });

  it('is taken from the surest source, field by field, and says which that was', () => {
    const { told, origins, kinds } = parts.map(factOf).reduce(mergeFacts);
    assert.deepEqual(
      [told.connector, origins.connector, told.p2, origins.p2, told.address],
      ['none', 'trace-detail', 'scanner@contoso.test', 'email-events', '203.0.113.25'],
    );
    assert.deepEqual(kinds, ['email-events', 'trace', 'trace-detail']);
    assert.equal(told.compauth, undefined);
  });

  const table: [string, Partial<Observation>, Partial<Observation>, Partial<Observation>][] = [
    [
      'a blank address says less than an address',
      { address: '' },
      { address: '192.0.2.1' },
      { address: '192.0.2.1' },
    ],
    [
      'a domain says less than an address',
      { p1: '@contoso.test' },
      { p1: 'a@contoso.test' },
      { p1: 'a@contoso.test' },
    ],
    ['the last word on the fate', { status: 'pending' }, { status: 'failed' }, { status: 'failed' }],
    ['the earliest time', { at: 5 }, { at: 3 }, { at: 3 }],
  ];
  for (const [name, one, two, wanted] of table) {
    it(name, () => {
      const [a, b] = [one, two].map((told) => factOf({ kind: 'trace', file: 1, row: 1, ...told }));
      assert.deepEqual(mergeFacts(a!, b!).told, wanted);
      assert.deepEqual(mergeFacts(b!, a!).told, wanted);
    });
  }
});

it('nothing that strangers write is kept at length', () => {
  const long = 'x'.repeat(1_000_000);
  const many = Object.fromEntries(Array.from({ length: 9999 }, (_, i) => [`n${i}`, long]));
  const attachments = Array.from({ length: 9999 }, () => ({ name: long }));
  const fact = factOf({ ...trace, subject: long, extra: many, attachments });
  assert.ok(JSON.stringify(fact).length < 120_000);
});

describe('what is kept', () => {
  const table: [string, Partial<Observation>, string][] = [
    ['own sender from outside', {}, 'keep'],
    ['a mailbox of the service: blank address', { address: '' }, 'internal'],
    ['others', { sender: 'a@else.example' }, 'foreign'],
    ['to others', { recipient: 'a@else.example' }, 'outgoing'],
    [
      'in without a connector, to a domain that nobody named',
      { recipient: 'a@else.example', direction: 'incoming', connector: 'none' },
      'unnamed',
    ],
    [
      'in by a connector, to others: relayed',
      { recipient: 'a@else.example', direction: 'incoming', connector: { type: 'OnPremises' } },
      'outgoing',
    ],
    [
      'own envelope behind a strange name',
      { sender: undefined, p2: 'a@else.example', p1: 'x@contoso.test' },
      'keep',
    ],
    ['below an own domain', { sender: 'x@news.contoso.test' }, 'keep'],
    ['originating without connector', { direction: 'originating' }, 'internal'],
    ['originating over own servers', { direction: 'originating', connector: { type: 'OnPremises' } }, 'keep'],
    ['intra-org, and yet from the internet', { direction: 'intra-org' }, 'keep'],
    [
      'a detail of a foreign envelope: its author is not known',
      { kind: 'trace-detail', sender: undefined, p1: 'a@else.example' },
      'keep',
    ],
  ];
  for (const [name, told, wanted] of table)
    it(name, () => assert.equal(relevanceOf(TENANT, { ...trace, ...told }), wanted));
});

describe('the store of facts', () => {
  it('joins sources over runs, and rows that come twice change nothing', async (t) => {
    const store = await facts(t);
    await take(store, [trace, trace]);
    await take(store, [detail]);
    await take(store, [hunted, trace, detail]);
    const [fact, ...more] = await all(store);
    assert.deepEqual(more, []);
    assert.deepEqual(fact, [trace, detail, hunted].map(factOf).reduce(mergeFacts));
    assert.deepEqual(
      (await store.tallies()).map(({ kind, count }) => [kind, count]),
      [
        ['email-events', 1],
        ['trace', 1],
        ['trace-detail', 1],
      ],
    );
  });

  it('brings two together when a third shows that they are one', async (t) => {
    const store = await facts(t);
    const byMessage: Observation = { ...hunted, networkMessageId: undefined, kind: 'change-optics' };
    await take(store, [detail, byMessage]);
    assert.equal((await all(store)).length, 2);
    await take(store, [hunted]);
    assert.equal((await all(store)).length, 1);
  });

  it('keeps two journeys of one Message-ID apart', async (t) => {
    const store = await facts(t);
    await take(store, [hunted, { ...hunted, networkMessageId: 'b'.repeat(32) }]);
    assert.equal((await all(store)).length, 2);
  });

  it('gives what a header tells to each recipient, before and after', async (t) => {
    const store = await facts(t);
    const header: Observation = {
      kind: 'message',
      file: 1,
      row: 1,
      networkMessageId: ID,
      messageId: '<1@mfp>',
      dkim: 'none',
    };
    await take(store, [trace, header, { ...trace, recipient: 'ann@contoso.test' }]);
    assert.deepEqual(
      (await all(store)).map(({ told }) => [told.recipient, told.dkim]),
      [
        ['joe@contoso.test', 'none'],
        ['ann@contoso.test', 'none'],
      ],
    );
  });

  it('finds a message without identifiers by time and address', async (t) => {
    const store = await facts(t);
    const bare: Observation = {
      kind: 'connector-report',
      file: 1,
      row: 1,
      at: AT + 20_000,
      address: '203.0.113.25',
      recipient: 'joe@contoso.test',
      sender: 'scanner@contoso.test',
      connector: 'none',
    };
    await take(store, [trace, bare, { ...bare, at: AT + 900_000 }]);
    assert.deepEqual(
      (await all(store)).map(({ kinds }) => kinds),
      [['connector-report', 'trace'], ['connector-report']],
    );
  });

  it('goes on where a run was ended, and knows what is done', async (t) => {
    const store = await facts(t);
    const { number } = await store.file('f1', 'a.csv');
    store.add(trace);
    await store.checkpoint(number, { offset: 4096 });
    assert.deepEqual(await store.file('f1', 'renamed.csv'), {
      number,
      position: { offset: 4096 },
      done: false,
    });
    await store.checkpoint(number, { offset: 9000 }, true);
    assert.equal((await store.file('f1', 'a.csv')).done, true);
    assert.equal((await store.file('f2', 'b.csv')).number, number + 1);
  });

  it('knows what the organisation had sent before', async (t) => {
    const store = await facts(t);
    await take(store, [{ ...trace, address: '', messageId: '<own@x>' }]);
    const [own, other] = ['<own@x>', '<other@x>'].map(hashOf);
    assert.deepEqual([...(await store.sentBefore(Float64Array.of(own!, other!)))], [own]);
  });
});

describe('a sketch', () => {
  for (const size of [0, 1, 90, 3000, 200_000]) {
    it(`counts ${size} within 7 %, twice or once`, () => {
      const sketch = new Sketch();
      for (let round = 0; round < 2; round++)
        for (let i = 0; i < size; i++) sketch.add(hashOf(`<${i}@mail.example> joe@contoso.test`));
      assert.ok(Math.abs(sketch.count - size) <= size * 0.07, `${sketch.count}`);
    });
  }
});

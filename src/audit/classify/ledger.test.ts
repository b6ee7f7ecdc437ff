import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptedDomainOf, tenantWith } from '../../edge/fixtures.ts';
import { type Fact, factOf, type Told } from '../facts/fact.ts';
import { decideOn, type Organisation } from './decision.ts';
import { Ledger, type Message } from './ledger.ts';
import { traitsOf } from './traits.ts';

const organisation: Organisation = {
  tenant: tenantWith([], {}, [acceptedDomainOf('contoso.test')]),
  connectorsKnown: false,
};

function fact(row: number, told: Partial<Told>): Fact {
  return factOf({ kind: 'trace', file: 1, row, ...told });
}

/** What the ledger gives back, and how often the facts were read for it. */
async function through(facts: readonly Fact[]): Promise<{ messages: Message[]; scans: number }> {
  let scans = 0;
  const seen: Fact[] = [];
  const source = {
    async *scan() {
      scans++;
      yield* facts;
    },
  };
  const ledger = await Ledger.read(source, organisation, (message) => void seen.push(message.fact));
  assert.deepEqual(seen, facts);
  const messages: Message[] = [];
  for await (const block of ledger.blocks()) messages.push(...block);
  return { messages, scans };
}

const pick = <T>(values: readonly T[], index: number): T => values[index % values.length]!;

describe('the ledger', () => {
  const varied = Array.from({ length: 10_000 }, (_, row) =>
    fact(row, {
      at: Date.UTC(2026, 4, 4) + row * 977,
      ...(row % 3 > 0 && { messageId: `<${row}@x.test>` }),
      ...(row % 5 > 0 && {
        sender: pick(['ann@contoso.test', 'Bob@sub.contoso.test', '', 'x-bounces@list.test', 'eve@'], row),
      }),
      ...(row % 7 === 0 && { p1: pick(['', 'x-bounces@list.test', '@contoso.test', 'lone'], row) }),
      ...(row % 11 > 0 && {
        recipient: pick(['ann@contoso.test', 'zoë@contoso.test', 'someone@else.test'], row),
      }),
      ...(row % 13 > 0 && {
        subject: pick(
          ['Scanned from MFP', 'Réunion', 'Payroll update 📎', '\ud83d', 'Accepted: lunch', ''],
          row,
        ),
      }),
      ...(row % 4 === 0 && { helo: pick(['mail.vendor.test', '[127.0.0.1]', 'MFP'], row), size: row }),
      ...(row % 17 === 0 && { connector: pick(['none', { name: 'Partner' }] as const, row) }),
      address: pick(['60.1.2.3', '', '2001:41d0::1'], row),
    }),
  );

  it('gives back what it was given, in the same order, from one reading', async () => {
    const { messages, scans } = await through(varied);
    assert.equal(scans, 1);
    assert.deepEqual(
      messages.map((message) => message.fact),
      varied,
    );
  });

  it('takes messages for alike only where the same follows from each of them', async () => {
    const { messages } = await through(varied);
    const manners = new Set(messages.map(({ manner }) => manner));
    assert.ok(manners.size < varied.length / 4, `${manners.size} manners`);
    for (const [index, { manner }] of messages.entries()) {
      assert.deepEqual(manner.traits, traitsOf(varied[index]!, organisation));
      assert.deepEqual(decideOn(manner.fact, organisation), decideOn(varied[index]!, organisation));
    }
  });

  it('does not mistake the end of one value for the beginning of the next', async () => {
    const { messages } = await through([
      fact(1, { helo: 'a ptr 1 b', ptr: 'c' }),
      fact(2, { helo: 'a', ptr: 'b ptr 1 c' }),
    ]);
    assert.notEqual(messages[0]!.manner, messages[1]!.manner);
  });

  it('reads again what it can not remember', async () => {
    // from some message on no two are alike
    const strange = Array.from({ length: 20_000 }, (_, row) =>
      fact(row, { at: row, helo: row < 9000 ? 'mail.vendor.test' : `host-${row}.test` }),
    ).concat(varied.slice(0, 50));
    const { messages, scans } = await through([...varied, ...strange, ...strange.slice(0, 50)]);
    assert.equal(scans, 1);
    const more = Array.from({ length: 8000 }, (_, row) => fact(row, { at: row, helo: `other-${row}.test` }));
    const rest = await through([...varied, ...strange, ...more, ...varied]);
    assert.equal(rest.scans, 2);
    assert.deepEqual(
      rest.messages.map((message) => message.fact),
      [...varied, ...strange, ...more, ...varied],
    );
    assert.equal(messages.length, varied.length + strange.length + 50);
  });

  it('stops when it is told to, between messages', async () => {
    const stop = new AbortController();
    let seen = 0;
    const source = {
      async *scan() {
        yield* varied;
      },
    };
    // the request comes as any other event does
    setImmediate(() => stop.abort(new Error('stopped')));
    const reading = Ledger.read(source, organisation, () => void seen++, stop.signal);
    await assert.rejects(reading, /stopped/);
    assert.ok(seen < varied.length, `${seen} of ${varied.length}`);
  });
});

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { observationsOf, makeTraffic } from '../../../test/support/audit-traffic.ts';
import { exchangeRow } from '../../sources/exchange/row.ts';
import { openAuditStore } from '../../store/audit-store.ts';
import { type Answer, answer } from '../answer.ts';
import type { Observation } from '../evidence/observation.ts';
import { Facts } from '../facts/facts.ts';
import type { SenderLine } from './line.ts';
import { NoteConflict, noteOn, SenderNotes } from './notes.ts';

const TRAFFIC = makeTraffic({ seed: 301, days: 40, users: 60 });
const BY = { name: 'mfp', by: 'ann' };
const NOW = Date.UTC(2026, 3, 12);

async function stage(t: TestContext, observations: Iterable<Observation>) {
  const db = await openAuditStore(':memory:');
  t.after(() => db.destroy());
  const facts = new Facts(db, TRAFFIC.organisation.tenant);
  const { number } = await facts.file('f', 'f.json');
  for (const observation of observations) facts.add(observation);
  await facts.checkpoint(number, {}, true);
  const notes = new SenderNotes(db);
  const ask = (switchedAt?: number): Promise<Answer> =>
    answer(facts, {
      organisation: TRAFFIC.organisation,
      notes,
      now: NOW,
      ...(switchedAt !== undefined && { switchedAt }),
    });
  return { facts, notes, ask };
}

function* everything(): Generator<Observation> {
  yield* observationsOf(TRAFFIC, 'trace');
  yield* observationsOf(TRAFFIC, 'trace-detail', { file: 2 });
  yield* observationsOf(TRAFFIC, 'email-events', { file: 3 });
}

describe('the inventory', () => {
  it('has a line for each real sender, ready ways out, waves and a gate', async (t) => {
    const { ask } = await stage(t, everything());
    const { senders, gates, coverage, effects, timeline } = await ask();
    const devices = senders.filter((line) => line.class === 'device');
    const real = new Set(
      TRAFFIC.messages.filter(({ truth }) => truth.class === 'device').map(({ truth }) => truth.sender),
    );
    // devices behind one address that call themselves alike are one line
    assert.ok(
      devices.length >= real.size * 0.6 && devices.length <= real.size * 1.3,
      `${devices.length} of ${real.size}`,
    );
    const blocks = new Set<string>();
    const names = new Set<string>();
    for (const { candidates, wayOut } of devices) {
      // whoever has just come and may be an attacker is asked about first
      assert.equal(wayOut.kind, candidates.includes('attack') ? 'investigate' : 'relay-source');
      if (wayOut.kind !== 'relay-source') continue;
      const row = exchangeRow.parse(wayOut.row);
      assert.ok(!names.has(row.name), row.name);
      names.add(row.name);
      for (const block of row.networks ?? []) {
        assert.ok(!blocks.has(block), `${block} is in two rows`);
        blocks.add(block);
      }
    }
    assert.ok(devices.some(({ wave }) => wave === 1) && devices.some(({ wave }) => wave === 2));
    for (const line of senders.filter((one) => one.class === 'attack'))
      assert.equal(line.wayOut.kind, line.candidates.length === 1 ? 'block' : 'investigate');
    const [gate] = gates;
    assert.equal(gate?.answer, 'no');
    assert.match(
      gate?.text ?? '',
      /^Safe to switch on for contoso\.test: no; \d+ senders left, \d+ messages a day\.$/,
    );
    assert.equal(coverage.days, 40);
    const refused = effects.reduce((sum, one) => sum + one.refused, 0);
    assert.equal(refused, TRAFFIC.messages.filter(({ truth }) => truth.directSend).length);
    assert.equal(
      timeline.reduce((sum, { proven }) => sum + proven, 0),
      refused,
    );
  });

  it('says the same a second time, and keeps what people decided', async (t) => {
    const { ask, notes } = await stage(t, everything());
    const before = await ask();
    const left = before.gates[0]!.left;
    const line = before.senders.find(({ id }) => id === left[0]!.id)!;
    await notes.set(
      line.key,
      { decision: 'ignored', owner: 'ann@contoso.test', wave: 9, text: 'goes in May' },
      0,
      NOW,
      BY,
    );
    const after = await ask();
    const same = after.senders.find(({ id }) => id === line.id);
    assert.deepEqual([same?.note?.decision, same?.wave], ['ignored', 9]);
    assert.equal(after.gates[0]!.left.length, left.length - 1);
    assert.deepEqual(after.campaigns, before.campaigns);
  });

  it('refuses a note on an older state, and text that would deceive', async (t) => {
    const { notes } = await stage(t, []);
    await notes.set('k', { text: 'one' }, 0, 1, BY);
    await assert.rejects(notes.set('k', { text: 'two' }, 0, 2, BY), NoteConflict);
    await assert.rejects(notes.set('k', { text: 'a\u202eb' }, 1, 2, BY), RangeError);
    await assert.rejects(notes.set('k', { text: 'x'.repeat(10_000_000) }, 1, 2, BY), RangeError);
    assert.equal((await notes.set('k', { text: 'two' }, 1, 2, BY)).version, 2);
  });

  it('finds a note that was made before the HELO was known', () => {
    const stored = { note: { text: 'x' }, updatedAt: 1, version: 1 };
    assert.equal(noteOn(new Map([['203.0.113.0/24|own', stored]]), '203.0.113.0/24 mfp|own')?.text, 'x');
    assert.equal(noteOn(new Map([['203.0.113.0/24|own', stored]]), '203.0.113.0/24 mfp|list'), undefined);
  });

  it('never lets evidence into a script', async (t) => {
    const evil: Observation = {
      kind: 'message',
      file: 1,
      row: 1,
      at: NOW - 86_400_000,
      messageId: '<1@x>',
      p1: "a'; calc\u2019; '@contoso.test",
      p2: 'a@contoso.test',
      recipient: 'joe@contoso.test',
      address: '203.0.113.9',
      helo: "x'; Remove-Item C:\\ ;\u2019.psm.knowbe4.com",
      connector: 'none',
      tls: 'TLS1.2',
      spf: 'pass',
    };
    const { ask } = await stage(t, [evil]);
    const [line] = (await ask()).senders;
    assert.equal(line?.wayOut.kind, 'partner-connector');
    const script = line?.wayOut.kind === 'partner-connector' ? line.wayOut.powershell : '';
    assert.match(script, /^New-InboundConnector -Name 'KnowBe4' /);
    assert.doesNotMatch(script, /Remove-Item|calc|\u2019/);
  });
});

describe('after the switch', () => {
  const SWITCH = Date.UTC(2026, 3, 1);
  function* later(moved: string): Generator<Observation> {
    for (const one of observationsOf(TRAFFIC, 'trace-extended')) {
      if (one.at! < SWITCH) yield one;
      else if (one.p1 === moved)
        yield {
          ...one,
          connector: { name: 'Postern', type: 'Partner' },
          address: '198.51.100.2',
          helo: 'relay.contoso.test',
        };
      else if (one.p1 === 'noreply1@contoso.test' || one.p1 === 'noreply1@contoso.example')
        yield {
          ...one,
          reply:
            '550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources',
          status: 'failed',
        };
      else if (one.connector !== 'none' || one.p1 === undefined) yield one;
    }
  }

  it('shows who fell silent, who is refused, and whose connector works', async (t) => {
    const moved = TRAFFIC.messages.find(({ truth }) => truth.sender === 'application 0')!.told.p1!;
    const { ask, notes } = await stage(t, later(moved));
    const lineOf = (lines: SenderLine[]) =>
      lines.find(({ senders, directSend }) => senders.includes(moved) && directSend === 'proven')!;
    const line = lineOf((await ask()).senders);
    await notes.set(line.key, { decision: 'migrated' }, 0, NOW, BY);
    const { after, senders } = await ask(SWITCH);
    assert.deepEqual(
      after?.proofs.map(({ id, state, connectors }) => [id, state, connectors]),
      [[line.id, 'proven', ['Postern']]],
    );
    assert.ok(after.refused.length === 1 && after.refused[0]!.envelopeSenders[0]!.startsWith('noreply1@'));
    const silent = new Set(after.silent.map(({ id }) => id));
    assert.ok(!silent.has(line.id) && !silent.has(after.refused[0]!.sender));
    const steady = senders.filter(
      (one) =>
        one.class === 'device' &&
        one.rhythm.activeDays > 20 &&
        one.id !== line.id &&
        one.id !== after.refused[0]!.sender,
    );
    assert.ok(steady.length > 3);
    for (const one of steady) assert.ok(silent.has(one.id), one.name);
  });
});

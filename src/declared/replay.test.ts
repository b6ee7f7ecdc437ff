import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JournalEvent } from '../journal/event.ts';
import { declarationFixture } from './fixtures.ts';

const SOURCE = { pairs: ['app@corp.example'], recipients: { allow: 'any' } };

function declaration(policy: object, more: object = {}): object {
  return { domain: { 'corp.example': {} }, source: { app: { policy, ...more } } };
}

describe('replay', () => {
  const accepted: Partial<JournalEvent> = {
    type: 'acceptance',
    from: 'app@corp.example',
    to: ['x@elsewhere.example'],
    size: 500,
  };
  const cases: [string, object, Partial<JournalEvent>, string[]][] = [
    ['nothing that matters', { ...SOURCE, connections: 3 }, accepted, []],
    ['recipients', { ...SOURCE, recipients: { allow: 'internal' } }, accepted, ['accept → refuse R501']],
    ['size', { ...SOURCE, maxSize: 499 }, accepted, ['accept → refuse M601']],
    ['envelope sender', { ...SOURCE, pairs: ['other@corp.example'] }, accepted, ['accept → refuse S401']],
    [
      'author',
      { ...SOURCE, pairs: [{ envelope: 'app@corp.example', header: 'x@corp.example' }] },
      accepted,
      ['accept → refuse S402'],
    ],
    [
      'an author of its own',
      { ...SOURCE, pairs: ['app@corp.example', { envelope: 'app@corp.example', header: 'corp.example' }] },
      { type: 'refusal', code: 'S402', detail: { envelope: 'app@corp.example', header: 'new@corp.example' } },
      ['refuse S402 → accept'],
    ],
    [
      'a sender that was refused',
      { ...SOURCE, pairs: ['corp.example'] },
      { type: 'refusal', code: 'S401', detail: { envelope: 'new@corp.example' } },
      ['refuse S401 → accept'],
    ],
    [
      'what only the content tells',
      { ...SOURCE, pairs: ['corp.example'] },
      { type: 'refusal', code: 'M602', detail: {} },
      [],
    ],
    ['unaligned mail', { ...SOURCE, unaligned: 'reject' }, accepted, []],
  ];
  for (const [name, policy, event, expected] of cases) {
    it(`tells what ${name} changes`, async () => {
      const { apply, declarations, journal, sources } = await declarationFixture();
      await apply(declaration(SOURCE));
      const source = sources.byName('app')?.id;
      journal.write({ ...(event.type === 'refusal' ? {} : accepted), ...event, source } as JournalEvent);
      const { changes } = declarations.plan(declaration(policy), false);
      const { groups } = await declarations.replay(changes, 7);
      assert.deepEqual(
        groups.map(({ before, after }) => `${before} → ${after}`),
        expected,
      );
    });
  }

  it('counts rates by the times of the messages, and groups what it finds', async () => {
    const { apply, clock, declarations, journal, sources } = await declarationFixture();
    await apply(declaration(SOURCE));
    const source = sources.byName('app')?.id;
    const start = clock.now() - 3 * 86_400_000;
    // ten within a minute, then ten more that are an hour apart
    for (let i = 0; i < 10; i++) journal.write({ ...accepted, type: 'acceptance', source, at: start + i });
    for (let i = 1; i <= 10; i++)
      journal.write({ ...accepted, type: 'acceptance', source, at: start + i * 3_600_000 });
    const limits = [{ unit: 'messages', per: 'minute', most: 4 }];
    const { changes } = declarations.plan(declaration({ ...SOURCE, limits, overLimit: 'reject' }), false);
    const { judged, groups } = await declarations.replay(changes, 7);
    assert.equal(judged, 20);
    assert.deepEqual(
      groups.map(({ after, count }) => [after, count]),
      [['refuse L701', 6]],
    );
    assert.equal(groups[0]?.examples.length, 5);
    assert.equal((await declarations.replay(changes, 1)).judged, 0, 'older than asked for');
  });

  it('knows domains, credentials, networks and states', async () => {
    const { apply, declarations, journal, sources } = await declarationFixture();
    const network = (block: string) => ({ credential: [{ kind: 'network', networks: [block] }] });
    await apply(declaration(SOURCE, network('10.0.0.0/24')));
    const source = sources.byName('app')?.id ?? '';
    const credential = sources.credentials(source)[0]?.id;
    journal.write({ ...accepted, type: 'acceptance', source, network: '10.0.0.7', detail: { credential } });
    journal.write({ type: 'refusal', code: 'A302', network: '10.9.9.9' });
    const fates = async (wanted: object, prune = false) => {
      const { groups } = await declarations.replay(declarations.plan(wanted, prune).changes, 7);
      return groups.map((one) => `${one.source}: ${one.before} → ${one.after}`).sort();
    };
    assert.deepEqual(await fates(declaration(SOURCE, network('10.0.0.8/32'))), ['app: accept → refuse A301']);
    assert.deepEqual(await fates(declaration(SOURCE, { credential: [] }), true), [
      'app: accept → refuse A301',
    ]);
    assert.deepEqual(await fates(declaration(SOURCE, { state: 'suspended' })), ['app: accept → refuse K802']);
    assert.deepEqual(
      await fates({ domain: { 'other.example': {} }, source: { app: { policy: SOURCE } } }, true),
      ['app: accept → hold'],
      'its domain has no key any more',
    );
    const known = declaration(SOURCE, {
      credential: [{ kind: 'network', networks: ['10.0.0.0/24', '10.9.9.9'] }],
    });
    assert.deepEqual(await fates(known), ['app: refuse A302 → let in']);
    const deleted = { source: { another: {} } };
    assert.deepEqual(await fates(deleted, true), ['app: accept → refuse A301']);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { ManualClock } from '../platform/clock.ts';
import { ResolveError } from '../platform/resolver.ts';
import type { UnalignedAction } from '../sources/source.ts';
import { Alignment } from './alignment.ts';
import type { SigningDomain, SigningKey } from './dkim/domain.ts';
import { makeKey, recordName, recordText } from './dkim/keys.ts';

const at = 1_767_225_600_000;
const key = await makeKey({ algorithm: 'ed25519-sha256', selector: 'p2026a', stage: 'active', at });
const newer = await makeKey({ algorithm: 'ed25519-sha256', selector: 'p2026b', stage: 'next', at });
const hold: UnalignedAction = { action: 'hold' };

class World {
  readonly clock = new ManualClock(at);
  readonly domains = new Map<string, SigningDomain>();
  readonly zone = new Map<string, string[] | 'temporary'>();
  /** Domains whose record in the store can not be written. */
  readonly broken = new Set<string>();
  readonly errors: string[] = [];
  queries = 0;
  readonly alignment: Alignment;

  constructor(names: string[], options: { requirePublished?: boolean; keys?: SigningKey[] } = {}) {
    for (const name of names) {
      this.domains.set(name, { name, internal: true, createdAt: at, keys: options.keys ?? [key] });
    }
    this.alignment = new Alignment({
      registry: {
        byName: (name) => this.domains.get(name),
        list: () => [...this.domains.values()],
        markPublished: async (name, selector, publishedAt) => {
          if (this.broken.has(name)) throw new Error('disk full');
          const domain = this.domains.get(name)!;
          const keys = domain.keys.map((one) => (one.selector === selector ? { ...one, publishedAt } : one));
          this.domains.set(name, { ...domain, keys });
        },
      },
      resolver: {
        txt: async (name) => {
          this.queries++;
          const texts = this.zone.get(name);
          if (texts === 'temporary') throw new ResolveError('temporary', 'no answer');
          if (!texts) throw new ResolveError('nxdomain', 'no name');
          return texts;
        },
      },
      clock: this.clock,
      random: { bytes: (count) => Buffer.alloc(count), fraction: () => 0.5 },
      requirePublished: options.requirePublished,
      onError: (domain, error) => this.errors.push(`${domain}: ${String(error)}`),
    });
  }

  publish(name: string, ...keys: SigningKey[]): void {
    for (const one of keys) this.zone.set(recordName(one.selector, name), [recordText(one)]);
  }

  /** Moves time, and lets the checks that fall due on the way finish. */
  async advance(ms: number): Promise<void> {
    for (let moved = 0; moved <= ms; moved += 15_000) {
      this.clock.advance(moved === 0 ? 0 : 15_000);
      for (let i = 0; i < 5; i++) await turn();
    }
  }
}

describe('which domain signs', () => {
  const cases: [from: string, ours: string[], signing: string | undefined][] = [
    ['corp.test', ['corp.test'], 'corp.test'],
    ['CORP.Test', ['corp.test'], 'corp.test'],
    ['a.b.corp.test', ['corp.test'], 'corp.test'],
    ['a.b.corp.test', ['corp.test', 'b.corp.test'], 'b.corp.test'],
    ['a.b.corp.test', ['corp.test', 'b.corp.test', 'a.b.corp.test'], 'a.b.corp.test'],
    ['corp.test', ['b.corp.test'], undefined],
    ['xcorp.test', ['corp.test'], undefined],
    ['corp.co.uk', ['co.uk', 'uk'], undefined],
    ['a.corp.co.uk', ['co.uk', 'corp.co.uk'], 'corp.co.uk'],
    ['customer.github.io', ['github.io'], undefined],
    ['corp.test', ['test'], undefined],
    ['localhost', ['localhost'], 'localhost'],
    ['[192.0.2.1]', ['corp.test'], undefined],
    ['', ['corp.test'], undefined],
  ];
  for (const [from, ours, signing] of cases) {
    test(`${from || '(none)'} of ${ours.join(', ')}`, () => {
      const decision = new World(ours).alignment.decide(from, hold);
      if (signing === undefined) assert.equal(decision.kind, 'hold');
      else assert.ok(decision.kind === 'sign' && decision.domain === signing);
    });
  }

  test('a domain without an active key leaves it to its parent', () => {
    const world = new World(['corp.test', 'b.corp.test']);
    world.domains.set('b.corp.test', { ...world.domains.get('b.corp.test')!, keys: [newer] });
    const decision = world.alignment.decide('b.corp.test', hold);
    assert.ok(decision.kind === 'sign' && decision.domain === 'corp.test');
  });
});

describe('what happens to mail that does not align', () => {
  const decide = (unaligned: UnalignedAction) =>
    new World(['corp.test']).alignment.decide('other.test', unaligned);

  test('hold, reject, send', () => {
    assert.equal(decide(hold).kind, 'hold');
    assert.equal(decide({ action: 'reject' }).kind, 'reject');
    const sent = decide({ action: 'send' });
    assert.ok(sent.kind === 'send' && /other\.test/.test(sent.warning));
  });

  test('sign with a domain of ours', () => {
    const decision = decide({ action: 'sign-with', domain: 'corp.test' });
    assert.ok(decision.kind === 'sign-with' && decision.domain === 'corp.test' && decision.warning !== '');
    assert.equal(decide({ action: 'sign-with', domain: 'nobody.test' }).kind, 'hold');
  });
});

describe('publication', () => {
  test('unknown, then seen, then gone', async () => {
    const world = new World(['corp.test']);
    const published = () => {
      const decision = world.alignment.decide('corp.test', hold);
      return decision.kind === 'sign' ? decision.published : decision.kind;
    };
    assert.equal(published(), 'unknown');
    assert.equal(world.queries, 0, 'a decision asks nobody');
    world.publish('corp.test', key);
    world.alignment.start();
    await world.advance(0);
    assert.equal(published(), true);
    assert.equal(world.domains.get('corp.test')?.keys[0]?.publishedAt, at);
    world.zone.clear();
    await world.advance(50 * 60_000);
    assert.equal(published(), true, 'not asked again yet');
    await world.advance(15 * 60_000);
    assert.equal(published(), false);
    world.publish('corp.test', key);
    await world.advance(12 * 60_000);
    assert.equal(published(), true, 'a missing record is looked for more often');
    world.alignment.stop();
    const before = world.queries;
    await world.advance(3 * 3_600_000);
    assert.equal(world.queries, before);
    assert.deepEqual(world.errors, []);
  });

  test('a DNS failure keeps the last answer', async () => {
    const world = new World(['corp.test'], { requirePublished: true });
    world.publish('corp.test', key);
    world.alignment.start();
    await world.advance(0);
    world.zone.set(recordName('p2026a', 'corp.test'), 'temporary');
    await world.advance(3 * 3_600_000);
    assert.equal(world.alignment.decide('corp.test', hold).kind, 'sign');
    world.alignment.stop();
  });

  test('what was known before a restart counts until the first check', () => {
    const world = new World(['corp.test'], {
      requirePublished: true,
      keys: [{ ...key, publishedAt: at - 1 }],
    });
    assert.equal(world.alignment.decide('corp.test', hold).kind, 'sign');
  });

  test('required: the policy of the source decides while it is missing or unknown', async () => {
    const world = new World(['corp.test'], { requirePublished: true });
    assert.equal(world.alignment.decide('corp.test', hold).kind, 'hold');
    assert.equal(world.alignment.decide('corp.test', { action: 'reject' }).kind, 'reject');
    world.alignment.start();
    await world.advance(0);
    assert.equal(world.alignment.decide('corp.test', hold).kind, 'hold');
    world.publish('corp.test', key);
    await world.alignment.check(world.domains.get('corp.test')!);
    assert.equal(world.alignment.decide('corp.test', hold).kind, 'sign');
    world.alignment.stop();
  });

  test('not required: one warning an hour for each domain', () => {
    const world = new World(['corp.test', 'other.test']);
    const warned = (from: string) => {
      const decision = world.alignment.decide(from, hold);
      return decision.kind === 'sign' && decision.warning !== undefined;
    };
    assert.deepEqual([warned('corp.test'), warned('a.corp.test'), warned('corp.test')], [true, false, false]);
    assert.equal(warned('other.test'), true);
    world.clock.advance(3_599_000);
    assert.equal(warned('corp.test'), false);
    world.clock.advance(1000);
    assert.equal(warned('corp.test'), true);
  });

  test('a published key that does not sign is not enough; a new key is checked soon', async () => {
    const world = new World(['corp.test'], { keys: [key] });
    world.publish('corp.test', key);
    world.alignment.start();
    await world.advance(0);
    const domain = world.domains.get('corp.test')!;
    const rotated = {
      ...domain,
      keys: [
        { ...domain.keys[0]!, stage: 'retiring' as const },
        { ...newer, stage: 'active' as const },
      ],
    };
    world.domains.set('corp.test', rotated);
    const published = () => {
      const decision = world.alignment.decide('corp.test', hold);
      return decision.kind === 'sign' ? decision.published : decision.kind;
    };
    assert.equal(published(), 'unknown');
    await world.advance(15_000);
    assert.equal(published(), false);
    world.alignment.stop();
  });

  test('one of two active keys is enough', async () => {
    const world = new World(['corp.test'], { keys: [key, { ...newer, stage: 'active' }] });
    world.publish('corp.test', newer);
    await world.alignment.check(world.domains.get('corp.test')!);
    const decision = world.alignment.decide('corp.test', hold);
    assert.ok(decision.kind === 'sign' && decision.published === true);
  });

  test('a parent with adkim=s does not align for its subdomains', async () => {
    const world = new World(['corp.test']);
    world.publish('corp.test', key);
    world.zone.set('_dmarc.corp.test', ['v=DMARC1; p=reject; adkim=s']);
    await world.alignment.check(world.domains.get('corp.test')!);
    assert.equal(world.alignment.decide('corp.test', hold).kind, 'sign');
    assert.equal(world.alignment.decide('sub.corp.test', hold).kind, 'hold');
  });

  test('a check that fails is told and tried again later, and the others go on', async () => {
    const world = new World(['corp.test', 'other.test']);
    world.publish('other.test', key);
    world.broken.add('corp.test');
    world.alignment.start();
    await world.advance(4 * 60_000);
    assert.deepEqual(world.errors, ['corp.test: Error: disk full']);
    await world.advance(2 * 60_000);
    assert.equal(world.errors.length, 2);
    const decision = world.alignment.decide('other.test', hold);
    assert.ok(decision.kind === 'sign' && decision.published === true);
    world.alignment.stop();
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../smtp/reply.ts';
import type { Identity } from '../sources/source.ts';
import { type FakeSession, FakeRegistry, session } from './fixtures.ts';
import { LiveSessions } from './sessions.ts';

function setUp() {
  const registry = new FakeRegistry();
  const live = new LiveSessions(registry);
  registry.put('scanner');
  const enter = (credential = 'crd_scanner', source = 'scanner'): FakeSession => {
    const at = session();
    const found = registry.byName(source);
    const used = registry.all.get(credential);
    assert.ok(found && used);
    const identity: Identity = { source: found, credential: used, method: 'PLAIN' };
    assert.equal(live.add(at, identity), undefined);
    at.identity = identity;
    return at;
  };
  const ends = (...sessions: FakeSession[]) =>
    sessions.map(({ ended }) => ended.map(({ refusal }) => refusal).join());
  return { registry, live, enter, ends };
}

test('stopping a source ends its sessions and no others', () => {
  const { registry, live, enter, ends } = setUp();
  registry.put('printer');
  const [a, b, c] = [enter(), enter(), enter('crd_printer', 'printer')];
  live.remove(b);
  assert.equal(live.stop('src_scanner', refuse('C114')), 1);
  assert.deepEqual(ends(a, b, c), ['C114', '', '']);
  assert.equal(live.stop('src_nobody'), 0);
});

test('a disabled or removed source, and a revoked credential, end what they opened', async () => {
  const { registry, enter, ends } = setUp();
  registry.put('second', { source: 'src_scanner' });
  registry.put('printer');
  const [a, b, c] = [enter(), enter('crd_second'), enter('crd_printer', 'printer')];
  await registry.revokeCredential('crd_second');
  assert.deepEqual(ends(a, b, c), ['', 'K801', '']);
  registry.changeSource('scanner', { state: 'suspended' });
  assert.deepEqual(ends(a, b, c), ['K801', 'K801,K801', '']);
  await registry.remove('src_printer');
  assert.deepEqual(ends(c), ['K801']);
});

test('a session may end while it is told to', () => {
  const { live, enter } = setUp();
  const sessions = [enter(), enter(), enter()];
  for (const at of sessions) at.terminate = () => live.remove(at);
  assert.equal(live.stop('src_scanner'), 3);
  assert.equal(live.count('src_scanner'), 0);
});

test('connections of a source are counted from identity to close', () => {
  const { registry, live, enter } = setUp();
  const source = registry.byName('scanner');
  assert.ok(source);
  registry.changeSource('scanner', { policy: { ...source.policy, connections: 2 } });
  const first = enter();
  enter();
  const third = session();
  assert.equal(live.add(third, first.identity as Identity)?.refusal, 'L705');
  assert.equal(live.count('src_scanner'), 2);
  assert.equal(live.add(first, first.identity as Identity), undefined, 'again, after STARTTLS');
  live.remove(first);
  live.remove(first);
  assert.equal(live.add(third, first.identity as Identity), undefined);
  assert.equal(live.count('src_scanner'), 2);
});

test('a session that closed while its password was checked is not counted for ever', () => {
  const { live, registry, enter } = setUp();
  const { identity } = enter();
  const gone = session();
  live.remove(gone);
  assert.equal(live.add(gone, identity as Identity)?.refusal, 'X902');
  assert.equal(live.count('src_scanner'), 1);
  registry.changeSource('scanner', { state: 'suspended' });
  assert.deepEqual(gone.ended, []);
});

test('a changed policy counts for open sessions', () => {
  const { registry, enter } = setUp();
  const at = enter();
  registry.changeSource('scanner', { description: 'moved' });
  assert.equal((at.identity as Identity).source.description, 'moved');
  assert.deepEqual(at.ended, []);
});

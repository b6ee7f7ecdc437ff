import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../platform/clock.ts';
import { Guard, type GuardOptions, type Lock } from './guard.ts';
import { LruMap } from './lru-map.ts';
import { inNetworks, networkOf } from './network.ts';

const OPTIONS: Partial<GuardOptions> = {
  windowMs: 60_000,
  networkFailures: 6,
  accountFailures: 3,
  lockMs: 300_000,
  delayMs: 100,
  maxDelayMs: 1000,
  knownMs: 86_400_000,
};

function setUp(options: Partial<GuardOptions> = {}) {
  const clock = new ManualClock();
  const guard = new Guard(clock, { ...OPTIONS, ...options });
  const fail = (address: string, account?: string, times = 1): Lock | undefined => {
    let lock: Lock | undefined;
    for (let i = 0; i < times; i++) lock = guard.failed({ address, account }) ?? lock;
    return lock;
  };
  return { clock, guard, fail };
}

test('one client network is an IPv4 address or an IPv6 /64', () => {
  const table: [string, string, boolean][] = [
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['192.0.2.1', '::ffff:192.0.2.1', true],
    ['2001:db8::1', '2001:db8:0:0:ffff::2', true],
    ['2001:db8::1', '2001:db8:0:1::1', false],
  ];
  for (const [a, b, same] of table) assert.equal(networkOf(a) === networkOf(b), same, `${a} ${b}`);
});

test('an address lies in its blocks and in no other', () => {
  const table: [string, string[], boolean][] = [
    ['192.0.2.1', ['192.0.2.0/24'], true],
    ['192.0.3.1', ['192.0.2.0/24'], false],
    ['192.0.2.1', ['10.0.0.0/8', '192.0.2.1'], true],
    ['192.0.2.1', ['::/0'], false],
    ['2001:db8::5', ['2001:db8::/32'], true],
    ['2001:db8::5', ['0.0.0.0/0'], false],
    ['192.0.2.1', ['nonsense', '192.0.2.0/99'], false],
    ['nonsense', ['0.0.0.0/0'], false],
    ['192.0.2.1', [], false],
  ];
  for (const [address, blocks, inside] of table) {
    assert.equal(inNetworks(address, blocks), inside, `${address} ${blocks.join()}`);
  }
});

test('too many failures lock the account from everywhere that is not known to it', () => {
  const { clock, guard, fail } = setUp();
  const lock = fail('192.0.2.1', 'scanner', 3);
  assert.deepEqual(lock, { on: 'account', failures: 3, until: clock.now() + 300_000 });
  assert.equal(guard.locked({ address: '192.0.2.1', account: 'scanner' }), 'account');
  assert.equal(guard.locked({ address: '198.51.100.9', account: 'scanner' }), 'account');
  assert.equal(guard.locked({ address: '192.0.2.1', account: 'printer' }), undefined);
  clock.advance(299_999);
  assert.equal(guard.locked({ address: '192.0.2.1', account: 'scanner' }), 'account');
  clock.advance(1);
  assert.equal(guard.locked({ address: '192.0.2.1', account: 'scanner' }), undefined);
});

test('failures over many accounts lock the network', () => {
  const { guard, fail } = setUp();
  for (let i = 0; i < 5; i++) assert.equal(fail('2001:db8::1', `account-${i}`), undefined);
  assert.equal(fail('2001:db8::2', 'account-5')?.on, 'network');
  assert.equal(guard.locked({ address: '2001:db8::3', account: 'other' }), 'network');
  assert.equal(guard.locked({ address: '2001:db8::3' }), 'network', 'for tokens and keys as well');
  assert.equal(guard.locked({ address: '2001:db8:0:1::3', account: 'other' }), undefined);
});

test('the window slides', () => {
  const { clock, guard, fail } = setUp();
  fail('192.0.2.1', 'scanner', 2);
  clock.advance(60_000);
  assert.equal(fail('192.0.2.1', 'scanner', 2), undefined);
  clock.advance(59_999);
  assert.equal(fail('192.0.2.1', 'scanner')?.on, 'account');
  assert.equal(guard.locked({ address: '192.0.2.1', account: 'scanner' }), 'account');
});

test('strangers can not lock a device out that was there before', () => {
  const { clock, guard, fail } = setUp();
  const device = { address: '192.0.2.1', account: 'scanner' };
  guard.succeeded(device);
  clock.advance(3_600_000);
  assert.equal(fail('198.51.100.9', 'scanner', 3)?.on, 'account');
  assert.equal(guard.locked(device), undefined);
  assert.equal(guard.delay(device), 0);
  guard.succeeded(device);
  assert.equal(
    guard.locked({ address: '198.51.100.9', account: 'scanner' }),
    'account',
    'strangers stay out',
  );
  clock.advance(86_400_001);
  fail('198.51.100.9', 'scanner', 3);
  assert.equal(guard.locked(device), 'account', 'known is what was seen lately');
});

test('a device with an old password locks itself only', () => {
  const { guard, fail } = setUp();
  guard.succeeded({ address: '192.0.2.1', account: 'scanner' });
  assert.equal(fail('192.0.2.1', 'scanner', 3)?.on, 'account');
  assert.equal(guard.locked({ address: '192.0.2.1', account: 'scanner' }), 'account');
  assert.equal(guard.locked({ address: '192.0.2.2', account: 'scanner' }), undefined);
  assert.equal(guard.locked({ address: '192.0.2.1', account: 'printer' }), undefined);
});

test('the last use on record makes a network known after a restart', () => {
  const { clock, guard, fail } = setUp();
  fail('198.51.100.9', 'scanner', 3);
  const at = clock.now() - 1000;
  const device = { address: '2001:db8::1', account: 'scanner' };
  assert.equal(guard.locked({ ...device, lastUsed: { from: '2001:db8::7', at } }), undefined);
  assert.equal(guard.locked({ ...device, lastUsed: { from: '2001:db9::7', at } }), 'account');
  assert.equal(
    guard.locked({ ...device, lastUsed: { from: '2001:db8::7', at: at - 86_400_000 } }),
    'account',
  );
});

test('a success forgives the account, not the network', () => {
  const { guard, fail } = setUp();
  const device = { address: '192.0.2.1', account: 'scanner' };
  fail('192.0.2.1', 'scanner', 2);
  guard.succeeded(device);
  assert.equal(fail('192.0.2.1', 'scanner', 2), undefined);
  guard.succeeded(device);
  fail('192.0.2.1', 'scanner');
  assert.equal(fail('192.0.2.1', 'scanner')?.on, 'network');
});

test('who slips before the right password is no guesser', () => {
  const { guard, fail } = setUp();
  const device = { address: '192.0.2.1', account: 'scanner' };
  for (let i = 0; i < 20; i++) {
    fail('192.0.2.1', 'scanner');
    guard.succeeded(device, 1);
  }
  assert.equal(guard.delay({ address: '192.0.2.1' }), 0);
});

test('answers come later with each failure, up to a bound', () => {
  const { clock, guard, fail } = setUp({ networkFailures: 50, accountFailures: 50 });
  const delays: number[] = [];
  for (let i = 0; i < 8; i++) {
    delays.push(guard.delay({ address: '192.0.2.1', account: 'scanner' }));
    fail('192.0.2.1', 'scanner');
  }
  assert.deepEqual(delays, [0, 0, 100, 200, 400, 800, 1000, 1000]);
  assert.equal(guard.delay({ address: '198.51.100.9', account: 'scanner' }), 1000, 'the account counts');
  assert.equal(guard.delay({ address: '192.0.2.1' }), 1000, 'the network counts');
  clock.advance(60_000);
  assert.equal(guard.delay({ address: '192.0.2.1', account: 'scanner' }), 0);
});

test('memory is bounded, and what is in use stays', () => {
  const map = new LruMap<number>(3);
  for (const key of ['a', 'b', 'c']) map.set(key, 1);
  map.get('a');
  map.set('d', 1);
  map.set('d', 2);
  assert.deepEqual([map.size, map.get('a'), map.get('b'), map.get('d')], [3, 1, undefined, 2]);
});

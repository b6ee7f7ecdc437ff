import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { RegistryError } from '../../sources/registry.ts';
import type { SigningDomain, SigningKey } from './domain.ts';
import { withActivated, withNewKey, withoutKey } from './rotation.ts';

function key(
  selector: string,
  stage: SigningKey['stage'],
  algorithm: SigningKey['algorithm'] = 'rsa-sha256',
) {
  return { selector, stage, algorithm, privateKey: 'private', publicKey: selector, createdAt: 0 };
}

function domain(...keys: SigningKey[]): SigningDomain {
  return { name: 'corp.test', internal: true, createdAt: 0, keys };
}

const stages = (of: SigningDomain) => of.keys.map((one) => `${one.selector} ${one.stage}`);
const refusal = (kind: RegistryError['kind']) => (error: unknown) =>
  error instanceof RegistryError && error.kind === kind;

describe('key rotation', () => {
  test('a new key waits', () => {
    const before = domain(key('a', 'active'));
    const after = withNewKey(before, key('b', 'active'));
    assert.deepEqual(stages(after), ['a active', 'b next']);
    assert.deepEqual(stages(before), ['a active'], 'the old value is left alone');
  });

  test('activation retires only the keys of the same algorithm', () => {
    const before = domain(key('a', 'active'), key('e', 'active', 'ed25519-sha256'), key('b', 'next'));
    assert.deepEqual(stages(withActivated(before, 'b')), ['a retiring', 'e active', 'b active']);
  });

  test('a retiring key can come back', () => {
    const before = domain(key('a', 'retiring'), key('b', 'active'));
    assert.deepEqual(stages(withActivated(before, 'a')), ['a active', 'b retiring']);
  });

  test('a key that does not sign can go', () => {
    const before = domain(key('a', 'retiring'), key('b', 'active'), key('c', 'next'));
    assert.deepEqual(stages(withoutKey(before, 'a')), ['b active', 'c next']);
    assert.deepEqual(stages(withoutKey(before, 'c')), ['a retiring', 'b active']);
  });

  test('what is refused', () => {
    const one = domain(key('a', 'active'));
    assert.throws(() => withNewKey(one, key('a', 'next')), refusal('conflict'));
    for (const selector of ['', 'A', 'a_b', '-a', 'a.', 'a b', 'x'.repeat(64)]) {
      assert.throws(() => withNewKey(one, key(selector, 'next')), refusal('invalid'), selector);
    }
    assert.throws(() => withActivated(one, 'a'), refusal('conflict'));
    assert.throws(() => withActivated(one, 'b'), refusal('not-found'));
    assert.throws(() => withoutKey(one, 'a'), refusal('conflict'));
    assert.throws(() => withoutKey(one, 'b'), refusal('not-found'));
    const full = domain(...Array.from({ length: 10 }, (_, i) => key(`k${i}`, 'next')));
    assert.throws(() => withNewKey(full, key('one-more', 'next')), refusal('conflict'));
  });
});

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Seal } from '../store/seal.ts';
import {
  decoySecret,
  generateApiKey,
  generatePassword,
  hashApiKey,
  hashPassword,
  RECOVERABLE_PURPOSE,
  verifyPassword,
} from './secret.ts';

test('a password is right, or it is not', async () => {
  const stored = await hashPassword('caf\u00e9 pencil');
  assert.match(stored.argon2id, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[^=$]{22}\$[^=$]{43}$/);
  assert.equal(stored.recoverable, undefined);
  assert.equal(await verifyPassword('caf\u00e9 pencil', stored), true);
  assert.equal(await verifyPassword('cafe\u0301\u00a0pencil', stored), true, 'another way to type it');
  for (const wrong of [
    '',
    'caf\u00e9 pencil ',
    'Caf\u00e9 pencil',
    'caf\u00e9\u0000pencil',
    'x'.repeat(5000),
  ]) {
    assert.equal(await verifyPassword(wrong, stored), false);
  }
});

test('RFC 7677 §3: the SCRAM keys of the example', async () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  const { scram } = await hashPassword('pencil', { random: { bytes: () => salt, fraction: () => 0 } });
  assert.deepEqual(scram, {
    iterations: 4096,
    salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
    storedKey: 'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=',
    serverKey: 'wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  });
});

test('a password is recoverable only when asked for, and for its purpose alone', async () => {
  const seal = new Seal(randomBytes(32));
  const { recoverable } = await hashPassword('tanstaaf', { recoverable: seal });
  assert.ok(recoverable);
  assert.ok(!recoverable.includes('tanstaaf'));
  assert.equal(seal.open(recoverable, RECOVERABLE_PURPOSE), 'tanstaaf');
  assert.throws(() => seal.open(recoverable, 'dkim-key'));
});

test('what can not be a password is refused', async () => {
  await assert.rejects(hashPassword(''), RangeError);
  await assert.rejects(hashPassword('\u00ad'), RangeError, 'nothing is left of it');
  await assert.rejects(hashPassword('x'.repeat(1025)), RangeError);
  await assert.rejects(hashPassword('a\0b'));
  await assert.rejects(hashPassword('pencil', { iterations: 4095 }), RangeError);
  await assert.rejects(hashPassword('pencil', { iterations: 10_001 }), RangeError);
});

test('a stored hash that would cost too much, or is none, is an error and no match', async () => {
  const { argon2id } = decoySecret();
  for (const bad of [
    '',
    'plain',
    argon2id.replace('m=19456', 'm=999999'),
    argon2id.replace('t=2', 't=99'),
    argon2id.replace('argon2id', 'argon2i'),
  ]) {
    await assert.rejects(verifyPassword('x', { argon2id: bad }), /no argon2id hash/);
  }
  assert.equal(await verifyPassword('x', { argon2id }), false);
});

test('generated passwords are long, readable and not the same', () => {
  const made = new Set(Array.from({ length: 200 }, () => generatePassword()));
  assert.equal(made.size, 200);
  for (const password of made) assert.match(password, /^[a-hjkmnp-z2-9]{20}$/);
  assert.equal(generatePassword({ length: 32 }).length, 32);
  assert.throws(() => generatePassword({ length: 8 }), RangeError);
  // 248 to 255 would make the first eight letters more frequent
  let next = 248;
  const random = { bytes: (count: number) => Buffer.alloc(count, next++), fraction: () => 0 };
  assert.equal(generatePassword({ random }), 'a'.repeat(20));
});

test('an API key is known by its hash', () => {
  const { key, hash } = generateApiKey();
  assert.match(key, /^pst_[A-Za-z0-9_-]{43}$/);
  assert.match(hash, /^[0-9a-f]{64}$/);
  assert.equal(hashApiKey(key), hash);
  assert.notEqual(generateApiKey().key, key);
});

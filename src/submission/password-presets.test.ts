import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '../platform/random.ts';
import {
  ALPHABETS,
  entropyBits,
  formProblem,
  LEAST_BITS,
  type PasswordPreset,
  passwordOf,
  PRESETS,
  shortAccount,
} from './password-presets.ts';

test('what each preset makes fits, and is as hard to guess as it says', () => {
  const bits: Record<string, number> = {};
  for (const [name, preset] of Object.entries<PasswordPreset>(PRESETS)) {
    const characters = ALPHABETS[preset.alphabet];
    assert.equal(new Set(characters).size, characters.length, `${name}: no character twice`);
    const made = new Set(Array.from({ length: 50 }, () => passwordOf(preset)));
    assert.equal(made.size, 50);
    for (const password of made) {
      assert.equal(password.length, preset.length);
      assert.ok(Array.from(password).every((character) => characters.includes(character)));
    }
    bits[name] = Math.floor(entropyBits(preset));
  }
  assert.deepEqual(bits, {
    default: 99,
    strong: 238,
    printer: 69,
    'mixed-12': 69,
    symbols: 120,
    'legacy-8': 46,
    digits: 39,
  });
  for (const name of ['readable', 'mixed'] as const)
    assert.doesNotMatch(ALPHABETS[name], /[01OIl]/, 'nothing that looks like something else');
});

test('every character is as likely as any other', () => {
  const seen = new Map<string, number>();
  const total = 31 * 2000;
  for (const character of passwordOf({ length: total, alphabet: 'readable' }))
    seen.set(character, (seen.get(character) ?? 0) + 1);
  assert.equal(seen.size, 31);
  // 2000 each on average, with a standard deviation of 44
  for (const [character, count] of seen) assert.ok(Math.abs(count - 2000) < 300, `${character}: ${count}`);
});

test('a weak form is for known networks only, and the weakest for nobody', () => {
  for (const [length, alphabet, bound, problem] of [
    [20, 'readable', false, undefined],
    [8, 'mixed', false, /46 bits.*name the networks/],
    [8, 'mixed', true, undefined],
    [12, 'digits', false, /39 bits/],
    [12, 'digits', true, undefined],
    [6, 'digits', true, /too little anywhere/],
    [13, 'readable', true, undefined],
    [12, 'readable', false, /59 bits/],
  ] as const) {
    const found = formProblem({ length, alphabet }, bound);
    if (problem) assert.match(found ?? '', problem);
    else assert.equal(found, undefined);
  }
  assert.ok(entropyBits(PRESETS.default) >= LEAST_BITS);
});

test('account names fit into eight places, and are nobody else’s', () => {
  const taken =
    (...names: string[]) =>
    (name: string) =>
      names.includes(name);
  assert.equal(shortAccount('scan', 8, taken()), 'scan');
  assert.equal(shortAccount('erp-production', 8, taken()), 'erpprodu');
  assert.match(shortAccount('erp-production', 8, taken('erpprodu')), /^erpp[a-z0-9]{4}$/);
  assert.match(shortAccount('scan', 8, taken('scan')), /^scan[a-z0-9]{4}$/);
  let first = true;
  const once = () => first && !(first = false);
  assert.equal(shortAccount('...', 8, once, systemRandom).length, 4);
});

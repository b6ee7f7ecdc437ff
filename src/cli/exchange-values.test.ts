import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listValue, oneWord, plain, switchValue } from './exchange-values.ts';
import { Failure } from './failure.ts';

const fails = (pattern: RegExp) => (error: unknown) =>
  error instanceof Failure && pattern.test(error.message);

describe('values as Exchange has them', () => {
  for (const word of ['true', 'True', '$true', '$TRUE', 'yes', 'on', '1', true])
    it(`${String(word)} is on`, () => assert.equal(switchValue('x', word), true));
  for (const word of ['false', 'False', '$false', 'no', 'off', '0', false])
    it(`${String(word)} is off`, () => assert.equal(switchValue('x', word), false));

  it('a switch that is anything else is refused; an empty one says what the shell did', () => {
    for (const word of ['maybe', 'truefalse', '$$true', '2'])
      assert.throws(() => switchValue('--x', word), fails(/--x: expected true or false/), word);
    for (const word of ['', undefined])
      assert.throws(() => switchValue('--x', word), fails(/the shell takes \$true for a variable/));
  });

  it('words are the same with and without hyphens', () => {
    const words = ['partner', 'on-premises'] as const;
    for (const text of ['OnPremises', 'on-premises', 'ON_PREMISES'])
      assert.equal(oneWord('--type', text, words), 'on-premises');
    assert.throws(() => oneWord('--type', 'premises', words), fails(/one of partner, on-premises/));
    assert.equal(plain('Reject-Direct_Send'), 'rejectdirectsend');
  });

  it('lists are separated by commas, semicolons or spaces', () => {
    assert.deepEqual(listValue('a.test, b.test;c.test d.test'), ['a.test', 'b.test', 'c.test', 'd.test']);
    for (const nothing of ['none', '$null', 'null', '', ' ']) assert.deepEqual(listValue(nothing), []);
  });
});

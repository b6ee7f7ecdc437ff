import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../smtp/reply.ts';
import { boundedFacts } from './session-journal.ts';

test('what a client wrote into a refusal is kept with a bound', () => {
  const facts = { header: 'x'.repeat(100_000), most: 5 };
  assert.deepEqual(boundedFacts(refuse('S402', 'why', facts)), { header: 'x'.repeat(320), most: 5 });
  assert.deepEqual(boundedFacts(refuse('S402')), {});
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OPEN_QUESTIONS } from './open-questions.ts';

test('every open question stands in the documentation', () => {
  const page = readFileSync(new URL('../../docs/edge.md', import.meta.url), 'utf8');
  for (const [name, text] of Object.entries(OPEN_QUESTIONS)) {
    assert.ok(
      page.includes(`| \`${name}\` | ${text} |`),
      `${name} is missing in docs/edge.md, or reads otherwise`,
    );
  }
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DEFAULT_POLICY } from '../sources/source.ts';
import type { Watched } from '../containment/containment.ts';
import { apiFixture } from './fixtures.ts';

it('contained sources come page by page, the worst first, each once', async (t) => {
  const { api, context, authorization, clock } = await apiFixture();
  t.after(() => api.close());
  const found: Watched[] = [];
  for (const [index, level] of (['alert', 'suspend', 'hold', 'alert', 'hold'] as const).entries()) {
    const { id } = await context.sources.add({
      name: `source-${index}`,
      description: '',
      owner: '',
      policy: DEFAULT_POLICY,
    });
    // two of a level have the same time: the identifier decides
    found.push(Object.assign(await context.containment.watched(id), { level, levelAt: clock.now() }));
  }
  const seen: string[] = [];
  let next: string | undefined;
  do {
    const cursor = next === undefined ? '' : `&cursor=${next}`;
    const response = await api.inject({
      url: `/api/v1/containment?limit=2${cursor}`,
      headers: authorization,
    });
    assert.equal(response.statusCode, 200);
    const page = response.json<{ items: { level: string; sourceName: string }[]; next?: string }>();
    assert.ok(page.items.length <= 2);
    seen.push(...page.items.map(({ level, sourceName }) => `${level} ${sourceName}`));
    next = page.next;
  } while (next !== undefined);
  assert.deepEqual(
    seen.map((one) => one.split(' ')[0]),
    ['suspend', 'hold', 'hold', 'alert', 'alert'],
  );
  assert.equal(new Set(seen).size, found.length);
  const wrong = await api.inject({ url: '/api/v1/containment?cursor=x', headers: authorization });
  assert.equal(wrong.statusCode, 400);
});

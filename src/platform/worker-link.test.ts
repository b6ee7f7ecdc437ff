import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkerLink } from './worker-link.ts';

test('requests are answered in order; errors keep their code; a worker that died is replaced', async () => {
  const link = new WorkerLink(new URL('./worker-link.fixture.ts', import.meta.url), 'heard');
  const answers = await Promise.allSettled(['one', 'throw', 'two'].map((request) => link.ask(request)));
  assert.deepEqual(answers[0], { status: 'fulfilled', value: 'heard one' });
  assert.deepEqual(answers[2], { status: 'fulfilled', value: 'heard two' });
  await assert.rejects(link.ask('throw'), { message: 'thrown', code: 'ERR_THROWN' });
  const last = [link.ask('die'), link.ask('never')];
  for (const answer of await Promise.allSettled(last)) assert.equal(answer.status, 'rejected');
  assert.equal(await link.ask('again'), 'heard again');
  const pending = link.ask('late').catch((error: unknown) => error);
  await link.terminate();
  await pending;
  await assert.rejects(link.ask('too late'), { code: 'ERR_WORKER_DIED' });
});

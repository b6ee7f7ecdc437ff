import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiClient } from './connection.ts';
import { addCredentials, wantedCredentials } from './credential-options.ts';
import { Failure } from './failure.ts';

test('of several credentials none stays when one is refused', async () => {
  const calls: string[] = [];
  const api: Pick<ApiClient, 'send'> = {
    async send<T>(method: string, path: string, body?: unknown): Promise<T> {
      calls.push(`${method} ${path}`);
      const { kind } = (body ?? {}) as { kind?: string };
      if (kind === 'network') throw new Failure('taken');
      if (method === 'DELETE') throw new Failure('no connection');
      return { credential: { id: 'crd_1' } } as T;
    },
  };
  const wanted = [{ kind: 'password' }, { kind: 'network' }];
  await assert.rejects(addCredentials(api as ApiClient, 'app', wanted), /taken/);
  assert.deepEqual(calls, [
    'POST /sources/app/credentials',
    'POST /sources/app/credentials',
    'DELETE /sources/app/credentials/crd_1',
  ]);
});

test('the end of a credential lies ahead', async () => {
  const before = Date.now();
  const [one] = await wantedCredentials({ apiKey: true, expires: '90d' });
  assert.ok(Number(one?.['expiresAt']) >= before + 90 * 86_400_000);
  await assert.rejects(wantedCredentials({ apiKey: true, expires: 'soon' }), /--expires: expected/);
});

import type { TestContext } from 'node:test';
import { type ApiFixture, apiFixture } from './fixtures.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** For tests: the API of `apiFixture`, asked by its administrator. `Body`: what answers may hold. */
export async function askFixture<Body>(t: TestContext) {
  const fixture = await apiFixture();
  t.after(() => fixture.api.close());
  return { ...fixture, ask: askerOf<Body>(fixture) };
}

function askerOf<Body>({ api, authorization }: ApiFixture) {
  return async <T = Body>(
    method: Method,
    path: string,
    payload?: object,
    headers: Record<string, string | undefined> = {},
  ) => {
    const response = await api.inject({
      method,
      url: `/api/v1${path}`,
      headers: { ...authorization, ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    const isJson = response.body !== '' && String(response.headers['content-type']).includes('json');
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.body,
      body: (isJson ? response.json() : {}) as T,
    };
  };
}

/** The texts of the changes by people. */
export function changesIn({ events }: ApiFixture['journal']): string[] {
  return events.filter(({ type }) => type === 'change').map(({ text = '' }) => text);
}

import { createContext, useContext } from 'react';
import type { ApiClient } from './client.ts';

export const ApiContext = createContext<ApiClient | undefined>(undefined);

/** The REST API, with the session of whoever has signed in. */
export function useApi(): ApiClient {
  const api = useContext(ApiContext);
  if (!api) throw new Error('there is no ApiContext');
  return api;
}

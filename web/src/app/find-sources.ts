import type { ApiClient } from '../api/client.ts';
import type { Hit } from './searches.ts';

const MOST = 6;

/** Sources by name, description, owner, address, tag. */
export async function findSources(api: ApiClient, text: string, signal: AbortSignal): Promise<Hit[]> {
  const { items } = await api.get('/sources', { query: { search: text, limit: MOST }, signal });
  return items.map(({ name, description, owner }) => ({
    title: name,
    note: description || owner,
    to: `/sources/${encodeURIComponent(name)}`,
    kind: 'source',
  }));
}

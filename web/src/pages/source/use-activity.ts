import { useApiQuery } from '../../api/queries.ts';

export type ActivityWindow = '1h' | '24h' | '7d' | '30d';

/** What a source does now and did lately; renewed while it is looked at. */
export function useActivity(name: string, window: ActivityWindow = '24h') {
  return useApiQuery(
    '/sources/{name}/activity',
    { params: { name }, query: { window } },
    { refetchInterval: 10_000 },
  );
}

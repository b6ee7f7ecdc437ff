import type { ApiClient } from '../../api/client.ts';
import { saveFile } from '../../components/save-file.ts';

/**
 * Saves all entries as JSON lines, as `postern audit-log export` does: whoever has them can check the chain alone.
 * @param onProgress is told how many there are so far
 */
export async function exportEntries(api: ApiClient, onProgress: (count: number) => void): Promise<void> {
  const parts: string[] = [];
  let count = 0;
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page: { items: { entry: string; hash: string }[]; next?: number } = await api.get(
      '/audit-log/export',
      {
        query: { after, limit: 500 },
      },
    );
    for (const item of page.items) parts.push(`${JSON.stringify(item)}\n`);
    count += page.items.length;
    onProgress(count);
    after = page.next;
  }
  saveFile(new Blob(parts, { type: 'application/x-ndjson' }), 'postern-audit-log.jsonl');
}

import type { ApiClient } from '../api/client.ts';
import type { Hit } from './searches.ts';

const MOST = 5;

/** The newest messages with this text in an address, the subject or the Message-ID, or with this identifier. */
export async function findMessages(api: ApiClient, text: string, signal: AbortSignal): Promise<Hit[]> {
  const ask = (query: { q: string } | { message: string }) =>
    api.get('/messages', { query: { ...query, limit: MOST }, signal });
  const [named, found] = await Promise.all([
    /^[0-9a-z]{11}$/i.test(text) ? ask({ message: text }) : { items: [] },
    ask({ q: text }),
  ]);
  return [...named.items, ...found.items]
    .slice(0, MOST)
    .map(({ id, subject, recipients, from, headerFrom }) => ({
      title: subject || id,
      note: [headerFrom ?? from, recipients[0]].filter((one) => one !== undefined && one !== '').join(' → '),
      to: `/messages/${id}`,
      kind: 'message',
    }));
}

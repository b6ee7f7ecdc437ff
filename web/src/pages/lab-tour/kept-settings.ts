import type { AnswerOf, ApiClient } from '../../api/client.ts';

/** How the lab was set before the tour: put back when it ends, also after the page was loaded anew. */

const KEPT = 'postern.lab-tour';

type Tour = AnswerOf<'/lab/tour', 'get'>;
interface Kept {
  settings: Record<string, boolean | string | string[]>;
  connector: { name: string; enabled: boolean } | undefined;
}

export function isKept(): boolean {
  return sessionStorage.getItem(KEPT) !== null;
}

/** Remembers the settings that the tour changes, unless it has begun already. */
export async function keep(api: ApiClient, tour: Tour): Promise<void> {
  if (isKept()) return;
  const [{ items }, { items: connectors }] = await Promise.all([
    api.get('/lab/settings'),
    api.get('/lab/connectors'),
  ]);
  const found = connectors.find(({ name }) => name === tour.connector);
  const kept: Kept = {
    settings: Object.fromEntries(
      items.filter(({ name }) => tour.settings.includes(name)).map(({ name, value }) => [name, value]),
    ),
    connector: found && { name: found.name, enabled: found.enabled },
  };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
}

/** Sets the lab as it was before. */
export async function putBack(api: ApiClient): Promise<void> {
  const text = sessionStorage.getItem(KEPT);
  if (text === null) return;
  const { settings, connector } = JSON.parse(text) as Kept;
  await api.patch('/lab/settings', { body: settings });
  if (connector) {
    await api.put('/lab/connectors/{name}', {
      params: { name: connector.name },
      body: { enabled: connector.enabled },
    });
  }
  sessionStorage.removeItem(KEPT);
}

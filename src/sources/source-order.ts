import { lastUseOf, matcher, type SearchFacts, type SourceFilter } from './search.ts';
import type { SourceRegistry } from './registry.ts';
import type { Source } from './source.ts';

/** By what a list may be sorted. Upward by name goes `searchSources`, which reads no more than it answers. */
export const SOURCE_ORDERS = ['lastUsed', 'owner', 'state', 'created'] as const;
export type SourceOrder = (typeof SOURCE_ORDERS)[number] | 'name';

/** Where a page ended. */
export interface OrderPlace {
  key: string | number;
  name: string;
}

type Ordered = OrderPlace & { source: Source };

/**
 * One page of sources in another order than that of their names. All that match are looked at and only those of the
 * page are kept, so that fifty thousand cost one pass and no sort.
 * @param after where the page before ended
 */
export function orderedSources(
  registry: Pick<SourceRegistry, 'list' | 'credentials'>,
  filter: SourceFilter,
  options: {
    order: SourceOrder;
    descending: boolean;
    after?: OrderPlace;
    most: number;
    visible: (source: Source) => boolean;
    facts: SearchFacts;
  },
): { items: Source[]; next: OrderPlace | undefined } {
  const { order, descending, after, most, visible, facts } = options;
  const matches = matcher(registry, filter, facts);
  const direction = descending ? -1 : 1;
  const before = (a: OrderPlace, b: OrderPlace): boolean =>
    a.key === b.key ? a.name < b.name : (a.key < b.key ? -1 : 1) * direction < 0;
  const kept: Ordered[] = [];
  for (const source of registry.list()) {
    if (!visible(source) || !matches(source)) continue;
    const one: Ordered = { key: keyOf(registry, source, order), name: source.name, source };
    if (after && !before(after, one)) continue;
    const last = kept.at(-1);
    if (kept.length > most && last && !before(one, last)) continue;
    kept.splice(placeIn(kept, one, before), 0, one);
    if (kept.length > most + 1) kept.pop();
  }
  const items = kept.slice(0, most);
  const end = items.at(-1);
  return {
    items: items.map(({ source }) => source),
    next: kept.length > most && end ? { key: end.key, name: end.name } : undefined,
  };
}

function placeIn(
  kept: readonly Ordered[],
  one: OrderPlace,
  before: (a: OrderPlace, b: OrderPlace) => boolean,
): number {
  let low = 0;
  let high = kept.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(kept[middle] as OrderPlace, one)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function keyOf(
  registry: Pick<SourceRegistry, 'credentials'>,
  source: Source,
  order: SourceOrder,
): string | number {
  switch (order) {
    case 'lastUsed':
      // what was never used stands before everything that was
      return lastUseOf(registry.credentials(source.id)) ?? 0;
    case 'owner':
      return source.owner.toLowerCase();
    case 'state':
      return source.state;
    case 'created':
      return source.createdAt;
    case 'name':
      return source.name;
  }
}

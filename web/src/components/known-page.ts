import { PAGES, type PageEntry } from '../app/pages.ts';

export interface KnownPage {
  page: PageEntry;
  /** As a `Link` takes it. */
  to: string;
  params: Record<string, string>;
  search: Record<string, string>;
}

/**
 * The page that an address of the relay leads to; undefined: this console has none.
 * @param address a path, its parameters percent-encoded, with or without a query
 */
export function knownPage(address: string): KnownPage | undefined {
  const { pathname, searchParams } = new URL(address, 'http://console.invalid');
  const parts = pathname.split('/');
  for (const page of PAGES) {
    const pattern = page.path.split('/');
    const params: Record<string, string> = {};
    const fits = pattern.every((part, index) => {
      const given = parts[index] ?? '';
      // `$name`, and `{-$tab}` that may be absent
      const [, optional, name] = /^(\{-)?\$(\w+)\}?$/.exec(part) ?? [];
      if (name === undefined) return part === given;
      if (given !== '') params[name] = decodeURIComponent(given);
      return given !== '' || optional !== undefined;
    });
    if (fits && parts.length <= pattern.length)
      return { page, to: page.path, params, search: Object.fromEntries(searchParams) };
  }
  return undefined;
}

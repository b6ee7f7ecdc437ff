import type { ApiClient } from '../api/client.ts';
import { findMessages } from './find-messages.ts';
import { findSources } from './find-sources.ts';
import type { Role } from './roles.ts';

export interface Hit {
  title: string;
  /** More of it, in small print. */
  note?: string;
  to: string;
  search?: Record<string, string>;
  /** Its word stands in `search.kind` of app/en.json. */
  kind: string;
}

export interface SearchProvider {
  role?: Role;
  /** A few hits, best first, for a text of at least two characters in lower case. */
  find(api: ApiClient, text: string, signal: AbortSignal): Promise<Hit[]>;
}

/** What Ctrl+K looks through besides the pages. */
export const SEARCHES: SearchProvider[] = [{ find: findSources }, { find: findMessages }];

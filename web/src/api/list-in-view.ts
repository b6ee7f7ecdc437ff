import type { InfiniteData, QueryClient } from '@tanstack/react-query';

/** A page of a list of the API. */
export interface ListPage<T = unknown> {
  items: readonly T[];
  /** Where the next one begins; absent: this is the last. */
  next?: string | undefined;
}

type Cursor = string | undefined;
type Read<P> = InfiniteData<P, Cursor>;

/** So many pages are read again at the most: of lists that do not tell what is in view, and of pages without rows. */
const MOST = 10;

/**
 * Keeps what it costs to read a list again from growing with what was read of it. After a change only the pages in view
 * are asked for: cursors name the row that a page follows, so what stands above stays right without being asked for,
 * and is read again when it comes into view; what stands below is dropped, and comes back by scrolling.
 */
export class ListInView<P extends ListPage> {
  readonly #queries: QueryClient;
  #view: { first: number; last: number } | undefined;
  /** So many pages at the top are older than the last time that the list was read. */
  #old = 0;

  constructor(queries: QueryClient) {
    this.#queries = queries;
  }

  /**
   * Takes what is in view.
   * @param first index of its first row
   * @param last index of its last row
   * @returns whether some of it is old, and the list has to be read again
   */
  look(queryKey: readonly unknown[], first: number, last: number): boolean {
    this.#view = { first, last };
    return this.#pagesInView(this.#read(queryKey)).first < this.#old;
  }

  /** A page of the list: from what was read where it stands above the view, from the relay otherwise. */
  async page(queryKey: readonly unknown[], cursor: Cursor, ask: () => Promise<P>): Promise<P> {
    const read = this.#read(queryKey);
    const index = read?.pageParams.indexOf(cursor) ?? -1;
    const known = read?.pages[index];
    if (known && index < this.#pagesInView(read).first) {
      this.#old = Math.max(this.#old, index + 1);
      return known;
    }
    const page = await ask();
    if (index !== -1) this.#old = Math.min(this.#old, index);
    return page;
  }

  /** Where the page after `last` begins; undefined: there is none, or it is not in view and not read again. */
  next(queryKey: readonly unknown[], last: P, pages: readonly P[]): Cursor {
    const read = this.#read(queryKey);
    // other pages than those that are kept: the list is being read again
    const isRefresh = read !== undefined && read.pages !== pages;
    return isRefresh && pages.length > this.#pagesInView(read).last ? undefined : last.next;
  }

  #read(queryKey: readonly unknown[]): Read<P> | undefined {
    return this.#queries.getQueryData<Read<P>>(queryKey);
  }

  #pagesInView(read: Read<P> | undefined): { first: number; last: number } {
    if (!this.#view || !read) return { first: 0, last: MOST - 1 };
    const { first: firstRow, last: lastRow } = this.#view;
    const ends: number[] = [];
    for (const { items } of read.pages) ends.push((ends.at(-1) ?? 0) + items.length);
    // a row behind the last page counts as one of the last page
    const page = (isReached: (end: number) => boolean) => {
      const index = ends.findIndex(isReached);
      return index === -1 ? Math.max(0, ends.length - 1) : index;
    };
    // a search may have pages without a row: those before the first row are in view with it
    const first = page((end) => end >= firstRow);
    return {
      first,
      last: Math.min(
        page((end) => end > lastRow),
        first + MOST - 1,
      ),
    };
  }
}

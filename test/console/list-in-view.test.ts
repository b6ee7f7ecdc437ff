import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query';
import { ListInView, type ListPage } from '../../web/src/api/list-in-view.ts';

const SIZE = 10;

/** A list of ascending numbers as the API answers it, read as `useApiPages` reads it. */
async function listOf({
  rows,
  pages,
  isWanted = () => true,
}: {
  rows: number[];
  pages: number;
  isWanted?: (row: number) => boolean;
}) {
  const matches = new Set(rows.filter(isWanted));
  const queries = new QueryClient();
  const key = ['/rows'];
  const list = new ListInView<ListPage<number>>(queries);
  const asked: (string | undefined)[] = [];
  const observer = new InfiniteQueryObserver<
    ListPage<number>,
    Error,
    { pages: ListPage<number>[] },
    string[],
    string | undefined
  >(queries, {
    queryKey: key,
    queryFn: ({ pageParam }) =>
      list.page(key, pageParam, async () => {
        asked.push(pageParam);
        const looked = rows.filter((row) => row > Number(pageParam ?? -1)).slice(0, SIZE);
        const last = looked.at(-1);
        const items = looked.filter((row) => matches.has(row));
        return { items, next: last === rows.at(-1) || last === undefined ? undefined : String(last) };
      }),
    initialPageParam: undefined,
    getNextPageParam: (last, all) => list.next(key, last, all),
    retry: false,
  });
  const stop = observer.subscribe(() => {});
  await observer.refetch({ cancelRefetch: false });
  for (let page = 1; page < pages; page++) await observer.fetchNextPage();
  return {
    rows,
    matches,
    asked,
    look: (first: number, last: number) => list.look(key, first, last),
    more: () => observer.fetchNextPage(),
    /** What was asked for by reading it again. */
    refresh: async () => {
      asked.length = 0;
      await queries.invalidateQueries({ queryKey: key });
      return [...asked];
    },
    shown: () => observer.getCurrentResult().data?.pages.flatMap(({ items }) => items) ?? [],
    hasMore: () => observer.getCurrentResult().hasNextPage,
    [Symbol.dispose]() {
      stop();
      queries.clear();
    },
  };
}

const upTo = (end: number) => Array.from({ length: end }, (_, index) => index);

describe('a list that is read again', () => {
  it('asks only for the pages in view, however much was read', async () => {
    using list = await listOf({ rows: upTo(5000), pages: 200 });
    assert.equal(list.shown().length, 2000);
    list.look(1505, 1532);
    assert.deepEqual(await list.refresh(), ['1499', '1509', '1519', '1529']);
    assert.deepEqual(list.shown(), upTo(1540), 'what is above stays, what is below is dropped');
    assert.equal(list.hasMore(), true);
    await list.more();
    assert.deepEqual(list.shown(), upTo(1550), 'and comes back by scrolling');
  });

  it('shows what has changed in view, without a gap', async () => {
    using list = await listOf({ rows: upTo(500), pages: 30 });
    list.look(100, 115);
    list.rows.splice(103, 5);
    await list.refresh();
    assert.deepEqual(
      list.shown(),
      upTo(125).filter((row) => row < 103 || row > 107),
    );
  });

  it('reads what is above again when it comes into view', async () => {
    using list = await listOf({ rows: upTo(500), pages: 30 });
    assert.equal(list.look(205, 225), false);
    list.rows.shift();
    await list.refresh();
    assert.equal(list.shown()[0], 0, 'nobody looks there');
    assert.equal(list.look(215, 225), false);
    assert.equal(list.look(0, 20), true);
    assert.deepEqual(await list.refresh(), [undefined, '10', '20']);
    assert.equal(list.shown()[0], 1);
    assert.equal(list.look(0, 20), false);
  });

  it('has an end again where the end is in view', async () => {
    using list = await listOf({ rows: upTo(95), pages: 10 });
    assert.equal(list.hasMore(), false);
    list.look(81, 94);
    assert.deepEqual(await list.refresh(), ['79', '89']);
    assert.equal(list.hasMore(), false);
    assert.deepEqual(list.shown(), upTo(95));
  });

  it('sees what is new where a search had found nothing at the top', async () => {
    using list = await listOf({ rows: upTo(100), pages: 10, isWanted: (row) => row >= 45 });
    list.look(0, 12);
    list.matches.add(3);
    assert.deepEqual((await list.refresh())[0], undefined);
    assert.equal(list.shown()[0], 3);
  });

  it('that does not tell what is in view is read again from the top, ten pages of it', async () => {
    using list = await listOf({ rows: upTo(500), pages: 30 });
    assert.equal((await list.refresh()).length, 10);
    assert.equal(list.hasMore(), true);
  });
});

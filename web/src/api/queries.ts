import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type UseQueryOptions,
} from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import {
  type AnswerOf,
  type Method,
  type ParamsOf,
  type PathWith,
  type QueryOf,
  type RequestOptions,
  type Tagged,
} from './client.ts';
import { useApi } from './context.ts';
import { ListInView, type ListPage } from './list-in-view.ts';

interface Asked<P extends PathWith<'get'>> {
  params?: ParamsOf<P, 'get'>;
  query?: QueryOf<P, 'get'>;
}

type QuerySettings<T> = Pick<
  UseQueryOptions<T, Error, T>,
  | 'enabled'
  | 'gcTime'
  | 'refetchInterval'
  | 'staleTime'
  | 'placeholderData'
  | 'refetchOnWindowFocus'
  | 'retry'
>;

/** The key under which an answer is kept: `invalidateQueries({ queryKey: ['/sources'] })` takes all of a path. */
export function queryKey(path: string, asked: { params?: unknown; query?: unknown } = {}): unknown[] {
  return [path, asked.params ?? {}, asked.query ?? {}];
}

/** Reads a path of the API, and keeps the answer. */
export function useApiQuery<P extends PathWith<'get'>>(
  path: P,
  asked: Asked<P> = {},
  settings: QuerySettings<AnswerOf<P, 'get'>> = {},
) {
  const api = useApi();
  return useQuery<AnswerOf<P, 'get'>, Error, AnswerOf<P, 'get'>>({
    queryKey: queryKey(path, asked),
    queryFn: ({ signal }) => api.get(path, { ...asked, signal }),
    ...settings,
  });
}

/** As `useApiQuery`, with the ETag for a change that follows: `{ data, etag }`. */
export function useTaggedQuery<P extends PathWith<'get'>>(
  path: P,
  asked: Asked<P> = {},
  settings: QuerySettings<Tagged<AnswerOf<P, 'get'>>> = {},
) {
  const api = useApi();
  return useQuery<Tagged<AnswerOf<P, 'get'>>, Error, Tagged<AnswerOf<P, 'get'>>>({
    queryKey: [...queryKey(path, asked), 'tagged'],
    queryFn: ({ signal }) => api.getTagged(path, { ...asked, signal }),
    ...settings,
  });
}

/**
 * What a form is about to change, with the ETag of just this state: read when the form opens, and not again while somebody
 * types. What others change meanwhile is then refused to be overwritten.
 */
export function useFound<P extends PathWith<'get'>>(path: P, asked: Asked<P>) {
  const { data, error } = useTaggedQuery(path, asked, { gcTime: 0 });
  const [found, setFound] = useState<Tagged<AnswerOf<P, 'get'>>>();
  if (data && !found) setFound(data);
  return { found: found ?? data, error };
}

type ItemOf<T> = T extends { items: (infer I)[] } ? I : never;

/**
 * A list of the API with a cursor, page after page. `rows` is all that was read so far; `table` is what a `DataTable`
 * takes of it.
 */
export function useApiPages<P extends PathWith<'get'>>(
  path: P,
  asked: Asked<P> = {},
  settings: { enabled?: boolean; pageSize?: number; refetchInterval?: number | false } = {},
) {
  type Page = AnswerOf<P, 'get'> & ListPage<ItemOf<AnswerOf<P, 'get'>>>;
  const api = useApi();
  const queries = useQueryClient();
  const { pageSize = 100, ...rest } = settings;
  const key = [...queryKey(path, asked), 'pages', pageSize];
  const [inView] = useState(() => new ListInView<Page>(queries));
  const result = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ signal, pageParam }) =>
      inView.page(key, pageParam, async () => {
        const query = { ...(asked.query as object), limit: pageSize, cursor: pageParam };
        return (await api.get(path, {
          ...asked,
          query: query as unknown as QueryOf<P, 'get'>,
          signal,
        })) as Page;
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last, pages) => inView.next(key, last, pages),
    placeholderData: keepPreviousData,
    ...rest,
  });
  const { data } = result;
  const rows = useMemo(() => data?.pages.flatMap(({ items }) => items), [data]);
  return {
    ...result,
    rows,
    table: {
      rows,
      error: result.error,
      onRetry: () => void result.refetch(),
      hasMore: result.hasNextPage,
      isLoadingMore: result.isFetchingNextPage,
      onMore: () => void result.fetchNextPage(),
      onView: (first: number, last: number) => {
        const isOld = inView.look(key, first, last);
        // what has failed is tried again by whoever reads that it has
        if (isOld && !result.isFetching && !result.isError) void result.refetch();
      },
    },
  };
}

/**
 * Changes something: `const { mutateAsync } = useApiMutation('patch', '/sources/{name}', ['/sources'])`.
 * @param stale paths whose answers are read again afterwards
 */
export function useApiMutation<M extends Exclude<Method, 'get'>, P extends PathWith<M>>(
  method: M,
  path: P,
  stale: string[] = [],
) {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation<AnswerOf<P, M>, Error, RequestOptions<P, M>>({
    mutationFn: async (options) => (await api.send(method, path, options)).data,
    onSuccess: () => Promise.all(stale.map((one) => queries.invalidateQueries({ queryKey: [one] }))),
  });
}

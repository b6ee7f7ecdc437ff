import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type UseQueryOptions,
} from '@tanstack/react-query';
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

interface Asked<P extends PathWith<'get'>> {
  params?: ParamsOf<P, 'get'>;
  query?: QueryOf<P, 'get'>;
}

type QuerySettings<T> = Pick<
  UseQueryOptions<T, Error, T>,
  'enabled' | 'refetchInterval' | 'staleTime' | 'placeholderData' | 'refetchOnWindowFocus' | 'retry'
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

type ItemOf<T> = T extends { items: (infer I)[] } ? I : never;

/** A list of the API with a cursor, page after page. `rows` is all that was read so far. */
export function useApiPages<P extends PathWith<'get'>>(
  path: P,
  asked: Asked<P> = {},
  settings: { enabled?: boolean; pageSize?: number; refetchInterval?: number | false } = {},
) {
  const api = useApi();
  const { pageSize = 100, ...rest } = settings;
  const result = useInfiniteQuery({
    queryKey: [...queryKey(path, asked), 'pages', pageSize],
    queryFn: ({ signal, pageParam }) =>
      api.get(path, {
        ...asked,
        query: { ...(asked.query as object), limit: pageSize, cursor: pageParam } as unknown as QueryOf<
          P,
          'get'
        >,
        signal,
      }) as Promise<AnswerOf<P, 'get'> & { items: ItemOf<AnswerOf<P, 'get'>>[]; next?: string }>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    ...rest,
  });
  return { ...result, rows: result.data?.pages.flatMap(({ items }) => items) };
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

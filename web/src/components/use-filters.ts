import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

/**
 * Filters of a page, kept in its address, so that a view can be sent and the way back works.
 * `const [filters, setFilters] = useFilters(['source', 'since'])`; an empty text removes one.
 */
export function useFilters<const K extends string>(
  names: readonly K[],
): [Partial<Record<K, string>>, (changes: Partial<Record<K, string | undefined>>) => void] {
  const search = useSearch({ strict: false }) satisfies Record<string, string | undefined>;
  const navigate = useNavigate();
  const values: Partial<Record<K, string>> = {};
  for (const name of names) {
    const value = search[name];
    if (value !== undefined && value !== '') values[name] = value;
  }
  const set = useCallback(
    (changes: Partial<Record<K, string | undefined>>) =>
      void navigate({
        to: '.',
        search: (before: Record<string, unknown>) => ({ ...before, ...changes }),
        // typing in a filter is one step back, not one for each letter
        replace: true,
      }),
    [navigate],
  );
  return [values, set];
}

import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';

/**
 * For what ends every session, this one as well: the question that finds no session has the console ask for a sign-in
 * over the page; then everything is read anew, also whether a second factor is still missing.
 */
export function useSignInAnew(): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(async () => {
    await queries.invalidateQueries({ queryKey: ['/me'] });
    await queries.invalidateQueries();
  }, [queries]);
}

import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useApi } from '../../api/context.ts';
import { useStream } from '../../api/events.ts';
import { type BodyOf } from '../../api/client.ts';
import { useApiQuery } from '../../api/queries.ts';
import type { AuditRun } from '../../api/schema.ts';

export type RunRequest = NonNullable<BodyOf<'/audit/run', 'post'>>;

/** The run of the audit as it goes, and whether there ever was an answer. */
export function useAuditRun() {
  const api = useApi();
  const queries = useQueryClient();
  const first = useApiQuery('/audit/run');
  const [followed, setFollowed] = useState<AuditRun>();
  const wasRunning = useRef(false);
  const refresh = () =>
    queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith('/audit') });
  useStream<AuditRun>(
    '/api/v1/audit/run?follow=true',
    (run) => {
      setFollowed(run);
      // what was shown of the audit is of the run before
      if (wasRunning.current && run.state !== 'running') void refresh();
      wasRunning.current = run.state === 'running';
    },
    () => void refresh(),
  );
  const run = followed ?? first.data;
  return {
    run,
    answeredAt: first.data?.answeredAt,
    isLoading: first.isPending,
    error: first.error,
    retry: () => void first.refetch(),
    isRunning: run?.state === 'running',
    start: async (request: RunRequest = {}) => {
      await api.post('/audit/run', { body: request });
    },
    stop: async () => {
      await api.delete('/audit/run');
    },
  };
}

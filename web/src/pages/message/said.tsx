import { Skeleton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { Transcript } from '../../components/transcript/transcript.tsx';

/** The transcript of the session, which is kept where something in it was refused. */
export function Said({ session, isKept }: { session: string; isKept: boolean }) {
  const { t } = useTranslation('message');
  const { data, error, refetch } = useApiQuery(
    '/transcripts/{session}',
    { params: { session } },
    { enabled: isKept },
  );
  if (!isKept) return <EmptyState title={t('noTranscript.title')}>{t('noTranscript.text')}</EmptyState>;
  if (error) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  return data ? <Transcript transcript={data} /> : <Skeleton height={200} />;
}

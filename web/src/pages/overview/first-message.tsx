import { Skeleton, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../../api/problem.ts';
import { useApiQuery } from '../../api/queries.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { PageLink } from '../../components/page-link.tsx';
import classes from './overview.module.css';

/** The lines that send a first message, ready to be pasted. */
export default function FirstMessage() {
  const { t } = useTranslation('overview');
  const { data, error, refetch } = useApiQuery('/first-message', {}, { staleTime: Number.POSITIVE_INFINITY });
  // the source to try things with was removed: one's own source sends the first message
  if (error instanceof ApiProblem && error.status === 404) {
    return (
      <PageLink address="/new-source" className={classes.primary} otherwise={null}>
        {t('setup.source.action')}
      </PageLink>
    );
  }
  if (error) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={90} />;
  return (
    <Stack gap={8}>
      {data.swaks !== undefined && (
        <div>
          <Text size="xs" c="dimmed" mb={3}>
            {t('setup.bySmtp')}
          </Text>
          <CodeBlock value={data.swaks} label={t('setup.copySmtp')} />
        </div>
      )}
      <div>
        <Text size="xs" c="dimmed" mb={3}>
          {t('setup.byHttp')}
        </Text>
        <CodeBlock value={data.curl} label={t('setup.copyHttp')} />
      </div>
    </Stack>
  );
}

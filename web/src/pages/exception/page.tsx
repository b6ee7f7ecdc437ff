import { Paper, Skeleton, Stack } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { useFormat } from '../../app/format.ts';
import {
  ExceptionActions,
  ExceptionState,
  useExceptionTitle,
} from '../../components/exception-parts/exception-parts.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { TimeText } from '../../components/time-text.tsx';

/** One exception: for whom, why, until when, and whether somebody needs it. */
export default function ExceptionPage() {
  const { t } = useTranslation('exception');
  const { t: words } = useTranslation('exception-parts');
  const format = useFormat();
  const titleOf = useExceptionTitle();
  const { id = '' }: { id?: string } = useParams({ strict: false });
  const { data, error, refetch } = useApiQuery('/exceptions/{id}', { params: { id } });
  const above = [{ title: t('above'), to: '/exceptions' }];
  if (!data) {
    return (
      <Stack gap="md">
        <PageHeader title={id} above={above} />
        {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <Skeleton height={240} />}
      </Stack>
    );
  }
  const { networks, sourceName, reason, owner, state, uses, lastUsedFrom } = data;
  return (
    <Stack gap="md">
      <PageHeader
        title={titleOf(data)}
        above={above}
        mark={<ExceptionState exception={data} />}
        actions={<ExceptionActions exception={data} />}
      />
      <Paper p="md">
        <KeyValues
          rows={[
            [words('reason'), <bdi key="reason">{reason}</bdi>],
            [words('networks'), networks.join(', ')],
            [
              words('source'),
              sourceName !== undefined && (
                <Link
                  key="source"
                  to="/sources/$name/{-$tab}"
                  params={{ name: sourceName, tab: 'exceptions' }}
                >
                  {sourceName}
                </Link>
              ),
            ],
            [words('owner'), owner],
            [state === 'open' ? words('ends') : t('wouldEnd'), format.dateTime(data.endsAt)],
            [t('ended'), data.endedAt !== undefined && by(data.endedAt, data.endedBy)],
            [t('made'), by(data.createdAt, data.createdBy)],
            [t('uses'), t('times', { count: uses, number: format.number(uses) })],
            [
              t('last'),
              uses > 0 && (
                <span key="last">
                  <TimeText at={data.lastUsedAt} />{' '}
                  {lastUsedFrom !== undefined && t('from', { address: lastUsedFrom })}
                </span>
              ),
            ],
          ]}
        />
      </Paper>
    </Stack>
  );

  function by(at: number, who: string | undefined) {
    return (
      <span>
        <TimeText at={at} exact /> {who !== undefined && t('by', { who })}
      </span>
    );
  }
}

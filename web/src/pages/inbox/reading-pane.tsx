import { Anchor, Group, Skeleton, Stack, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import ArrowLeft from 'lucide-react/icons/arrow-left';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../../api/problem.ts';
import { useApiQuery } from '../../api/queries.ts';
import { Bytes } from '../../components/bytes.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { MessageContent } from '../../components/message-content/message-content.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { useFilters } from '../../components/use-filters.ts';
import classes from './inbox.module.css';

/** One message: for whom it was, whether its signatures are right, and what is in it. */
export function ReadingPane({ id }: { id: string }) {
  const { t } = useTranslation('inbox');
  const [query] = useFilters(['search', 'source']);
  const { data, error, refetch } = useApiQuery(
    '/inbox/{id}',
    { params: { id } },
    { staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false },
  );
  const back = (
    <Anchor component={Link} to="/inbox" search={query as never} size="sm" className={classes.back}>
      <ArrowLeft size={14} aria-hidden /> {t('back')}
    </Anchor>
  );
  if (error) {
    return (
      <Stack gap="sm">
        {back}
        {error instanceof ApiProblem && error.status === 404 ? (
          <EmptyState title={t('gone')} />
        ) : (
          <ProblemAlert error={error} onRetry={() => void refetch()} />
        )}
      </Stack>
    );
  }
  if (!data) {
    return (
      <Stack gap="xs" aria-busy>
        {back}
        <Skeleton height={22} width="50%" />
        <Skeleton height={14} width="70%" />
        <Skeleton height={14} width="60%" />
      </Stack>
    );
  }
  const { entry, signatures } = data;
  return (
    <Stack gap="sm">
      {back}
      <div>
        <Group gap="sm" justify="space-between" align="flex-start">
          <Title order={2} className={classes.title} dir="auto">
            {entry.subject || t('noSubject')}
          </Title>
          <Group gap={6} role="group" aria-label={t('signature.label')}>
            {signatures.length === 0 && <StateBadge tone="warn">{t('signature.none')}</StateBadge>}
            {signatures.map(({ domain, selector, result, reason }) => (
              <span key={`${domain} ${selector}`} title={[selector, reason].filter(Boolean).join(': ')}>
                <StateBadge tone={result === 'pass' ? 'good' : 'bad'}>
                  {result === 'pass'
                    ? t('signature.pass', { domain })
                    : t('signature.other', { domain, result })}
                </StateBadge>
              </span>
            ))}
          </Group>
        </Group>
        <dl className={classes.facts}>
          <dt>{t('from')}</dt>
          <dd>{entry.headerFrom || t('nobody')}</dd>
          <dt>{t('envelope')}</dt>
          <dd>{t('envelopeText', { from: entry.from || '<>', to: entry.recipients.join(', ') })}</dd>
          <dt>{t('source')}</dt>
          <dd>
            {entry.sourceName} · <TimeText at={entry.receivedAt} exact /> · <Bytes octets={entry.size} />
          </dd>
        </dl>
      </div>
      <MessageContent place={{ path: '/inbox/{id}', id }} />
    </Stack>
  );
}

import { Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import LogOut from 'lucide-react/icons/log-out';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { useApiQuery } from '../../api/queries.ts';
import { useCan } from '../../app/session.tsx';
import { notify } from '../../components/notify.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { isKept, putBack } from './kept-settings.ts';
import classes from './lab-tour.module.css';
import { Step } from './step.tsx';

/** The guided tour: each step says what will happen, does it for real, and shows what came of it. */
export default function LabTourPage() {
  const { t, i18n } = useTranslation('lab-tour');
  const api = useApi();
  const navigate = useNavigate();
  const may = useCan('operator');
  const [{ step = '1' }, setFilters] = useFilters(['step']);
  const [done, setDone] = useState<ReadonlySet<number>>(new Set());
  const [failure, setFailure] = useState<unknown>();
  // who has sent by Direct Send before it is not its affair
  const [startedAt] = useState(() => Date.now());
  const { data, error, refetch } = useApiQuery(
    '/lab/tour',
    { query: { language: i18n.language === 'fr' ? 'fr' : 'en' } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  if (error) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={420} radius="md" />;
  const number = Math.min(Math.max(Math.trunc(Number(step)) || 1, 1), data.steps.length);
  const current = data.steps[number - 1];
  const go = (to: number) => setFilters({ step: to === 1 ? undefined : String(to) });
  const end = async () => {
    setFailure(undefined);
    try {
      const wasChanged = isKept();
      await putBack(api);
      await navigate({ to: '/lab' });
      if (wasChanged) await notify({ text: t('restored') });
    } catch (problem) {
      setFailure(problem);
    }
  };
  return (
    <Stack gap="md">
      <PageHeader
        title={t('title')}
        description={data.welcome}
        above={[{ title: t('above'), to: '/lab' }]}
        actions={
          <Button variant="default" leftSection={<LogOut size={15} aria-hidden />} onClick={() => void end()}>
            {t('end')}
          </Button>
        }
      />
      {failure !== undefined && <ProblemAlert error={failure} />}
      {!may && (
        <Text size="sm" c="dimmed">
          {t('forbidden')}
        </Text>
      )}
      <div className={classes.columns}>
        <nav aria-label={t('steps')} className={classes.steps}>
          <ol>
            {data.steps.map(({ name, title }, index) => (
              <li key={name}>
                <button
                  type="button"
                  className={classes.stepLink}
                  aria-current={index + 1 === number ? 'step' : undefined}
                  data-done={done.has(index + 1) || undefined}
                  onClick={() => go(index + 1)}
                >
                  <span className={classes.number} aria-hidden>
                    {done.has(index + 1) ? '✓' : index + 1}
                  </span>
                  <span>{title}</span>
                </button>
              </li>
            ))}
          </ol>
        </nav>
        {current && (
          <Step
            key={current.name}
            step={current}
            tour={data}
            startedAt={startedAt}
            label={t('stepOf', { number, of: data.steps.length })}
            onDone={() => setDone((before) => new Set(before).add(number))}
            actions={
              <Group gap="xs">
                {number > 1 && (
                  <Button variant="default" onClick={() => go(number - 1)}>
                    {t('back')}
                  </Button>
                )}
                {number < data.steps.length ? (
                  <Button onClick={() => go(number + 1)}>{t('next')}</Button>
                ) : (
                  <Button onClick={() => void end()}>{t('end')}</Button>
                )}
              </Group>
            }
          />
        )}
      </div>
    </Stack>
  );
}

import { Button, Paper, Skeleton, Stack } from '@mantine/core';
import ChartColumn from 'lucide-react/icons/chart-column';
import Download from 'lucide-react/icons/download';
import Printer from 'lucide-react/icons/printer';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf } from '../../api/client.ts';
import { useApiPages, useApiQuery } from '../../api/queries.ts';
import { useFormat } from '../../app/format.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { Choices } from './choices.tsx';
import { Course } from './course.tsx';
import { byOf, dayOf, PARAMETERS, queryOf, sortOf, spanOf, usualSort } from './query.ts';
import { ReportTable } from './report-table.tsx';
import { usePrintInLight } from './use-print-in-light.ts';
import classes from './reports.module.css';

const ROWS = 200;
const MOST_DAYS = 400;

/** Who sent how much, for managers and spreadsheets. */
export default function ReportsPage() {
  const { t } = useTranslation('reports');
  const format = useFormat();
  const [parameters, setParameters] = useFilters(PARAMETERS);
  // a page that is open over midnight keeps its days until it is asked for others
  const [now] = useState(() => Date.now());
  const by = byOf(parameters);
  const key = JSON.stringify(parameters);
  const span = useMemo(() => spanOf(JSON.parse(key) as typeof parameters, now), [key, now]);
  const query = queryOf(parameters, span);
  const report = useApiPages('/reports', { query }, { pageSize: ROWS });
  const course = useApiQuery('/reports', { query: { ...query, by: 'day', sort: 'key', limit: MOST_DAYS } });
  usePrintInLight();

  const [first] = report.data?.pages ?? [];
  const rows = report.rows ?? [];
  const sort = sortOf(parameters) ?? usualSort(by);
  const into = (changes: Record<string, string>) =>
    `/reports?${new URLSearchParams(
      Object.entries({ ...parameters, ...changes }).filter(([, value]) => value !== ''),
    ).toString()}`;
  const date = (day: string) => format.date(Date.parse(`${day}T12:00:00`));
  const time =
    span.from === span.to ? date(span.from) : t('span', { from: date(span.from), to: date(span.to) });
  const chosen = (['source', 'tag', 'owner'] as const).flatMap((name) =>
    parameters[name] === undefined ? [] : [`${t(`filter.${name}`)}: ${parameters[name]}`],
  );

  return (
    <Stack gap="md" className={classes.page}>
      <PageHeader
        title={t('title')}
        description={t('description')}
        actions={
          <>
            <Button
              component="a"
              variant="default"
              href={addressOf('/reports', {}, { ...query, format: 'csv' })}
              download
              leftSection={<Download size={15} aria-hidden />}
            >
              {t('csv')}
            </Button>
            <Button
              variant="default"
              leftSection={<Printer size={15} aria-hidden />}
              onClick={() => globalThis.print()}
            >
              {t('print')}
            </Button>
          </>
        }
      />
      <Choices parameters={parameters} span={span} onChange={setParameters} />
      <div className={classes.caption}>
        <strong className={classes.printTitle}>{t('printTitle', { by: t(`by.${by}`) })}</strong>
        <span>{[time, ...chosen].join(' · ')}</span>
        {first?.before && (
          <span className={classes.against}>
            {t('against', {
              from: date(dayOf(first.before.from)),
              to: date(dayOf(first.before.to - 1)),
            })}
          </span>
        )}
        {(first?.behind ?? 0) > 1000 && (
          <span>{t('behind', { number: format.number(first?.behind ?? 0) })}</span>
        )}
      </div>
      {report.error && <ProblemAlert error={report.error} onRetry={() => void report.refetch()} />}
      {!report.error && !first && <Skeleton height={420} radius="md" />}
      {!report.error && first && rows.length === 0 && (
        <Paper>
          <EmptyState icon={ChartColumn} title={t('empty.title')}>
            {t('empty.text')}
          </EmptyState>
        </Paper>
      )}
      {!report.error && first && rows.length > 0 && (
        <>
          <Paper className={classes.course}>
            {course.data ? (
              <Course by={by} span={span} days={course.data.items} />
            ) : (
              <Skeleton height={190} />
            )}
          </Paper>
          <Paper className={classes.frame} aria-busy={report.isPlaceholderData}>
            <ReportTable
              // while another report is fetched the one before stands, by what it was
              by={first.by}
              rows={rows}
              totals={first.totals}
              before={first.before?.totals}
              sort={first.by === by ? sort : usualSort(first.by)}
              onSort={(next) => setParameters({ sort: next === usualSort(by) ? undefined : next })}
              into={into}
            />
          </Paper>
          <div className={classes.end}>
            <span>
              {t('shown', {
                count: first.found,
                number: format.number(rows.length),
                all: format.number(first.found),
              })}
            </span>
            {report.hasNextPage && (
              <Button
                variant="default"
                size="xs"
                className="no-print"
                loading={report.isFetchingNextPage}
                onClick={() => void report.fetchNextPage()}
              >
                {t('more')}
              </Button>
            )}
          </div>
        </>
      )}
    </Stack>
  );
}

import { Button, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import ListChecks from 'lucide-react/icons/list-checks';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiPages, useApiQuery } from '../../api/queries.ts';
import type { DirectSendSender } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useRate } from '../../components/audit/rate.ts';
import { DecisionBadge, ProofBadge, SenderKind } from '../../components/audit/sender-kind.tsx';
import { useAuditRun } from '../../components/audit/use-audit-run.ts';
import { type AuditWords, useWords } from '../../components/audit/words.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { useFilters } from '../../components/use-filters.ts';
import classes from './senders.module.css';

const FILTERS = ['search', 'class', 'wave', 'directSend', 'left', 'decided', 'domain', 'lacks'] as const;

/** The inventory: every sender that the evidence tells of. */
export default function SendersPage() {
  const { t } = useTranslation('direct-send-senders');
  const words = useWords();
  const format = useFormat();
  const run = useAuditRun();
  const isAnswered = run.answeredAt !== undefined;
  const [filters, setFilters] = useFilters([...FILTERS, 'sort']);
  const { sort, ...narrowed } = filters;
  const inventory = useApiQuery('/audit/inventory', {}, { enabled: isAnswered });
  const list = useApiPages('/audit/senders', { query: filters as never }, { enabled: isAnswered });
  const columns = useColumns(words);
  const counts = inventory.data;
  const isNarrowed = Object.keys(narrowed).length > 0;
  if (run.error) return <ProblemAlert error={run.error} onRetry={run.retry} />;
  return (
    <Stack gap="md">
      <PageHeader title={t('title')} description={t('description')} />
      {!run.isLoading && !isAnswered ? (
        <NothingYet />
      ) : (
        <>
          <FilterBar
            values={filters}
            onChange={setFilters}
            filters={[
              {
                kind: 'search',
                name: 'search',
                label: t('filter.search'),
                placeholder: t('filter.searchHelp'),
                width: 215,
              },
              {
                kind: 'choice',
                name: 'left',
                label: t('filter.state'),
                width: 135,
                options: [
                  { value: 'true', label: t('filter.left') },
                  { value: 'false', label: t('filter.notLeft') },
                ],
              },
              {
                kind: 'choice',
                name: 'class',
                label: t('filter.class'),
                width: 190,
                options: (counts?.classes ?? []).map((one) => ({
                  value: one.class,
                  label: `${words.classes[one.class] ?? one.class} (${format.number(one.senders)})`,
                })),
              },
              {
                kind: 'choice',
                name: 'wave',
                label: t('filter.wave'),
                width: 115,
                options: (counts?.waves ?? []).flatMap(({ wave, senders }) =>
                  wave === undefined
                    ? []
                    : [
                        {
                          value: String(wave),
                          label: `${t('wave', { number: wave })} (${format.number(senders)})`,
                        },
                      ],
                ),
              },
              {
                kind: 'choice',
                name: 'directSend',
                label: t('filter.directSend'),
                width: 135,
                options: (['proven', 'candidate', 'no'] as const).map((value) => ({
                  value,
                  label: `${words.directSend[value]} (${format.number(counts?.directSend[value] ?? 0)})`,
                })),
              },
              ...(filters.decided === undefined
                ? []
                : [
                    {
                      kind: 'choice' as const,
                      name: 'decided',
                      label: t('filter.decided'),
                      width: 140,
                      options: [
                        { value: 'true', label: t('filter.decidedYes') },
                        { value: 'false', label: t('filter.decidedNo') },
                      ],
                    },
                  ]),
              ...(filters.domain === undefined
                ? []
                : [{ kind: 'text' as const, name: 'domain', label: t('filter.domain') }]),
              {
                kind: 'choice',
                name: 'lacks',
                label: t('filter.lacks'),
                width: 165,
                options: (counts?.asks ?? []).map(({ lack, senders }) => ({
                  value: lack,
                  label: `${t(`lack.${lack}`)} (${format.number(senders)})`,
                })),
              },
            ]}
          />
          {filters.lacks !== undefined && words.lacks[filters.lacks] !== undefined && (
            <Text size="sm" role="note">
              {t('wouldTell')} {words.lacks[filters.lacks]}
            </Text>
          )}
          <DataTable
            // other filters begin at the top
            key={JSON.stringify(narrowed)}
            label={t('title')}
            columns={columns}
            {...list.table}
            rowKey={({ id }) => id}
            rowLink={({ id }) => ({ to: '/direct-send/senders/$sender', params: { sender: id } })}
            total={isNarrowed ? undefined : counts?.senders}
            sort={sort}
            onSort={(next) => setFilters({ sort: next })}
            empty={
              <EmptyState icon={ListChecks} title={t('empty.title')}>
                {t(isNarrowed ? 'empty.filtered' : 'empty.text')}
              </EmptyState>
            }
          />
        </>
      )}
    </Stack>
  );
}

function NothingYet() {
  const { t } = useTranslation('direct-send-senders');
  return (
    <EmptyState
      icon={ListChecks}
      title={t('none.title')}
      action={
        <Button component={Link} to="/direct-send">
          {t('none.action')}
        </Button>
      }
    >
      {t('none.text')}
    </EmptyState>
  );
}

function useColumns(words: AuditWords): Column<DirectSendSender>[] {
  const { t } = useTranslation('direct-send-senders');
  const format = useFormat();
  const rate = useRate();
  return useMemo<Column<DirectSendSender>[]>(
    () => [
      {
        id: 'name',
        title: t('column.name'),
        width: 'minmax(200px, 2.2fr)',
        narrow: 'minmax(0, 1.7fr)',
        sort: 'name',
        cell: (row) => (
          <bdi title={row.name} className={classes.name}>
            {row.name}
          </bdi>
        ),
      },
      {
        id: 'class',
        title: t('column.class'),
        width: 'minmax(150px, 1.4fr)',
        narrow: 'minmax(0, 1fr)',
        cell: (row) => <SenderKind sender={row} />,
      },
      {
        id: 'confidence',
        title: t('column.confidence'),
        width: '80px',
        align: 'right',
        wideOnly: true,
        cell: ({ confidence }) => format.percent(Math.round(confidence * 100) / 100),
      },
      {
        id: 'directSend',
        title: t('column.directSend'),
        width: '106px',
        wideOnly: true,
        cell: (row) => <ProofBadge directSend={row.directSend} />,
      },
      {
        id: 'perDay',
        title: t('column.perDay'),
        width: '76px',
        narrow: '84px',
        align: 'right',
        sort: 'perDay',
        cell: ({ messages }) => rate(messages.perDay),
      },
      {
        id: 'last',
        title: t('column.last'),
        width: '112px',
        wideOnly: true,
        sort: 'last',
        cell: ({ last }) => <TimeText at={last} />,
      },
      {
        id: 'wave',
        title: t('column.wave'),
        width: '64px',
        wideOnly: true,
        cell: ({ wave }) => wave ?? '–',
      },
      {
        id: 'way',
        title: t('column.way'),
        width: 'minmax(150px, 1fr)',
        wideOnly: true,
        cell: ({ wayOut }) => words.wayOut[wayOut.kind] ?? wayOut.kind,
      },
      {
        id: 'decision',
        title: t('column.decision'),
        width: '92px',
        wideOnly: true,
        cell: ({ note }) => <DecisionBadge decision={note?.decision} />,
      },
    ],
    [t, words, format, rate],
  );
}

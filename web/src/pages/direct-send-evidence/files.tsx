import { Drawer, List, Stack, Text, Title } from '@mantine/core';
import FileText from 'lucide-react/icons/file-text';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../../api/client.ts';
import { useApiPages } from '../../api/queries.ts';
import { useFormat } from '../../app/format.ts';
import { lastOf } from '../../components/audit/file-name.ts';
import type { RunRequest } from '../../components/audit/use-audit-run.ts';
import { useWords } from '../../components/audit/words.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { StateBadge, type Tone } from '../../components/state-badge.tsx';
import { Question } from './question.tsx';

export type EvidenceFile = AnswerOf<'/audit/files', 'get'>['items'][number];

const TONE: Record<EvidenceFile['outcome'], Tone> = {
  read: 'good',
  partly: 'warn',
  refused: 'bad',
  question: 'warn',
  other: 'quiet',
};
const MOST_QUESTIONS = 5;

/** What became of each file of evidence, and what has to be answered first. */
export function Files({
  onRun,
  isRunning,
}: {
  onRun: (request: RunRequest) => Promise<void>;
  isRunning: boolean;
}) {
  const { t } = useTranslation('direct-send-evidence');
  const words = useWords();
  const format = useFormat();
  const list = useApiPages('/audit/files', {}, { pageSize: 200 });
  const [shown, setShown] = useState<EvidenceFile>();
  // tables with the same columns are one question
  const questions = [
    ...Map.groupBy(
      (list.rows ?? []).filter(({ outcome, question }) => question && outcome === 'question'),
      ({ question }) => question?.columns.join('|') ?? '',
    ).values(),
  ];
  const columns = useMemo<Column<EvidenceFile>[]>(
    () => [
      {
        id: 'name',
        title: t('file.name'),
        width: 'minmax(180px, 2.4fr)',
        narrow: 'minmax(0, 1.6fr)',
        cell: ({ name }) => <bdi title={lastOf(name)}>{lastOf(name)}</bdi>,
      },
      {
        id: 'kind',
        title: t('file.kind'),
        width: 'minmax(130px, 1.4fr)',
        wideOnly: true,
        cell: ({ kind }) => (kind === undefined ? '–' : (words.kinds[kind] ?? words.fileKinds[kind] ?? kind)),
      },
      ...(['rows', 'used', 'refused'] as const).map(
        (field): Column<EvidenceFile> => ({
          id: field,
          title: t(`file.${field}`),
          width: '100px',
          narrow: '64px',
          align: 'right',
          wideOnly: field !== 'used',
          cell: (file) => format.number(file[field]),
        }),
      ),
      {
        id: 'outcome',
        title: t('file.outcome'),
        width: '220px',
        narrow: 'minmax(0, 1fr)',
        cell: ({ outcome }) => <StateBadge tone={TONE[outcome]}>{words.outcomes[outcome]}</StateBadge>,
      },
    ],
    [t, words, format],
  );
  return (
    <Stack gap="md">
      {questions.slice(0, MOST_QUESTIONS).map((files) => (
        <Question
          key={files[0]?.question?.columns.join('|')}
          files={files}
          onRun={onRun}
          isRunning={isRunning}
        />
      ))}
      <section aria-labelledby="files">
        <Title order={2} id="files" mb="xs">
          {t('file.title')}
        </Title>
        <DataTable
          label={t('file.title')}
          columns={columns}
          {...list.table}
          rowKey={({ name }) => name}
          onRow={setShown}
          maxHeight="480px"
          empty={<EmptyState icon={FileText} title={t('file.none')} />}
        />
      </section>
      <Drawer
        opened={shown !== undefined}
        onClose={() => setShown(undefined)}
        position="right"
        size="lg"
        title={<span style={{ overflowWrap: 'anywhere' }}>{lastOf(shown?.name ?? '')}</span>}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {shown && <FileDetail file={shown} onRun={onRun} isRunning={isRunning} />}
      </Drawer>
    </Stack>
  );
}

function FileDetail({
  file,
  onRun,
  isRunning,
}: {
  file: EvidenceFile;
  onRun: (request: RunRequest) => Promise<void>;
  isRunning: boolean;
}) {
  const { t } = useTranslation('direct-send-evidence');
  const words = useWords();
  const format = useFormat();
  const { kind, outcome, rows, used, refused, reasons, faults, notes, aside } = file;
  return (
    <Stack gap="md">
      <KeyValues
        rows={[
          [
            t('file.outcome'),
            <StateBadge key="outcome" tone={TONE[outcome]}>
              {words.outcomes[outcome]}
            </StateBadge>,
          ],
          [t('file.kind'), kind && (words.kinds[kind] ?? words.fileKinds[kind] ?? kind)],
          [t('file.rows'), format.number(rows)],
          [t('file.used'), format.number(used)],
          [t('file.refused'), format.number(refused)],
          [
            t('file.aside'),
            Object.entries(aside)
              .map(([name, count]) => `${name}: ${format.number(count)}`)
              .join(', '),
          ],
        ]}
      />
      {notes.length > 0 && (
        <section>
          <Title order={3}>{t('file.notes')}</Title>
          <List size="sm">
            {notes.map((note) => (
              <List.Item key={note}>{note}</List.Item>
            ))}
          </List>
        </section>
      )}
      {Object.keys(reasons).length > 0 && (
        <section>
          <Title order={3}>{t('file.reasons')}</Title>
          <List size="sm">
            {Object.entries(reasons).map(([reason, count]) => (
              <List.Item key={reason}>
                {reason}: {t('file.rowCount', { count, number: format.number(count) })}
              </List.Item>
            ))}
          </List>
        </section>
      )}
      {faults.length > 0 && (
        <section>
          <Title order={3}>{t('file.faults')}</Title>
          <List size="sm">
            {faults.map(({ row, reason }) => (
              <List.Item key={`${row} ${reason}`}>
                {t('file.fault', { row: format.number(row), reason })}
              </List.Item>
            ))}
          </List>
        </section>
      )}
      {file.question && <Question files={[file]} onRun={onRun} isRunning={isRunning} />}
      {outcome === 'other' && (
        <Text size="sm" c="dimmed">
          {t('file.other')}
        </Text>
      )}
    </Stack>
  );
}

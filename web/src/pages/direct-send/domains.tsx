import { Group, Paper, ScrollArea, SegmentedControl, Skeleton, Table, Text, Title } from '@mantine/core';
import { keepPreviousData } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import type { DirectSendInventory } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useRate } from '../../components/audit/rate.ts';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { useFilters } from '../../components/use-filters.ts';

const TONE = { no: 'bad', unknown: 'warn', yes: 'good' } as const;
const MOST_WAVES = 6;

/** What the rule would do to each domain, now and after waves that are supposed to be moved. */
export function Domains({ waves }: { waves: DirectSendInventory['waves'] | undefined }) {
  const { t } = useTranslation('direct-send');
  const format = useFormat();
  const rate = useRate();
  const [{ after = '0' }, setFilters] = useFilters(['after']);
  const numbers = (waves ?? []).flatMap(({ wave, left }) => (wave === undefined || left === 0 ? [] : [wave]));
  const { data, error, refetch } = useApiQuery(
    '/audit/what-if',
    { query: { waves: /^\d{1,2}$/.test(after) ? Number(after) : 0 } },
    { placeholderData: keepPreviousData },
  );
  const effects = new Map(data?.effects.map((effect) => [effect.domain, effect]));
  return (
    <Paper p="md">
      <Group justify="space-between" gap="sm" mb={4}>
        <div>
          <Title order={2}>{t('domains.title')}</Title>
          <Text size="sm" c="dimmed">
            {t('domains.note')}
          </Text>
        </div>
        {numbers.length > 0 && (
          <SegmentedControl
            size="xs"
            aria-label={t('domains.suppose')}
            value={after}
            onChange={(value) => setFilters({ after: value === '0' ? undefined : value })}
            data={[
              { value: '0', label: t('domains.now') },
              ...numbers.slice(0, MOST_WAVES).map((wave) => ({
                value: String(wave),
                label: t('domains.afterWave', { number: wave }),
              })),
            ]}
          />
        )}
      </Group>
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton height={120} />}
      {data && (
        <ScrollArea.Autosize
          mah={420}
          type="auto"
          viewportProps={{ tabIndex: 0, 'aria-label': t('domains.title') }}
        >
          <Table miw={680} stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('domains.domain')}</Table.Th>
                <Table.Th>{t('domains.safe')}</Table.Th>
                <Table.Th ta="right">{t('domains.left')}</Table.Th>
                <Table.Th ta="right">{t('domains.refused')}</Table.Th>
                <Table.Th ta="right">{t('domains.perhaps')}</Table.Th>
                <Table.Th ta="right">{t('domains.withSubdomains')}</Table.Th>
                <Table.Th ta="right">{t('domains.untouched')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.gates.map(({ domain, answer, left, perDay }) => {
                const effect = effects.get(domain);
                return (
                  <Table.Tr key={domain}>
                    <Table.Td style={{ overflowWrap: 'anywhere' }}>{domain}</Table.Td>
                    <Table.Td>
                      <StateBadge tone={TONE[answer]}>{t(`domains.answer.${answer}`)}</StateBadge>
                    </Table.Td>
                    <Table.Td ta="right">
                      {format.number(left.length)}
                      {left.length > 0 && (
                        <Text span size="xs" c="dimmed">
                          {' '}
                          {t('perDay', { rate: rate(perDay) })}
                        </Text>
                      )}
                    </Table.Td>
                    {(['refused', 'perhaps', 'withSubdomains', 'untouched'] as const).map((name) => (
                      <Table.Td key={name} ta="right">
                        {format.number(effect?.[name] ?? 0)}
                      </Table.Td>
                    ))}
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
        </ScrollArea.Autosize>
      )}
    </Paper>
  );
}

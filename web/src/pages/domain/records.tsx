import { Group, SegmentedControl, Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { DomainRecord, SigningKey } from '../../api/schema.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { RecordCard } from './record-card.tsx';

export type RecordForm = 'panel' | 'zone';

/** Every record of a domain, as DNS panels ask for it, or as lines of a zone file. */
export function Records({
  zone,
  records,
  keys,
}: {
  zone: string;
  records: DomainRecord[];
  keys: SigningKey[];
}) {
  const { t } = useTranslation('domain');
  const [{ form: chosen }, setFilters] = useFilters(['form']);
  const form: RecordForm = chosen === 'zone' ? 'zone' : 'panel';
  return (
    <section aria-labelledby="records">
      <Group justify="space-between" mb="xs">
        <Title order={2} id="records">
          {t('records.title')}
        </Title>
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            aria-label={t('records.form')}
            value={form}
            onChange={(value) => setFilters({ form: value === 'zone' ? 'zone' : undefined })}
            data={[
              { value: 'panel', label: t('records.panel') },
              { value: 'zone', label: t('records.zone') },
            ]}
          />
          {form === 'zone' && (
            <CopyButton
              withText
              label={t('records.copyAll')}
              value={`${records.map((record) => record.zone).join('\n')}\n`}
            />
          )}
        </Group>
      </Group>
      <Stack gap="sm">
        {records.map((record) => (
          <RecordCard
            key={`${record.purpose} ${record.selector ?? ''}`}
            zone={zone}
            record={record}
            form={form}
            seenAt={keys.find(({ selector }) => selector === record.selector)?.publishedAt}
          />
        ))}
      </Stack>
    </section>
  );
}

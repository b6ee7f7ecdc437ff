import { Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AuditEntry } from '../../api/schema.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { JsonView } from '../../components/json-view.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { TimeText } from '../../components/time-text.tsx';

/** One entry, with what was before and after. */
export function EntryDetail({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation('audit-log');
  return (
    <Stack gap="md">
      <KeyValues
        rows={[
          [t('column.at'), <TimeText key="at" at={entry.at} exact />],
          [t('column.actor'), entry.actor.name],
          [t('column.action'), entry.action],
          [t('column.network'), entry.network],
          [t('filter.source'), entry.source],
        ]}
      />
      {(['before', 'after'] as const).map((side) =>
        entry[side] === undefined ? null : (
          <section key={side}>
            <Title order={2} mb={4}>
              {t(side)}
            </Title>
            <JsonView value={entry[side]} />
          </section>
        ),
      )}
      <section>
        <Title order={2} mb={4}>
          {t('hash')}
        </Title>
        <CodeBlock value={entry.hash} wrap />
      </section>
    </Stack>
  );
}

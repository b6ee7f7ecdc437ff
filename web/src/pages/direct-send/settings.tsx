import { List, Paper, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { DirectSendAudit } from '../../api/schema.ts';
import { useWords } from '../../components/audit/words.ts';

/** Settings of the organisation that somebody should look at. */
export function Settings({ findings }: { findings: DirectSendAudit['findings'] }) {
  const { t } = useTranslation('direct-send');
  const words = useWords();
  if (findings.length === 0) return null;
  return (
    <Paper p="md">
      <Title order={2} mb={6}>
        {t('settings.title')}
      </Title>
      <List size="sm" spacing={6} style={{ overflowWrap: 'anywhere' }}>
        {findings.map(({ code, subject = '' }) => (
          <List.Item key={`${code} ${subject}`}>{words.findings[code]?.(subject) ?? code}</List.Item>
        ))}
      </List>
    </Paper>
  );
}

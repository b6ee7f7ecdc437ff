import { Button, Group, List, Paper, SegmentedControl, Skeleton, Table, Text, Title } from '@mantine/core';
import Download from 'lucide-react/icons/download';
import Printer from 'lucide-react/icons/printer';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf } from '../../api/client.ts';
import { useApiQuery } from '../../api/queries.ts';
import type { SettingsSheet } from '../../api/schema.ts';
import { LANGUAGES, type Language } from '../../app/language.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import classes from './source.module.css';

/** What to type into the device, to be printed and taken there; never a password. */
export function Sheet({ name }: { name: string }) {
  const { t, i18n } = useTranslation('source');
  const [language, setLanguage] = useState<Language>(i18n.language === 'fr' ? 'fr' : 'en');
  const { data, error, refetch } = useApiQuery('/sources/{name}/sheet', {
    params: { name },
    query: { format: 'json', language },
  });
  if (error && !data) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={320} />;
  // asked for as values, it is no text
  const sheet = data as SettingsSheet;
  return (
    <div lang={sheet.language}>
      <Group gap="xs" mb="md" className="no-print">
        <Button leftSection={<Printer size={15} aria-hidden />} onClick={() => print()}>
          {t('sheet.print')}
        </Button>
        <Button
          variant="default"
          component="a"
          download={`${name}.html`}
          href={addressOf('/sources/{name}/sheet', { name }, { format: 'html', language })}
          leftSection={<Download size={15} aria-hidden />}
        >
          {t('sheet.save')}
        </Button>
        <SegmentedControl
          size="xs"
          aria-label={t('sheet.language')}
          data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
          value={language}
          onChange={(value) => setLanguage(value as Language)}
        />
      </Group>
      <Paper p="lg" className={classes.sheet} component="article">
        <Title order={2}>{sheet.title}</Title>
        <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          <bdi>{sheet.subtitle}</bdi>
        </Text>
        <Table mt="md" verticalSpacing="xs">
          <Table.Tbody>
            {sheet.rows.map(({ label, value }) => (
              <Table.Tr key={label}>
                <Table.Th scope="row">{label}</Table.Th>
                <Table.Td>{value}</Table.Td>
                <Table.Td w={40} className="no-print">
                  <CopyButton value={value} label={t('sheet.copy', { label })} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <List size="sm" mt="md" spacing={4}>
          {sheet.notes.map((note) => (
            <List.Item key={note}>{note}</List.Item>
          ))}
        </List>
      </Paper>
    </div>
  );
}

export default Sheet;

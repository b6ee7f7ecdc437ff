import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Tagged } from '../../api/client.ts';
import type { Source } from '../../api/schema.ts';
import { Dialog } from '../../components/dialog.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import type { Merge } from './values.ts';

interface Props {
  conflict: Merge & { now: Tagged<Source> };
  onKeep: () => void;
  onDiscard: () => void;
  onClose: () => void;
}

/** Somebody else has saved meanwhile: shows what, and brings both together. */
export function Conflict({ conflict, onKeep, onDiscard, onClose }: Props) {
  const { t } = useTranslation('source');
  const { changed, now } = conflict;
  return (
    <Dialog opened onClose={onClose} title={t('conflict.title')} size="xl">
      <Stack gap="md">
        <Text size="sm">
          {t('conflict.text')} <TimeText at={now.data.updatedAt} />
        </Text>
        {changed.length === 0 ? (
          <Text size="sm">{t('conflict.nothing')}</Text>
        ) : (
          <Table.ScrollContainer minWidth={420}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('conflict.field')}</Table.Th>
                  <Table.Th>{t('conflict.theirs')}</Table.Th>
                  <Table.Th>{t('conflict.mine')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {changed.map(({ path, theirs, mine, isBoth }) => (
                  <Table.Tr key={path}>
                    <Table.Td>
                      {t(`conflict.name.${path.replace('.', '_')}`)}{' '}
                      {isBoth && <StateBadge tone="warn">{t('conflict.both')}</StateBadge>}
                    </Table.Td>
                    <Table.Td style={{ overflowWrap: 'anywhere' }}>{shown(theirs)}</Table.Td>
                    <Table.Td style={{ overflowWrap: 'anywhere' }}>{shown(mine)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        <Text size="sm" c="dimmed">
          {t('conflict.help')}
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" color="red" onClick={onDiscard}>
            {t('conflict.discard')}
          </Button>
          <Button onClick={onKeep} data-autofocus>
            {t('conflict.keep')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

/** A value in few characters: lists by their entries. */
function shown(value: unknown): string {
  if (value === '' || value === undefined) return '–';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(shown).join(', ') || '–';
  if (typeof value === 'object' && value !== null) return Object.values(value).map(shown).join(' / ');
  return JSON.stringify(value);
}

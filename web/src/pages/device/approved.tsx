import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../../api/client.ts';
import { useFormat } from '../../app/format.ts';
import { Issued } from '../source/issued.tsx';
import { Sheet } from '../source/sheet-tab.tsx';

export type ApprovedDevice = AnswerOf<'/discovery/{device}/approve', 'post'>;

const SHOWN = 10;

/** What became of it: the source, its secret this once, and its held mail. */
export function Approved({ approved }: { approved: ApprovedDevice }) {
  const { t } = useTranslation('device');
  const format = useFormat();
  const { source, credential, password, released, refused, dropped } = approved;
  return (
    <Stack gap="md">
      <Alert
        color={refused.length > 0 ? 'orange' : 'green'}
        role="status"
        title={t('approved.title', { name: source.name })}
      >
        <Stack gap={4}>
          <Text size="sm">
            {t('approved.released', { count: released.length, number: format.number(released.length) })}{' '}
            {dropped > 0 && t('approved.dropped', { count: dropped, number: format.number(dropped) })}
          </Text>
          {refused.length > 0 && (
            <>
              <Text size="sm" fw={600}>
                {t('approved.refused', { count: refused.length, number: format.number(refused.length) })}
              </Text>
              <List size="sm">
                {refused.slice(0, SHOWN).map(({ message, text }) => (
                  <List.Item key={message} style={{ overflowWrap: 'anywhere' }}>
                    {text}
                  </List.Item>
                ))}
              </List>
            </>
          )}
        </Stack>
      </Alert>
      <div className="no-print">
        <Issued issued={{ credential, password }} />
      </div>
      <Sheet name={source.name} />
      <Group gap="xs" className="no-print">
        <Button component={Link} to="/sources/$name/{-$tab}" params={{ name: source.name } as never}>
          {t('approved.show')}
        </Button>
        <Button component={Link} to="/discovery" variant="default">
          {t('approved.list')}
        </Button>
      </Group>
    </Stack>
  );
}

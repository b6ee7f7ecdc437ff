import { Alert, Button, Group, List, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { Source } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useSession } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';

type Held = 'release' | 'delete' | 'keep';

/** It does what it does not usually do: what, what was done about it, and the two answers. */
export function Unusual({ source }: { source: Source }) {
  const { t } = useTranslation('source');
  const format = useFormat();
  const { who } = useSession();
  const { name } = source;
  const { data } = useApiQuery('/sources/{name}/normal', { params: { name } }, { refetchInterval: 15_000 });
  const [asked, setAsked] = useState<'expected' | 'attack'>();
  const [held, setHeld] = useState<Held>('release');
  const answer = useApiMutation('post', '/sources/{name}/containment', [
    '/sources',
    '/sources/{name}',
    '/sources/{name}/normal',
    '/sources/{name}/activity',
    '/source-counts',
  ]);
  if (!data || data.level === 'none') return null;
  const acts = data.mode === 'act';
  const waiting = data.held ?? 0;
  return (
    <Alert color={acts && data.level !== 'alert' ? 'red' : 'orange'} title={t('unusual.title')} role="status">
      <Stack gap="xs">
        <List size="sm">
          {data.deviations.map(({ text }) => (
            <List.Item key={text}>{text}</List.Item>
          ))}
        </List>
        <Text size="sm">
          {t(acts ? `unusual.done.${data.level}` : 'unusual.watched')}{' '}
          {waiting > 0 && t('unusual.held', { count: waiting, number: format.number(waiting) })}
        </Text>
        {who.role !== 'auditor' && (
          <Group gap="xs">
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => {
                setHeld('release');
                setAsked('expected');
              }}
            >
              {t('unusual.expected')}
            </Button>
            <Button
              size="compact-sm"
              color="red.8"
              onClick={() => {
                setHeld('delete');
                setAsked('attack');
              }}
            >
              {t('unusual.attack')}
            </Button>
          </Group>
        )}
      </Stack>
      <ConfirmAction
        opened={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={t(`unusual.${asked ?? 'expected'}Title`)}
        verb={t(`unusual.${asked ?? 'expected'}`)}
        danger={asked === 'attack'}
        run={() => answer.mutateAsync({ params: { name }, body: { answer: asked ?? 'expected', held } })}
        done={t(`unusual.${asked ?? 'expected'}Done`)}
      >
        <Stack gap="sm">
          <Text size="sm">{t(`unusual.${asked ?? 'expected'}Text`)}</Text>
          {waiting > 0 && (
            <Radio.Group
              label={t('unusual.heldWhat', { count: waiting, number: format.number(waiting) })}
              value={held}
              onChange={(value) => setHeld(value)}
            >
              <Stack gap={6} mt={6}>
                {(['release', 'keep', 'delete'] as const).map((value) => (
                  <Radio key={value} value={value} label={t(`unusual.${value}`)} />
                ))}
              </Stack>
            </Radio.Group>
          )}
        </Stack>
      </ConfirmAction>
    </Alert>
  );
}

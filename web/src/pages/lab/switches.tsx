import { Paper, Select, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import { useCan } from '../../app/session.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import classes from './lab.module.css';

const CHOICES = {
  DmarcPolicy: ['none', 'quarantine', 'reject', 'absent'],
  OwnDomainSpoof: ['off', 'junk', 'quarantine', 'refuse'],
  DisplayNameSpoof: ['off', 'junk', 'quarantine', 'refuse'],
} as const;

/** What the tenant does with mail in its own name; each change counts for the next message. */
export function Switches({ onChange }: { onChange: () => Promise<unknown> }) {
  const { t } = useTranslation('lab');
  const may = useCan('operator');
  const { data, error, refetch } = useApiQuery('/lab/settings', {}, { refetchInterval: 10_000 });
  const set = useApiMutation('patch', '/lab/settings', ['/lab/settings']);
  const [changing, setChanging] = useState<string>();
  if (error && !data) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={280} radius="md" />;
  const values = new Map(data.items.map(({ name, value }) => [name, value]));
  const change = async (name: string, value: boolean | string) => {
    setChanging(name);
    try {
      await set.mutateAsync({ body: { [name]: value } });
      await onChange();
    } catch {
      // shown below
    } finally {
      setChanging(undefined);
    }
  };
  const isRefused = values.get('RejectDirectSend') === true;
  return (
    <Paper p="md">
      <Stack gap="sm">
        <Switch
          size="md"
          label={t('switch.label')}
          checked={isRefused}
          disabled={!may || changing !== undefined}
          onChange={({ currentTarget }) => void change('RejectDirectSend', currentTarget.checked)}
          classNames={{ label: classes.switchLabel }}
        />
        <Text size="sm" className={classes.effect} data-tone={isRefused ? 'good' : 'bad'} role="status">
          {t(isRefused ? 'switch.on' : 'switch.off')}
        </Text>
        {(Object.keys(CHOICES) as (keyof typeof CHOICES)[]).map((name) => (
          <Select
            key={name}
            label={t(`setting.${name}.label`)}
            data={CHOICES[name].map((value) => ({ value, label: t(`setting.${name}.${value}`) }))}
            value={String(values.get(name) ?? '')}
            allowDeselect={false}
            disabled={!may || changing !== undefined}
            onChange={(value) => value !== null && void change(name, value)}
          />
        ))}
        {set.error && <ProblemAlert error={set.error} />}
      </Stack>
    </Paper>
  );
}

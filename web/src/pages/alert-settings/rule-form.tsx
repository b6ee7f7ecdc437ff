import { Button, Checkbox, Group, MultiSelect, NumberInput, Select, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation, useApiQuery, useTaggedQuery } from '../../api/queries.ts';
import { Dialog } from '../../components/dialog.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import type { Rule } from './rules.tsx';

const SEVERITIES: Rule['severity'][] = ['as-event', 'info', 'warning', 'critical'];
const minutes = (seconds: number) => Math.round((seconds / 60) * 100) / 100;
const seconds = (value: number | string) => Math.round(Number(value) * 60);

/** Changes how easily a rule speaks, and to whom. */
export function RuleForm({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const { t } = useTranslation('alert-settings');
  const params = { name: rule.name };
  const tagged = useTaggedQuery('/alert-rules/{name}', { params });
  const channels = useApiQuery('/alert-channels');
  const save = useApiMutation('put', '/alert-rules/{name}', ['/alert-rules', '/alert-rules/{name}']);
  const { when } = rule;
  const form = useForm({
    initialValues: {
      enabled: rule.enabled,
      severity: rule.severity,
      channels: rule.channels,
      quiet: minutes(rule.quietSeconds) as number | string,
      repeat: minutes(rule.repeatSeconds) as number | string,
      count: (when.kind === 'events' ? when.count : 1) as number | string,
      within: (when.kind === 'events' ? minutes(when.withinSeconds) : 10) as number | string,
      older: (when.kind === 'queue-age' ? minutes(when.olderThanSeconds) : 60) as number | string,
      days: (when.kind === 'certificate' ? when.days : 21) as number | string,
    },
  });
  const submit = form.onSubmit(async (values) => {
    const { name, ...rest } = rule;
    const changed: Rule['when'] =
      when.kind === 'events'
        ? { ...when, count: Number(values.count), withinSeconds: seconds(values.within) }
        : when.kind === 'queue-age'
          ? { ...when, olderThanSeconds: seconds(values.older) }
          : { ...when, days: Number(values.days) };
    try {
      await save.mutateAsync({
        params: { name },
        etag: tagged.data?.etag,
        body: {
          ...rest,
          enabled: values.enabled,
          severity: values.severity,
          channels: values.channels,
          quietSeconds: seconds(values.quiet),
          repeatSeconds: seconds(values.repeat),
          when: changed,
        },
      });
      onClose();
      await notify({ text: t('rule.saved', { name }) });
    } catch (error) {
      form.setErrors(fieldErrors(error) ?? {});
    }
  });
  const number = (name: 'count' | 'within' | 'older' | 'days' | 'quiet' | 'repeat', min = 1) => (
    <NumberInput
      label={t(`rule.${name}`)}
      min={min}
      required
      withAsterisk={false}
      {...form.getInputProps(name)}
    />
  );
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t('rule.edit', { name: rule.name })}
      closeOnClickOutside={!form.isDirty()}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          {save.error && <ProblemAlert error={save.error} />}
          <Checkbox label={t('rule.enabled')} {...form.getInputProps('enabled', { type: 'checkbox' })} />
          <Select
            label={t('rule.severity')}
            allowDeselect={false}
            data={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
            {...form.getInputProps('severity')}
          />
          <MultiSelect
            label={t('rule.channels')}
            description={t('rule.channelsHelp')}
            data={[...new Set([...rule.channels, ...(channels.data?.items ?? []).map(({ name }) => name)])]}
            {...form.getInputProps('channels')}
          />
          {when.kind === 'events' && (
            <Group grow align="flex-start">
              {number('count')}
              {number('within')}
            </Group>
          )}
          {when.kind === 'queue-age' && number('older')}
          {when.kind === 'certificate' && number('days')}
          <Group grow align="flex-start">
            {number('quiet')}
            {number('repeat', 0)}
          </Group>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
              {t('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

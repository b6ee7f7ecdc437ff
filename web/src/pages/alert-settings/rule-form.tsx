import { Button, Checkbox, Group, MultiSelect, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation, useApiQuery, useFound } from '../../api/queries.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FormComing } from '../../components/form-coming.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { EventFields } from './event-fields.tsx';
import { conditionOf, KINDS, type Rule, type RuleValues, seconds, valuesOf } from './rule-values.ts';

const SEVERITIES: Rule['severity'][] = ['as-event', 'info', 'warning', 'critical'];
const BY: Rule['by'] = ['code', 'source', 'network', 'destination'];
const CLOSING: Rule['closing'][] = ['grown', 'always', 'never'];
type NumberName = 'older' | 'days' | 'gather' | 'quiet' | 'repeat';

/** Changes a rule, as it is now. */
export function RuleEditor({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation('alert-settings');
  const { found, error } = useFound('/alert-rules/{name}', { params: { name } });
  if (found) return <RuleForm rule={found.data} etag={found.etag} onClose={onClose} />;
  return <FormComing title={t('rule.edit', { name })} error={error} onClose={onClose} />;
}

interface Props {
  rule?: Rule;
  /** Of the rule. */
  etag?: string | undefined;
  onClose: () => void;
}

/** Adds a rule, or changes what one is about, how easily it speaks, and to whom. */
export function RuleForm({ rule, etag, onClose }: Props) {
  const { t } = useTranslation('alert-settings');
  const channels = useApiQuery('/alert-channels');
  const save = useApiMutation('put', '/alert-rules/{name}', ['/alert-rules']);
  const form = useForm<RuleValues>({ initialValues: valuesOf(rule) });
  const { kind, channels: chosen } = form.values;
  const submit = form.onSubmit(async (values) => {
    const name = values.name.trim();
    const { enabled, severity, by, closing } = values;
    try {
      await save.mutateAsync({
        params: { name },
        etag,
        body: {
          enabled,
          severity,
          by,
          closing,
          channels: values.channels,
          gatherSeconds: Number(values.gather),
          quietSeconds: seconds(values.quiet),
          repeatSeconds: seconds(values.repeat),
          when: conditionOf(values),
        },
      });
      onClose();
      await notify({ text: t('rule.saved', { name }) });
    } catch (error) {
      form.setErrors(errorsOf(error));
    }
  });
  const number = (name: NumberName, min = 1) => (
    <NumberInput
      label={t(`rule.${name}`)}
      min={min}
      required
      withAsterisk={false}
      {...form.getInputProps(name)}
    />
  );
  const choices = (of: 'kind' | 'by' | 'closing', values: readonly string[]) =>
    values.map((value) => ({ value, label: t(`rule.${of}.${value}`) }));
  const title = rule ? t('rule.edit', { name: rule.name }) : t('rule.add');
  return (
    <Dialog opened onClose={onClose} title={title} closeOnClickOutside={!form.isDirty()}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {save.error && <ProblemAlert error={save.error} />}
          {!rule && (
            <>
              <TextInput
                label={t('rule.name')}
                description={t('channel.nameHelp')}
                required
                withAsterisk={false}
                spellCheck={false}
                {...form.getInputProps('name')}
              />
              <Select
                label={t('rule.kind.label')}
                allowDeselect={false}
                data={choices('kind', KINDS)}
                {...form.getInputProps('kind')}
              />
            </>
          )}
          {kind === 'events' && <EventFields form={form} />}
          {kind === 'queue-age' && number('older')}
          {kind === 'certificate' && number('days')}
          <Select
            label={t('rule.severity')}
            allowDeselect={false}
            data={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
            {...form.getInputProps('severity')}
          />
          <MultiSelect
            label={t('rule.channels')}
            description={t('rule.channelsHelp')}
            data={[...new Set([...chosen, ...(channels.data?.items ?? []).map(({ name }) => name)])]}
            {...form.getInputProps('channels')}
          />
          {kind === 'events' && (
            <MultiSelect
              label={t('rule.by.label')}
              description={t('rule.by.help')}
              data={choices('by', BY)}
              {...form.getInputProps('by')}
            />
          )}
          <Group grow align="flex-start">
            {number('gather', 0)}
            {number('quiet')}
          </Group>
          <Group grow align="flex-start">
            {number('repeat', 0)}
            <Select
              label={t('rule.closing.label')}
              allowDeselect={false}
              data={choices('closing', CLOSING)}
              {...form.getInputProps('closing')}
            />
          </Group>
          <Checkbox label={t('rule.enabled')} {...form.getInputProps('enabled', { type: 'checkbox' })} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={rule && !form.isDirty()}>
              {rule ? t('save') : t('rule.add')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** What the API calls `when.codes.0` is the field of codes here. */
const FIELDS: Record<string, keyof RuleValues> = {
  withinSeconds: 'within',
  olderThanSeconds: 'older',
  gatherSeconds: 'gather',
  quietSeconds: 'quiet',
  repeatSeconds: 'repeat',
};

function errorsOf(error: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fieldErrors(error) ?? {}).map(([field, text]) => {
      const name = field.replace(/^when\./, '').replace(/\.\d+$/, '');
      return [FIELDS[name] ?? name, text];
    }),
  );
}

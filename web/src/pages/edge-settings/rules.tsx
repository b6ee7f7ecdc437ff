import { Paper, Select, Skeleton, Stack, TagsInput, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation, useTaggedQuery } from '../../api/queries.ts';
import type { EdgeSettings } from '../../api/schema.ts';
import { useCan } from '../../app/session.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useUnsavedGuard } from '../../components/use-unsaved-guard.tsx';
import { DirectSend } from './direct-send.tsx';

type Values = Omit<EdgeSettings, 'rejectDirectSend'>;

const ACTIONS = ['off', 'junk', 'quarantine', 'refuse'] as const;

/** What the edge does with mail that pretends, or comes without leave. */
export function Rules() {
  const { data, error, refetch } = useTaggedQuery('/edge/settings', {}, { refetchOnWindowFocus: false });
  if (error && !data) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={320} radius="md" />;
  return (
    <Stack gap="lg" maw={760}>
      <DirectSend isRefused={data.data.rejectDirectSend} />
      <RulesForm settings={data.data} etag={data.etag} onReload={() => void refetch()} />
    </Stack>
  );
}

function RulesForm({
  settings,
  etag,
  onReload,
}: {
  settings: EdgeSettings;
  etag: string | undefined;
  onReload: () => void;
}) {
  const { t } = useTranslation('edge-settings');
  const may = useCan('operator');
  const save = useApiMutation('patch', '/edge/settings', ['/edge/settings', '/edge/status']);
  const current = valuesOf(settings);
  const text = JSON.stringify(current);
  const [base, setBase] = useState({ etag, text });
  const form = useForm({ initialValues: current });
  const isDirty = form.isDirty();
  const guard = useUnsavedGuard(isDirty);
  const take = (values: Values) => {
    setBase({ etag, text: JSON.stringify(values) });
    form.setInitialValues(values);
    form.setValues(values);
  };
  // what others have changed is shown, unless something was typed here
  if (base.text !== text && !isDirty && !save.isPending) take(current);
  const submit = form.onSubmit(async (values) => {
    try {
      // the switch above has a setting of its own: after it the version is another, and these are as they were
      take(valuesOf(await save.mutateAsync({ body: values, etag: base.text === text ? etag : base.etag })));
      await notify({ text: t('saved') });
    } catch (error) {
      form.setErrors(fieldErrors(error) ?? {});
    }
  });
  const isOfField = save.error !== null && fieldErrors(save.error) !== undefined;
  const action = (name: 'ownDomainSpoof' | 'displayNameSpoof') => (
    <Select
      label={t(`rules.${name}.label`)}
      description={t(`rules.${name}.help`)}
      data={ACTIONS.map((value) => ({ value, label: t(`action.${value}`) }))}
      allowDeselect={false}
      disabled={!may}
      {...form.getInputProps(name)}
    />
  );
  return (
    <Paper p="md" component="form" onSubmit={submit}>
      <Stack gap="md">
        <Title order={2}>{t('rules.title')}</Title>
        {save.error && !isOfField && (
          <ProblemAlert
            error={save.error}
            onRetry={() => {
              save.reset();
              form.reset();
              onReload();
            }}
          />
        )}
        {action('ownDomainSpoof')}
        {action('displayNameSpoof')}
        <Select
          label={t('rules.honourDmarcReject.label')}
          description={t('rules.honourDmarcReject.help')}
          data={(['reject', 'quarantine'] as const).map((value) => ({
            value,
            label: t(`action.${value === 'reject' ? 'refuse' : value}`),
          }))}
          allowDeselect={false}
          disabled={!may}
          {...form.getInputProps('honourDmarcReject')}
        />
        <TagsInput
          label={t('rules.trustedSealers.label')}
          description={t('rules.trustedSealers.help')}
          placeholder="lists.example"
          splitChars={[',', ' ', ';']}
          disabled={!may}
          {...form.getInputProps('trustedSealers')}
        />
        <TextInput
          label={t('rules.name.label')}
          description={t('rules.name.help')}
          maxLength={64}
          disabled={!may}
          {...form.getInputProps('name')}
        />
        {may && <FormActions isDirty={isDirty} isBusy={save.isPending} onReset={form.reset} />}
      </Stack>
      {guard}
    </Paper>
  );
}

function valuesOf(settings: EdgeSettings): Values {
  const { name, honourDmarcReject, ownDomainSpoof, displayNameSpoof, trustedSealers } = settings;
  return { name, honourDmarcReject, ownDomainSpoof, displayNameSpoof, trustedSealers };
}

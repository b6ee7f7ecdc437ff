import {
  Button,
  Checkbox,
  Group,
  Paper,
  Select,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../../api/client.ts';
import { useApi } from '../../api/context.ts';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import { LANGUAGES } from '../../app/language.ts';
import { useCan } from '../../app/session.tsx';
import { CodeBlock } from '../../components/code-block.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useUnsavedGuard } from '../../components/use-unsaved-guard.tsx';

type Settings = AnswerOf<'/owner-digest', 'get'>;

/** The regular mail to owners of sources. */
export function Digest() {
  const digest = useApiQuery('/owner-digest', {}, { refetchOnWindowFocus: false });
  if (digest.error && !digest.data)
    return <ProblemAlert error={digest.error} onRetry={() => void digest.refetch()} />;
  if (!digest.data) return <Skeleton height={280} />;
  return (
    <Stack gap="lg" maw={760}>
      <DigestForm key={JSON.stringify(digest.data)} settings={digest.data} />
      <Preview />
    </Stack>
  );
}

function DigestForm({ settings }: { settings: Settings }) {
  const { t, i18n } = useTranslation('alert-settings');
  const isOperator = useCan('operator');
  const save = useApiMutation('put', '/owner-digest', ['/owner-digest']);
  const form = useForm({
    initialValues: {
      enabled: settings.enabled,
      every: settings.every,
      weekday: String(settings.weekday),
      hour: String(settings.hour),
      language: settings.language,
    },
  });
  const guard = useUnsavedGuard(form.isDirty() && !save.isSuccess);
  const weekday = new Intl.DateTimeFormat(i18n.language, { weekday: 'long', timeZone: 'UTC' });
  const submit = form.onSubmit(async ({ weekday: day, hour, ...rest }) => {
    await save.mutateAsync({
      body: { ...rest, weekday: Number(day), hour: Number(hour), otherLanguages: settings.otherLanguages },
    });
    await notify({ text: t('digest.saved') });
  });
  return (
    <form onSubmit={submit}>
      <Paper p="md">
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {t('digest.text')}
          </Text>
          {save.error && <ProblemAlert error={save.error} />}
          <Checkbox
            label={t('digest.enabled')}
            disabled={!isOperator}
            {...form.getInputProps('enabled', { type: 'checkbox' })}
          />
          <Group align="flex-end">
            <Select
              label={t('digest.every')}
              allowDeselect={false}
              w={170}
              disabled={!isOperator}
              data={['day', 'week'].map((value) => ({ value, label: t(`digest.${value}`) }))}
              {...form.getInputProps('every')}
            />
            {form.values.every === 'week' && (
              <Select
                label={t('digest.weekday')}
                allowDeselect={false}
                w={150}
                disabled={!isOperator}
                // the first of January 2024 was a Monday
                data={Array.from({ length: 7 }, (_, index) => ({
                  value: String(index + 1),
                  label: weekday.format(Date.UTC(2024, 0, index + 1)),
                }))}
                {...form.getInputProps('weekday')}
              />
            )}
            <Select
              label={t('digest.hour')}
              allowDeselect={false}
              w={110}
              disabled={!isOperator}
              data={Array.from({ length: 24 }, (_, hour) => ({
                value: String(hour),
                label: `${String(hour).padStart(2, '0')}:00`,
              }))}
              {...form.getInputProps('hour')}
            />
            <Select
              label={t('digest.language')}
              allowDeselect={false}
              w={140}
              disabled={!isOperator}
              data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
              {...form.getInputProps('language')}
            />
          </Group>
          {isOperator && (
            <FormActions isDirty={form.isDirty()} isBusy={save.isPending} onReset={form.reset} />
          )}
        </Stack>
      </Paper>
      {guard}
    </form>
  );
}

function Preview() {
  const { t } = useTranslation('alert-settings');
  const api = useApi();
  const form = useForm({ initialValues: { owner: '' } });
  const [mail, setMail] = useState<AnswerOf<'/owner-digest/preview', 'get'>>();
  const [error, setError] = useState<unknown>();
  const show = form.onSubmit(async ({ owner }) => {
    setError(undefined);
    setMail(undefined);
    try {
      setMail(await api.get('/owner-digest/preview', { query: { owner: owner.trim() } }));
    } catch (problem) {
      const fields = fieldErrors(problem);
      if (fields) form.setErrors(fields);
      else setError(problem);
    }
  });
  return (
    <section aria-labelledby="digest-preview">
      <Title order={2} id="digest-preview" mb="xs">
        {t('digest.preview')}
      </Title>
      <form onSubmit={show}>
        <Group gap="xs" align="flex-start">
          <TextInput
            label={t('digest.owner')}
            type="email"
            required
            withAsterisk={false}
            w={280}
            {...form.getInputProps('owner')}
          />
          <Button type="submit" variant="default" mt={23}>
            {t('digest.show')}
          </Button>
        </Group>
      </form>
      {error !== undefined && <ProblemAlert error={error} />}
      {mail && (
        <Stack gap="xs" mt="md">
          <Text size="sm">
            {t('digest.subject')}: <b>{mail.subject}</b>
          </Text>
          <CodeBlock value={mail.text} wrap />
        </Stack>
      )}
    </section>
  );
}

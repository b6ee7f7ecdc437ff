import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { fieldErrors } from '../../api/problem.ts';
import { ProblemAlert } from '../../components/problem-alert.tsx';

/** The first owner's account, made with the link that the first start prints. */
export function WelcomeForm({ token, onDone }: { token: string; onDone: () => void }) {
  const { t } = useTranslation('sign-in');
  const api = useApi();
  const form = useForm({
    initialValues: { name: '', email: '', password: '' },
    validate: { password: (value) => (value.length < 12 ? t('password.short') : null) },
  });
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  if (token === '') return <Alert color="orange">{t('welcome.incomplete')}</Alert>;
  const submit = form.onSubmit(async (values) => {
    setBusy(true);
    setError(undefined);
    try {
      await api.post('/session/setup', { body: { ...values, token } });
      onDone();
    } catch (problem) {
      const fields = fieldErrors(problem);
      if (fields) form.setErrors(fields);
      else setError(problem);
    } finally {
      setBusy(false);
    }
  });
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t('welcome.text')}
        </Text>
        {error !== undefined && <ProblemAlert error={error} />}
        <TextInput
          label={t('welcome.name')}
          autoComplete="name"
          required
          withAsterisk={false}
          maxLength={100}
          {...form.getInputProps('name')}
        />
        <TextInput
          label={t('signIn.email')}
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label={t('password.new')}
          description={t('password.help')}
          autoComplete="new-password"
          required
          withAsterisk={false}
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
          {...form.getInputProps('password')}
        />
        <Button type="submit" fullWidth mt={4} loading={isBusy}>
          {t('welcome.submit')}
        </Button>
      </Stack>
    </form>
  );
}

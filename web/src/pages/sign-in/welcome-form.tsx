import { Alert, Button, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useFormAttempt } from '../../components/use-form-attempt.ts';
import { LEAST_PASSWORD, NewPassword } from './new-password.tsx';

/** The first owner's account, made with the link that the first start prints. */
export function WelcomeForm({ token, onDone }: { token: string; onDone: () => void }) {
  const { t } = useTranslation('sign-in');
  const api = useApi();
  const form = useForm({
    initialValues: { name: '', email: '', password: '' },
    validate: { password: (value) => (value.length < LEAST_PASSWORD ? t('password.short') : null) },
  });
  const { error, isBusy, attempt } = useFormAttempt(form);
  if (token === '') return <Alert color="orange">{t('welcome.incomplete')}</Alert>;
  const submit = form.onSubmit((values) =>
    attempt(async () => {
      await api.post('/session/setup', { body: { ...values, token } });
      onDone();
    }),
  );
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
        <NewPassword {...form.getInputProps('password')} />
        <Button type="submit" fullWidth mt={4} loading={isBusy}>
          {t('welcome.submit')}
        </Button>
      </Stack>
    </form>
  );
}

import { Alert, Button, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useFormAttempt } from '../../components/use-form-attempt.ts';
import { LEAST_PASSWORD, NewPassword } from './new-password.tsx';

/** Whoever was invited chooses a password. */
export function InvitationForm({
  invitation,
  onDone,
}: {
  invitation: string;
  onDone: (email: string) => void;
}) {
  const { t } = useTranslation('sign-in');
  const api = useApi();
  const form = useForm({
    initialValues: { password: '' },
    validate: { password: (value) => (value.length < LEAST_PASSWORD ? t('password.short') : null) },
  });
  const { error, isBusy, attempt } = useFormAttempt(form);
  if (invitation === '') return <Alert color="orange">{t('invitation.incomplete')}</Alert>;
  const submit = form.onSubmit(({ password }) =>
    attempt(async () => {
      const { email } = await api.post('/session/invitation', { body: { invitation, password } });
      onDone(email);
    }),
  );
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t('invitation.text')}
        </Text>
        {error !== undefined && <ProblemAlert error={error} />}
        <NewPassword {...form.getInputProps('password')} />
        <Button type="submit" fullWidth mt={4} loading={isBusy}>
          {t('invitation.submit')}
        </Button>
      </Stack>
    </form>
  );
}

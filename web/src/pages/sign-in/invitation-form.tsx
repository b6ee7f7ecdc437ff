import { Alert, Button, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { fieldErrors } from '../../api/problem.ts';
import { ProblemAlert } from '../../components/problem-alert.tsx';

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
    validate: { password: (value) => (value.length < 12 ? t('password.short') : null) },
  });
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  if (invitation === '') return <Alert color="orange">{t('invitation.incomplete')}</Alert>;
  const submit = form.onSubmit(async ({ password }) => {
    setBusy(true);
    setError(undefined);
    try {
      const { email } = await api.post('/session/invitation', { body: { invitation, password } });
      onDone(email);
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
          {t('invitation.text')}
        </Text>
        {error !== undefined && <ProblemAlert error={error} />}
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
          {t('invitation.submit')}
        </Button>
      </Stack>
    </form>
  );
}

import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { fieldErrors } from '../../api/problem.ts';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import type { Freshly } from '../../components/use-fresh-sign-in.tsx';
import { Section } from './section.tsx';
import { useSignInAnew } from './use-sign-in-anew.ts';

/** A new password; it ends every session. */
export function Password({ hasPassword, freshly }: { hasPassword: boolean; freshly: Freshly }) {
  const { t } = useTranslation('account');
  const api = useApi();
  const signInAnew = useSignInAnew();
  const form = useForm({ initialValues: { password: '' } });
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  if (!hasPassword) return <Section title={t('password.title')} text={t('password.none')} />;
  const submit = form.onSubmit(async ({ password }) => {
    setBusy(true);
    setError(undefined);
    try {
      await freshly(() => api.put('/me/password', { body: { password } }));
      form.reset();
      await notify({ text: t('password.done') });
      void signInAnew();
    } catch (problem) {
      const fields = fieldErrors(problem);
      if (fields) form.setErrors(fields);
      else setError(problem);
    } finally {
      setBusy(false);
    }
  });
  return (
    <Section title={t('password.title')} text={t('password.text')}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {error !== undefined && <ProblemAlert error={error} />}
          <Group align="flex-start" gap="xs">
            <PasswordInput
              label={t('password.new')}
              autoComplete="new-password"
              required
              withAsterisk={false}
              w={320}
              visibilityToggleButtonProps={{ 'aria-label': t('password.show') }}
              {...form.getInputProps('password')}
            />
            <Button type="submit" variant="default" mt={23} loading={isBusy} disabled={!form.isDirty()}>
              {t('password.submit')}
            </Button>
          </Group>
          <Text size="xs" c="dimmed">
            {t('password.help')}
          </Text>
        </Stack>
      </form>
    </Section>
  );
}

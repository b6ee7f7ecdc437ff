import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useFormAttempt } from '../../components/use-form-attempt.ts';
import type { Freshly } from '../../components/use-fresh-sign-in.tsx';
import { Section } from './section.tsx';
import { useSignInAnew } from './use-sign-in-anew.ts';

/** A new password; it ends every session. */
export function Password({ hasPassword, freshly }: { hasPassword: boolean; freshly: Freshly }) {
  const { t } = useTranslation('account');
  const api = useApi();
  const signInAnew = useSignInAnew();
  const form = useForm({ initialValues: { password: '' } });
  const { error, isBusy, attempt } = useFormAttempt(form);
  if (!hasPassword) return <Section title={t('password.title')} text={t('password.none')} />;
  const submit = form.onSubmit(({ password }) =>
    attempt(async () => {
      await freshly(() => api.put('/me/password', { body: { password } }));
      form.reset();
      await notify({ text: t('password.done') });
      void signInAnew();
    }),
  );
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

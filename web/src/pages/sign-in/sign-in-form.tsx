import { Button, Divider, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import KeyRound from 'lucide-react/icons/key-round';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { ApiProblem } from '../../api/problem.ts';
import type { Who } from '../../api/schema.ts';
import { ProblemAlert } from '../../components/problem-alert.tsx';

export interface Provider {
  name: string;
  label: string;
}

interface Props {
  /** Filled in. */
  email?: string;
  providers: Provider[];
  onDone: (who: Who) => void;
}

/** Password with the code of an authenticator, passkey, or the organisation's own sign-in. */
export default function SignInForm({ email = '', providers, onDone }: Props) {
  const { t } = useTranslation('sign-in');
  const api = useApi();
  const form = useForm({ initialValues: { email, password: '', code: '' } });
  const [needsCode, setNeedsCode] = useState(false);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState<'password' | 'passkey'>();

  const attempt = async (kind: 'password' | 'passkey', work: () => Promise<Who>) => {
    setBusy(kind);
    setError(undefined);
    try {
      onDone(await work());
    } catch (problem) {
      if (problem instanceof ApiProblem && problem.details.field === 'code' && !needsCode) setNeedsCode(true);
      // who closes the browser's own dialogue knows it
      else if (!(problem instanceof Error && problem.name === 'NotAllowedError')) setError(problem);
    } finally {
      setBusy(undefined);
    }
  };
  const byPassword = form.onSubmit(({ email: address, password, code }) =>
    attempt('password', async () => {
      const body = { email: address.trim(), password, code: code.trim() === '' ? undefined : code.trim() };
      return (await api.post('/session', { body })).person;
    }),
  );
  const byPasskey = () =>
    attempt('passkey', async () => {
      const { startAuthentication } = await import('@simplewebauthn/browser');
      const challenge = await api.post('/session/passkey/challenge');
      const response = await startAuthentication({ optionsJSON: challenge });
      return (await api.post('/session/passkey', { body: { response: { ...response } } })).person;
    });
  return (
    <Stack gap="md">
      <form onSubmit={byPassword}>
        <Stack gap="sm">
          {error !== undefined && <ProblemAlert error={error} title={t('signIn.failed')} />}
          <TextInput
            label={t('signIn.email')}
            type="email"
            autoComplete="username webauthn"
            required
            withAsterisk={false}
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label={t('signIn.password')}
            autoComplete="current-password"
            required
            withAsterisk={false}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
            {...form.getInputProps('password')}
          />
          {needsCode && (
            <TextInput
              label={t('signIn.code')}
              description={t('signIn.codeHelp')}
              autoComplete="one-time-code"
              data-autofocus
              autoFocus
              required
              withAsterisk={false}
              {...form.getInputProps('code')}
            />
          )}
          <Button type="submit" fullWidth mt={4} loading={busy === 'password'}>
            {t('signIn.submit')}
          </Button>
        </Stack>
      </form>
      <Divider label={t('signIn.or')} labelPosition="center" />
      <Button
        variant="default"
        fullWidth
        leftSection={<KeyRound size={16} aria-hidden />}
        loading={busy === 'passkey'}
        onClick={() => void byPasskey()}
      >
        {t('signIn.passkey')}
      </Button>
      {providers.map(({ name, label }) => (
        <Button
          key={name}
          variant="default"
          fullWidth
          component="a"
          href={`/api/v1/session/oidc/${encodeURIComponent(name)}`}
        >
          {t('signIn.provider', { label })}
        </Button>
      ))}
    </Stack>
  );
}

import { Anchor, Center, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LANGUAGES } from '../../app/language.ts';
import { Mark } from '../../app/mark.tsx';
import { InvitationForm } from './invitation-form.tsx';
import SignInForm, { type Provider } from './sign-in-form.tsx';
import { WelcomeForm } from './welcome-form.tsx';

interface Props {
  path: string;
  providers: Provider[];
  /** Somebody has signed in. @param to the path to go on at; absent: this one */
  onDone: (to?: string) => void;
}

/** Signing in, and the two links with a secret: for the first owner, and for who was invited. */
export default function SignInPage({ path, providers, onDone }: Props) {
  const { t, i18n } = useTranslation('sign-in');
  // the secret is taken out of the address at once: it must not stay in the history
  const [secret] = useState(() => decodeURIComponent(location.hash.slice(1)));
  const [invited, setInvited] = useState<string>();
  const kind =
    path === '/welcome'
      ? 'welcome'
      : path === '/invitation' && invited === undefined
        ? 'invitation'
        : 'title';
  useEffect(() => {
    if (location.hash !== '') history.replaceState(null, '', path);
  }, [path]);
  useEffect(() => {
    document.title = `${t(`${kind === 'title' ? 'signIn' : kind}.title`)} · Postern`;
  }, [t, kind]);
  return (
    <Center component="main" mih="100dvh" p="md">
      <Stack w="100%" maw={400} gap="lg">
        <Group justify="center" gap="xs">
          <Mark size={34} />
          <Text fw={650} fz={22}>
            Postern
          </Text>
        </Group>
        <Paper p="xl" shadow="xs">
          <Stack gap="md">
            <Title order={1}>{t(`${kind === 'title' ? 'signIn' : kind}.title`)}</Title>
            {kind === 'welcome' && <WelcomeForm token={secret} onDone={() => onDone('/')} />}
            {kind === 'invitation' && (
              <InvitationForm
                invitation={secret}
                onDone={(email) => {
                  setInvited(email);
                  history.replaceState(null, '', '/');
                }}
              />
            )}
            {kind === 'title' && (
              <>
                {invited !== undefined && <Text size="sm">{t('invitation.done')}</Text>}
                <SignInForm
                  email={invited}
                  providers={providers}
                  onDone={() => onDone(invited === undefined ? undefined : '/')}
                />
              </>
            )}
          </Stack>
        </Paper>
        <Group justify="center" gap="md">
          {Object.entries(LANGUAGES).map(([tag, name]) => (
            <Anchor
              key={tag}
              component="button"
              size="sm"
              lang={tag}
              aria-current={i18n.language === tag ? 'true' : undefined}
              fw={i18n.language === tag ? 600 : 400}
              onClick={() => void i18n.changeLanguage(tag)}
            >
              {name}
            </Anchor>
          ))}
        </Group>
      </Stack>
    </Center>
  );
}

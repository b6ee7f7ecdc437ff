import { Alert, Skeleton, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { useSession } from '../../app/session.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { useFreshSignIn } from '../../components/use-fresh-sign-in.tsx';
import { Authenticator } from './authenticator.tsx';
import { Passkeys } from './passkeys.tsx';
import { Password } from './password.tsx';
import { Section } from './section.tsx';
import { Sessions } from './sessions.tsx';

/** How one signs in oneself. */
export default function AccountPage() {
  const { t } = useTranslation('account');
  const { mustEnrol } = useSession();
  const me = useApiQuery('/me');
  const { freshly, dialog } = useFreshSignIn();
  return (
    <Stack gap="md" maw={860}>
      <PageHeader title={t('title')} description={t('description')} />
      {mustEnrol && (
        <Alert color="orange" title={t('mustEnrol.title')}>
          {t('mustEnrol.text')}
        </Alert>
      )}
      {me.error && !me.data && <ProblemAlert error={me.error} onRetry={() => void me.refetch()} />}
      {!me.data && !me.error && <Skeleton height={400} />}
      {me.data && (
        <>
          <Section title={t('profile.title')} text={t('profile.help')}>
            <KeyValues
              rows={[
                [t('profile.name'), me.data.name],
                [t('profile.email'), me.data.email],
                [t('profile.role'), t(`role.${me.data.role}`)],
                [
                  t('profile.last'),
                  me.data.lastSignedInAt !== undefined && (
                    <TimeText key="last" at={me.data.lastSignedInAt} exact />
                  ),
                ],
              ]}
            />
          </Section>
          <Password hasPassword={me.data.hasPassword} freshly={freshly} />
          {me.data.hasPassword && (
            <Authenticator isOn={me.data.hasTotp} left={me.data.recoveryCodes} freshly={freshly} />
          )}
          <Passkeys freshly={freshly} />
          <Sessions />
        </>
      )}
      {dialog}
    </Stack>
  );
}

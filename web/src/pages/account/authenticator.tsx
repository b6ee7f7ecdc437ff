import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { useFormAttempt } from '../../components/use-form-attempt.ts';
import type { Freshly } from '../../components/use-fresh-sign-in.tsx';
import { QrImage } from './qr-image.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { Section } from './section.tsx';
import { useSignInAnew } from './use-sign-in-anew.ts';

/** Codes of a phone (TOTP), and the recovery codes for when it is gone. */
export function Authenticator({ isOn, left, freshly }: { isOn: boolean; left: number; freshly: Freshly }) {
  const { t } = useTranslation('account');
  const api = useApi();
  const queries = useQueryClient();
  const signInAnew = useSignInAnew();
  const [enrolment, setEnrolment] = useState<{ secret: string; uri: string }>();
  const [codes, setCodes] = useState<{ list: string[]; hasEndedSessions: boolean }>();
  const [error, setError] = useState<unknown>();
  const [action, setAction] = useState<'renew' | 'remove'>();
  const begin = async () => {
    setError(undefined);
    try {
      setEnrolment(await freshly(() => api.post('/me/totp')));
    } catch (problem) {
      setError(problem);
    }
  };
  const done = () => {
    setCodes(undefined);
    void signInAnew();
  };
  return (
    <Section
      title={t('totp.title')}
      text={t('totp.text')}
      mark={<StateBadge tone={isOn ? 'good' : 'quiet'}>{t(isOn ? 'totp.on' : 'totp.off')}</StateBadge>}
      actions={
        codes || enrolment ? null : isOn ? (
          <>
            <Button size="xs" variant="default" onClick={() => setAction('renew')}>
              {t('totp.renew')}
            </Button>
            <Button size="xs" variant="default" c="var(--tone-bad-text)" onClick={() => setAction('remove')}>
              {t('totp.remove')}
            </Button>
          </>
        ) : (
          <Button size="xs" onClick={() => void begin()}>
            {t('totp.setUp')}
          </Button>
        )
      }
    >
      {error !== undefined && <ProblemAlert error={error} />}
      {isOn && !codes && <Text size="sm">{t('totp.left', { count: left })}</Text>}
      {enrolment && (
        <Enrolment
          {...enrolment}
          freshly={freshly}
          onCancel={() => setEnrolment(undefined)}
          onCodes={(list) => {
            setEnrolment(undefined);
            setCodes({ list, hasEndedSessions: true });
          }}
        />
      )}
      {codes && (
        <Stack gap="sm">
          <RecoveryCodes codes={codes.list} />
          {codes.hasEndedSessions && <Text size="sm">{t('totp.signInText')}</Text>}
          <div>
            <Button onClick={done}>{t('totp.signInAgain')}</Button>
          </div>
        </Stack>
      )}
      {action && (
        <ConfirmAction
          opened
          onClose={() => setAction(undefined)}
          title={t(`totp.${action}Title`)}
          verb={t(`totp.${action}Verb`)}
          danger={action === 'remove'}
          done={action === 'remove' ? t('totp.removed') : undefined}
          run={async () => {
            if (action === 'renew') {
              const { recoveryCodes } = await freshly(() => api.post('/me/recovery-codes'));
              setCodes({ list: recoveryCodes, hasEndedSessions: false });
            } else {
              await freshly(() => api.delete('/me/totp'));
              await queries.invalidateQueries({ queryKey: ['/me'] });
            }
          }}
        >
          <Text size="sm">{t(`totp.${action}Text`)}</Text>
        </ConfirmAction>
      )}
    </Section>
  );
}

function Enrolment({
  secret,
  uri,
  freshly,
  onCancel,
  onCodes,
}: {
  secret: string;
  uri: string;
  freshly: Freshly;
  onCancel: () => void;
  onCodes: (codes: string[]) => void;
}) {
  const { t } = useTranslation('account');
  const api = useApi();
  const form = useForm({ initialValues: { code: '' } });
  const { error, attempt } = useFormAttempt(form);
  const submit = form.onSubmit(({ code }) =>
    attempt(async () => {
      const body = { code: code.replaceAll(/\s/g, '') };
      onCodes((await freshly(() => api.post('/me/totp/confirm', { body }))).recoveryCodes);
    }),
  );
  return (
    <Group align="flex-start" gap="lg">
      <QrImage text={uri} label={t('totp.qr')} />
      <Stack gap="sm" style={{ flex: '1 1 260px', minWidth: 0 }}>
        <Text size="sm">{t('totp.scan')}</Text>
        <CodeBlock value={secret} label={t('totp.secret')} wrap />
        {error !== undefined && <ProblemAlert error={error} />}
        <form onSubmit={submit}>
          <Group align="flex-start" gap="xs">
            <TextInput
              label={t('totp.code')}
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              withAsterisk={false}
              w={220}
              {...form.getInputProps('code')}
            />
            <Button type="submit" mt={23}>
              {t('totp.confirm')}
            </Button>
            <Button variant="default" mt={23} onClick={onCancel}>
              {t('cancel')}
            </Button>
          </Group>
        </form>
      </Stack>
    </Group>
  );
}

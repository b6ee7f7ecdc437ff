import {
  Button,
  Checkbox,
  Group,
  NumberInput,
  Paper,
  PasswordInput,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation } from '../../api/queries.ts';
import { fieldErrors } from '../../api/problem.ts';
import type { AuditCollectSettings } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useCan } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useUnsavedGuard } from '../../components/use-unsaved-guard.tsx';
import { WordsInput } from '../../components/words-input.tsx';
import { localHour } from './local-hour.ts';

const PARTS = ['domains', 'organisation', 'trace', 'hunting', 'details'] as const;
const SETTINGS = '/audit/collect';

interface Values {
  tenant: string;
  clientId: string;
  credential: 'keep' | 'secret' | 'certificate';
  secret: string;
  certificate: string;
  key: string;
  passphrase: string;
  days: number | string;
  parts: string[];
  domains: string[];
  details: string;
  hour: string;
  run: boolean;
}

/** With which application what is fetched, and when; an owner changes it, its secret is never shown. */
export function CollectionSettings({ settings }: { settings: AuditCollectSettings | undefined }) {
  const { t } = useTranslation('direct-send-evidence');
  const format = useFormat();
  const may = useCan('owner');
  const save = useApiMutation('put', '/audit/collect/settings', [SETTINGS, `${SETTINGS}/settings`]);
  // its settings are not asked for again: they are gone
  const forget = useApiMutation('delete', '/audit/collect/settings', [SETTINGS]);
  const [isForgetting, setForgetting] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const form = useForm<Values>({ initialValues: valuesOf(settings) });
  const guard = useUnsavedGuard(form.isDirty());
  const submit = form.onSubmit(async (values) => {
    setFailure(undefined);
    try {
      const saved = await save.mutateAsync({ body: bodyOf(values) as never });
      // what was typed of a secret is not kept on the page
      const clean = valuesOf(saved);
      form.setInitialValues(clean);
      form.setValues(clean);
      form.resetDirty(clean);
      await notify({ text: t('settings.saved') });
    } catch (error) {
      const fields = fieldErrors(error);
      if (fields) form.setErrors(fields);
      setFailure(error);
    }
  });
  const { credential } = form.values;
  return (
    <Paper p="md" component="form" onSubmit={submit} autoComplete="off">
      {guard}
      <Stack gap="sm">
        <div>
          <Title order={2}>{t('settings.title')}</Title>
          <Text size="sm" c="dimmed">
            {t(may ? 'settings.text' : 'settings.ownerOnly')}
          </Text>
        </div>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <TextInput
            label={t('settings.tenant')}
            placeholder="contoso.onmicrosoft.com"
            required
            readOnly={!may}
            spellCheck={false}
            {...form.getInputProps('tenant')}
          />
          <TextInput
            label={t('settings.clientId')}
            placeholder="00000000-0000-0000-0000-000000000000"
            required
            readOnly={!may}
            spellCheck={false}
            {...form.getInputProps('clientId')}
          />
        </SimpleGrid>
        {may ? (
          <div>
            <Text size="sm" fw={500} mb={4} id="credential">
              {t('settings.credential')}
            </Text>
            <SegmentedControl
              size="xs"
              aria-labelledby="credential"
              data={[
                ...(settings
                  ? [
                      {
                        value: 'keep',
                        label: t('settings.keep', { kind: t(`settings.${settings.credential}`) }),
                      },
                    ]
                  : []),
                { value: 'secret', label: t('settings.secret') },
                { value: 'certificate', label: t('settings.certificate') },
              ]}
              {...form.getInputProps('credential')}
            />
          </div>
        ) : (
          settings && (
            <Text size="sm">
              {t('settings.credential')}: {t(`settings.${settings.credential}`)}
            </Text>
          )
        )}
        {credential === 'secret' && may && (
          <PasswordInput
            label={t('settings.secretValue')}
            description={t('settings.secretHelp')}
            required
            maw={520}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': t('settings.reveal') }}
            {...form.getInputProps('secret')}
          />
        )}
        {credential === 'certificate' && may && (
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            <Textarea
              label={t('settings.certificatePem')}
              placeholder="-----BEGIN CERTIFICATE-----"
              required
              rows={5}
              spellCheck={false}
              {...form.getInputProps('certificate')}
            />
            <Textarea
              label={t('settings.keyPem')}
              placeholder="-----BEGIN PRIVATE KEY-----"
              description={t('settings.keyHelp')}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              rows={5}
              spellCheck={false}
              {...form.getInputProps('key')}
            />
            <PasswordInput
              label={t('settings.passphrase')}
              autoComplete="new-password"
              visibilityToggleButtonProps={{ 'aria-label': t('settings.reveal') }}
              {...form.getInputProps('passphrase')}
            />
          </SimpleGrid>
        )}
        <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
          <NumberInput
            label={t('settings.days')}
            min={1}
            max={90}
            readOnly={!may}
            {...form.getInputProps('days')}
          />
          <Select
            label={t('settings.schedule')}
            data={[
              { value: '', label: t('settings.byHand') },
              ...Array.from({ length: 24 }, (_, hour) => ({
                value: String(hour),
                label: t('settings.daily', { time: localHour(hour, format.time) }),
              })),
            ]}
            allowDeselect={false}
            readOnly={!may}
            {...form.getInputProps('hour')}
          />
          <Select
            label={t('settings.details')}
            data={[...new Set(['1', '5', '20', '', form.values.details])].map((value) => ({
              value,
              label:
                value === '' ? t('settings.allDetails') : t('settings.someDetails', { count: Number(value) }),
            }))}
            allowDeselect={false}
            readOnly={!may}
            {...form.getInputProps('details')}
          />
        </SimpleGrid>
        <Checkbox.Group label={t('settings.parts')} readOnly={!may} {...form.getInputProps('parts')}>
          <Group gap="md" mt={6}>
            {PARTS.map((part) => (
              <Checkbox key={part} value={part} label={t(`part.${part}`)} />
            ))}
          </Group>
        </Checkbox.Group>
        <WordsInput
          label={t('settings.domains')}
          description={t('settings.domainsHelp')}
          readOnly={!may}
          {...form.getInputProps('domains')}
        />
        <Checkbox
          label={t('settings.run')}
          disabled={!may}
          {...form.getInputProps('run', { type: 'checkbox' })}
        />
        {failure !== undefined && <ProblemAlert error={failure} />}
        {may && (
          <Group justify="space-between">
            <FormActions isDirty={form.isDirty()} isBusy={save.isPending} onReset={form.reset} />
            {settings && (
              <Button variant="subtle" color="red" onClick={() => setForgetting(true)}>
                {t('settings.forget')}
              </Button>
            )}
          </Group>
        )}
      </Stack>
      <ConfirmAction
        opened={isForgetting}
        onClose={() => setForgetting(false)}
        title={t('settings.forgetTitle')}
        verb={t('settings.forget')}
        danger
        run={() => forget.mutateAsync({})}
        done={t('settings.forgotten')}
      >
        {t('settings.forgetText')}
      </ConfirmAction>
    </Paper>
  );
}

function valuesOf(settings: AuditCollectSettings | undefined): Values {
  return {
    tenant: settings?.tenant ?? '',
    clientId: settings?.clientId ?? '',
    credential: settings ? 'keep' : 'secret',
    secret: '',
    certificate: '',
    key: '',
    passphrase: '',
    days: settings?.days ?? 90,
    parts: [...(settings?.parts ?? PARTS)],
    domains: [...(settings?.domains ?? [])],
    details: settings ? String(settings.details ?? '') : '1',
    hour: String(settings?.hour ?? ''),
    run: settings?.run ?? true,
  };
}

function bodyOf(values: Values) {
  const { tenant, clientId, credential, secret, certificate, key, passphrase, parts, domains, run } = values;
  return {
    tenant: tenant.trim(),
    clientId: clientId.trim(),
    days: Number(values.days),
    domains,
    details: values.details === '' ? null : Number(values.details),
    hour: values.hour === '' ? null : Number(values.hour),
    run,
    ...(parts.length > 0 && parts.length < PARTS.length && { parts }),
    ...(credential === 'secret' && { secret: secret.trim() }),
    ...(credential === 'certificate' && {
      certificate,
      ...(key.trim() !== '' && { key }),
      ...(passphrase !== '' && { passphrase }),
    }),
  };
}

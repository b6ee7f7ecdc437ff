import { Button, Checkbox, Group, NumberInput, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation, useFound } from '../../api/queries.ts';
import type { AlertChannel } from '../../api/schema.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FormComing } from '../../components/form-coming.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { Secret } from '../../components/secret.tsx';
import { type ChannelValues, channelValues, type Kind, settingsOf } from './channel-values.ts';
import { ConnectionFields } from './connection-fields.tsx';

const KINDS: Kind[] = ['mail', 'teams', 'slack', 'webhook', 'syslog', 'otlp'];
const SEVERITIES: AlertChannel['minimumSeverity'][] = ['info', 'warning', 'critical'];

/** Changes a channel, as it is now. */
export function ChannelEditor({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation('alert-settings');
  const { found, error } = useFound('/alert-channels/{name}', { params: { name } });
  if (found) return <ChannelForm channel={found.data} etag={found.etag} onClose={onClose} />;
  return <FormComing title={t('channel.edit', { name })} error={error} onClose={onClose} />;
}

interface Props {
  channel?: AlertChannel;
  /** Of the channel. */
  etag?: string | undefined;
  onClose: () => void;
}

/** Adds a channel, or changes one. */
export function ChannelForm({ channel, etag, onClose }: Props) {
  const { t } = useTranslation('alert-settings');
  const save = useApiMutation('put', '/alert-channels/{name}', ['/alert-channels']);
  const [secret, setSecret] = useState<string>();
  const form = useForm<ChannelValues>({ initialValues: channelValues(channel) });
  const { kind } = form.values;
  const submit = form.onSubmit(async (values) => {
    const name = values.name.trim();
    const { enabled, minimumSeverity } = values;
    try {
      const saved = await save.mutateAsync({
        params: { name },
        body: { enabled, minimumSeverity, settings: settingsOf(values, channel) },
        etag,
      });
      await notify({ text: t('channel.saved', { name }) });
      if (saved.secret === undefined) onClose();
      else setSecret(saved.secret);
    } catch (error) {
      form.setErrors(errorsOf(error) ?? {});
    }
  });
  if (secret !== undefined) {
    return (
      <Dialog opened onClose={onClose} title={form.values.name} closeOnClickOutside={false}>
        <Stack gap="md">
          <Secret value={secret} label={t('channel.secret')} />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('channel.done')}</Button>
          </Group>
        </Stack>
      </Dialog>
    );
  }
  return (
    <Dialog
      opened
      onClose={onClose}
      closeOnClickOutside={!form.isDirty()}
      title={channel ? t('channel.edit', { name: channel.name }) : t('channel.add')}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          {save.error && !errorsOf(save.error) && <ProblemAlert error={save.error} />}
          {!channel && (
            <>
              <Select
                label={t('channel.kind.label')}
                allowDeselect={false}
                data={KINDS.map((value) => ({ value, label: t(`channel.kind.${value}`) }))}
                {...form.getInputProps('kind')}
              />
              <TextInput
                label={t('channel.name')}
                description={t('channel.nameHelp')}
                required
                withAsterisk={false}
                spellCheck={false}
                {...form.getInputProps('name')}
              />
            </>
          )}
          {kind === 'mail' && (
            <TagsInput
              label={t('channel.to')}
              description={t('channel.toHelp')}
              acceptValueOnBlur
              {...form.getInputProps('to')}
            />
          )}
          {kind === 'syslog' && (
            <Group wrap="nowrap" align="flex-start">
              <TextInput
                label={t('channel.host')}
                required
                withAsterisk={false}
                style={{ flex: 1 }}
                {...form.getInputProps('host')}
              />
              <NumberInput
                label={t('channel.port')}
                w={100}
                min={1}
                max={65_535}
                {...form.getInputProps('port')}
              />
            </Group>
          )}
          {kind !== 'mail' && kind !== 'syslog' && (
            <TextInput
              label={t('channel.url')}
              description={channel && kind !== 'otlp' ? t('channel.urlAgain') : undefined}
              placeholder="https://"
              required
              withAsterisk={false}
              spellCheck={false}
              {...form.getInputProps('url')}
            />
          )}
          <Select
            label={t('channel.minimum')}
            allowDeselect={false}
            data={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
            {...form.getInputProps('minimumSeverity')}
          />
          {kind !== 'mail' && <ConnectionFields form={form} channel={channel} />}
          <Checkbox label={t('channel.enabled')} {...form.getInputProps('enabled', { type: 'checkbox' })} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {channel ? t('save') : t('channel.add')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** Where the API names a field of the settings, the form has it at the top. */
function errorsOf(error: unknown): Record<string, string> | undefined {
  const errors = fieldErrors(error);
  return (
    errors &&
    Object.fromEntries(
      Object.entries(errors).map(([field, text]) => [
        field.replace(/^settings\.(?:clientCertificate\.)?/, '').replace(/^(to|headers)\..+$/, '$1'),
        text,
      ]),
    )
  );
}

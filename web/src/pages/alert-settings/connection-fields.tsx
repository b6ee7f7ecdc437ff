import { Checkbox, NumberInput, Textarea } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { AlertChannel } from '../../api/schema.ts';
import type { ChannelValues } from './channel-values.ts';

/** How a channel other than mail is reached: whom it trusts, what it shows of itself, and what is sent besides alerts. */
export function ConnectionFields({
  form,
  channel,
}: {
  form: UseFormReturnType<ChannelValues>;
  channel: AlertChannel | undefined;
}) {
  const { t } = useTranslation('alert-settings');
  const { kind } = form.values;
  const pem = (name: 'ca' | 'certificate' | 'privateKey', description: string) => (
    <Textarea
      label={t(`channel.${name}`)}
      description={description}
      placeholder="-----BEGIN …"
      autosize
      minRows={2}
      maxRows={6}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      {...form.getInputProps(name)}
    />
  );
  return (
    <>
      <Checkbox
        label={t('channel.allowPrivate')}
        {...form.getInputProps('allowPrivate', { type: 'checkbox' })}
      />
      {pem('ca', t('channel.caHelp'))}
      {kind === 'syslog' && (
        <>
          {pem(
            'certificate',
            t(channel?.clientCertificate === true ? 'channel.certificateKept' : 'channel.certificateHelp'),
          )}
          {form.values.certificate !== '' && pem('privateKey', t('channel.privateKeyHelp'))}
        </>
      )}
      {kind === 'otlp' && (
        <>
          <Textarea
            label={t('channel.headers')}
            description={
              channel?.headers && channel.headers.length > 0
                ? t('channel.headersKept', { names: channel.headers.join(', ') })
                : t('channel.headersHelp')
            }
            placeholder="authorization: Bearer …"
            autosize
            spellCheck={false}
            autoComplete="off"
            {...form.getInputProps('headers')}
          />
          <NumberInput
            label={t('channel.metrics')}
            min={0}
            max={3600}
            {...form.getInputProps('metricsSeconds')}
          />
        </>
      )}
      {(kind === 'syslog' || kind === 'otlp') && (
        <Checkbox label={t('channel.stream')} {...form.getInputProps('stream', { type: 'checkbox' })} />
      )}
    </>
  );
}

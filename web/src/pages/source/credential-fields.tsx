import { Checkbox, NumberInput, Radio, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import { endOf } from '../../components/end-of-day.ts';

export type CredentialKind = 'password' | 'api-key' | 'certificate' | 'oauth' | 'network';

/** A credential that is to be made, as the fields hold it. */
export interface NewCredential {
  kind: CredentialKind;
  label: string;
  account: string;
  networks: string[];
  preset: string;
  /** Of a certificate: its fingerprint or its subject. */
  certificate: string;
  issuer: string;
  clientId: string;
  /** `2027-01-31`; empty: it does not end. */
  ends: string;
  handover: boolean;
  handoverHours: number;
  pin: boolean;
}

export const NEW_CREDENTIAL: NewCredential = {
  kind: 'password',
  label: '',
  account: '',
  networks: [],
  preset: 'default',
  certificate: '',
  issuer: '',
  clientId: '',
  ends: '',
  handover: false,
  handoverHours: 72,
  pin: true,
};

const FINGERPRINT = /^(?:[0-9a-f]{2}:){31}[0-9a-f]{2}$/i;

/** As POST /sources/{name}/credentials takes it. */
export function credentialBody(values: NewCredential) {
  const { kind, label, account, networks, preset, certificate, issuer, clientId, ends } = values;
  const isSecret = kind === 'password' || kind === 'api-key';
  return {
    kind,
    label,
    networks,
    ...(kind === 'password' ? { account: account === '' ? undefined : account, generator: { preset } } : {}),
    ...(kind === 'certificate'
      ? {
          certificate: FINGERPRINT.test(certificate.trim())
            ? { fingerprint256: certificate.trim() }
            : { subject: certificate.trim() },
        }
      : {}),
    ...(kind === 'oauth' ? { oauth: { issuer, clientId } } : {}),
    ...(ends === '' ? {} : { expiresAt: endOf(ends) }),
    ...(isSecret && values.handover ? { handover: { hours: values.handoverHours, pin: values.pin } } : {}),
  };
}

interface Props {
  values: NewCredential;
  onChange: (changes: Partial<NewCredential>) => void;
  errors: Record<string, string>;
  /** What the account is called when nobody says otherwise. */
  name: string;
  kinds?: readonly CredentialKind[];
}

const KINDS: readonly CredentialKind[] = ['password', 'network', 'api-key', 'certificate', 'oauth'];

/** What a new credential is asked for; errors by the names of the API. */
export function CredentialFields({ values, onChange, errors, name, kinds = KINDS }: Props) {
  const { t } = useTranslation('source');
  const presets = useApiQuery('/password-presets', {}, { staleTime: Infinity });
  const { kind } = values;
  const preset = presets.data?.items.find((one) => one.name === values.preset);
  const isSecret = kind === 'password' || kind === 'api-key';
  const at = (field: string) =>
    Object.entries(errors).find(([path]) => path === field || path.startsWith(`${field}.`))?.[1];
  return (
    <Stack gap="sm">
      <Radio.Group
        label={t('newCredential.kind')}
        value={kind}
        onChange={(value) => onChange({ kind: value })}
      >
        <Stack gap={6} mt={6}>
          {kinds.map((value) => (
            <Radio
              key={value}
              value={value}
              label={t(`kind.${value}`)}
              description={t(`newCredential.about.${value}`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      {kind === 'password' && (
        <>
          <TextInput
            label={t('newCredential.account')}
            placeholder={name}
            description={t('newCredential.accountHelp')}
            spellCheck={false}
            autoComplete="off"
            value={values.account}
            error={at('account')}
            onChange={({ currentTarget }) => onChange({ account: currentTarget.value })}
          />
          <Select
            label={t('newCredential.preset')}
            data={(presets.data?.items ?? []).map((one) => ({
              value: one.name,
              label: t('newCredential.presetName', { name: one.name, length: one.length, bits: one.bits }),
            }))}
            description={preset?.description}
            allowDeselect={false}
            value={values.preset}
            error={at('generator')}
            onChange={(value) => onChange({ preset: value ?? 'default' })}
          />
          {preset?.needsNetwork && values.networks.length === 0 && (
            <Text size="xs" c="orange">
              {t('newCredential.needsNetwork')}
            </Text>
          )}
        </>
      )}
      {kind === 'certificate' && (
        <TextInput
          label={t('newCredential.certificate')}
          description={t('newCredential.certificateHelp')}
          spellCheck={false}
          value={values.certificate}
          error={at('certificate')}
          onChange={({ currentTarget }) => onChange({ certificate: currentTarget.value })}
        />
      )}
      {kind === 'oauth' && (
        <>
          <TextInput
            label={t('newCredential.issuer')}
            placeholder="https://login.example.com/"
            spellCheck={false}
            value={values.issuer}
            error={at('oauth.issuer') ?? errors['oauth']}
            onChange={({ currentTarget }) => onChange({ issuer: currentTarget.value })}
          />
          <TextInput
            label={t('newCredential.clientId')}
            spellCheck={false}
            value={values.clientId}
            error={at('oauth.clientId')}
            onChange={({ currentTarget }) => onChange({ clientId: currentTarget.value })}
          />
        </>
      )}
      <TagsInput
        label={t(kind === 'network' ? 'newCredential.networks' : 'newCredential.onlyFrom')}
        description={t('newCredential.networksHelp')}
        placeholder={values.networks.length === 0 ? '10.1.2.0/24' : undefined}
        splitChars={[',', ' ', ';']}
        value={values.networks}
        error={at('networks')}
        onChange={(networks) => onChange({ networks })}
      />
      <TextInput
        label={t('newCredential.label')}
        description={t('newCredential.labelHelp')}
        maxLength={100}
        value={values.label}
        error={at('label')}
        onChange={({ currentTarget }) => onChange({ label: currentTarget.value })}
      />
      <TextInput
        type="date"
        label={t('newCredential.ends')}
        description={t('newCredential.endsHelp')}
        value={values.ends}
        error={at('expiresAt')}
        onChange={({ currentTarget }) => onChange({ ends: currentTarget.value })}
      />
      {isSecret && <HandoverFields values={values} onChange={onChange} />}
    </Stack>
  );
}

/** Whether the secret is shown here, or to whoever opens a link. */
export function HandoverFields({
  values,
  onChange,
}: {
  values: Pick<NewCredential, 'handover' | 'handoverHours' | 'pin'>;
  onChange: (changes: Partial<NewCredential>) => void;
}) {
  const { t } = useTranslation('source');
  return (
    <>
      <Checkbox
        label={t('newCredential.handover')}
        description={t('newCredential.handoverHelp')}
        checked={values.handover}
        onChange={({ currentTarget }) => onChange({ handover: currentTarget.checked })}
      />
      {values.handover && (
        <>
          <NumberInput
            label={t('newCredential.handoverHours')}
            min={1}
            max={720}
            suffix=" h"
            value={values.handoverHours}
            onChange={(value) => onChange({ handoverHours: Number(value) })}
          />
          <Checkbox
            label={t('newCredential.pin')}
            checked={values.pin}
            onChange={({ currentTarget }) => onChange({ pin: currentTarget.checked })}
          />
        </>
      )}
    </>
  );
}

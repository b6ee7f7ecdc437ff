import {
  Alert,
  Button,
  Checkbox,
  Group,
  Radio,
  Skeleton,
  Stack,
  Switch,
  TagsInput,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation, useTaggedQuery } from '../../api/queries.ts';
import type { InboundConnector } from '../../api/schema.ts';
import { Dialog } from '../../components/dialog.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';

const TYPES = ['partner', 'on-premises'] as const;
const SPLIT = [',', ' ', ';'];

const NEW: InboundConnector = {
  name: '',
  enabled: true,
  type: 'partner',
  senderDomains: ['*'],
  senderAddresses: [],
  requireTls: true,
  restrictToAddresses: false,
  restrictToCertificate: false,
};

interface Props {
  connector: InboundConnector | 'new';
  onClose: () => void;
}

/** Adds a connector, or changes one that is read anew first. */
export function ConnectorForm({ connector, onClose }: Props) {
  const { t } = useTranslation('edge-settings');
  const isNew = connector === 'new';
  const { data, error } = useTaggedQuery(
    '/edge/connectors/{name}',
    { params: { name: isNew ? '' : connector.name } },
    { enabled: !isNew, staleTime: 0, refetchOnWindowFocus: false },
  );
  return (
    <Dialog
      opened
      onClose={onClose}
      size="lg"
      title={isNew ? t('connector.add') : t('editOf', { name: connector.name })}
    >
      {error && <ProblemAlert error={error} />}
      {!isNew && !data && !error && <Skeleton height={320} />}
      {(isNew || data) && (
        <Fields
          key={data?.etag}
          connector={data?.data ?? NEW}
          etag={data?.etag}
          isNew={isNew}
          onClose={onClose}
        />
      )}
    </Dialog>
  );
}

function Fields({
  connector,
  etag,
  isNew,
  onClose,
}: {
  connector: InboundConnector;
  etag: string | undefined;
  isNew: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation('edge-settings');
  const put = useApiMutation('put', '/edge/connectors/{name}', ['/edge/connectors', '/edge/status']);
  const form = useForm({
    initialValues: { ...connector, certificateName: connector.certificateName ?? '' },
    validate: { name: (value) => (value.trim() === '' ? t('connector.nameMissing') : null) },
  });
  const { values } = form;
  const isPartner = values.type === 'partner';
  const locksOut =
    isPartner &&
    values.enabled &&
    (values.restrictToAddresses || values.restrictToCertificate) &&
    values.senderDomains.includes('*');
  const submit = form.onSubmit(async ({ name, certificateName, ...rest }) => {
    const forPartners = isPartner
      ? {}
      : { senderDomains: ['*'], requireTls: false, restrictToAddresses: false, restrictToCertificate: false };
    try {
      const after = await put.mutateAsync({
        params: { name: name.trim() },
        body: { ...rest, ...forPartners, certificateName: certificateName.trim() || undefined },
        etag,
      });
      onClose();
      await notify({ text: t('connector.saved', { name: after.name }) });
    } catch (error) {
      // `senderAddresses.1` is an entry of a field
      const errors = Object.entries(fieldErrors(error) ?? {}).map(([field, text]) => [
        field.split('.')[0],
        text,
      ]);
      form.setErrors(Object.fromEntries(errors) as Record<string, string>);
    }
  });
  const isOfField = put.error !== null && fieldErrors(put.error) !== undefined;
  const check = (name: 'requireTls' | 'restrictToCertificate' | 'restrictToAddresses') => (
    <Checkbox
      label={t(`connector.${name}.label`)}
      description={t(`connector.${name}.help`)}
      {...form.getInputProps(name, { type: 'checkbox' })}
    />
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {put.error && !isOfField && <ProblemAlert error={put.error} />}
        <TextInput
          label={t('connector.name')}
          placeholder={t('connector.namePlaceholder')}
          disabled={!isNew}
          maxLength={64}
          data-autofocus={isNew || undefined}
          {...form.getInputProps('name')}
        />
        <Switch label={t('connector.enabled')} {...form.getInputProps('enabled', { type: 'checkbox' })} />
        <Radio.Group label={t('connector.type')} {...form.getInputProps('type')}>
          <Stack gap="xs" mt={4}>
            {TYPES.map((value) => (
              <Radio
                key={value}
                value={value}
                label={t(`connector.${value}.label`)}
                description={t(`connector.${value}.help`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        <TextInput
          label={t('connector.certificate')}
          description={t('connector.certificateHelp')}
          placeholder="relay.contoso.com"
          spellCheck={false}
          {...form.getInputProps('certificateName')}
        />
        <TagsInput
          label={t('connector.addresses')}
          description={t('connector.addressesHelp')}
          placeholder="192.0.2.0/24"
          splitChars={SPLIT}
          {...form.getInputProps('senderAddresses')}
        />
        {isPartner && (
          <>
            <TagsInput
              label={t('connector.senderDomains')}
              description={t('connector.senderDomainsHelp')}
              placeholder="contoso.com"
              splitChars={SPLIT}
              {...form.getInputProps('senderDomains')}
            />
            {check('requireTls')}
            {check('restrictToCertificate')}
            {check('restrictToAddresses')}
          </>
        )}
        {locksOut && <Alert color="red">{t('connector.locksOut')}</Alert>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={put.isPending} color={locksOut ? 'red.8' : undefined}>
            {t(isNew ? 'connector.add' : 'save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

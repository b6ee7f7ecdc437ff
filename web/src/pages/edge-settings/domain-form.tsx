import { Button, Checkbox, Group, Radio, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation } from '../../api/queries.ts';
import type { AcceptedDomain } from '../../api/schema.ts';
import { Dialog } from '../../components/dialog.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';

const TYPES = ['authoritative', 'internal-relay'] as const;

/** Accepts a domain, or changes how. */
export function DomainForm({ domain, onClose }: { domain: AcceptedDomain | 'new'; onClose: () => void }) {
  const { t } = useTranslation('edge-settings');
  const put = useApiMutation('put', '/edge/domains/{name}', ['/edge/domains', '/edge/status']);
  const isNew = domain === 'new';
  const form = useForm<{ name: string; type: AcceptedDomain['type']; matchSubDomains: boolean }>({
    initialValues: isNew ? { name: '', type: 'authoritative', matchSubDomains: false } : domain,
    validate: { name: (value) => (value.trim() === '' ? t('domain.nameMissing') : null) },
  });
  const submit = form.onSubmit(async ({ name, type, matchSubDomains }) => {
    try {
      const after = await put.mutateAsync({ params: { name: name.trim() }, body: { type, matchSubDomains } });
      onClose();
      await notify({ text: t('domain.saved', { name: after.name }) });
    } catch (error) {
      form.setErrors(fieldErrors(error) ?? {});
    }
  });
  const isOfField = put.error !== null && fieldErrors(put.error) !== undefined;
  return (
    <Dialog opened onClose={onClose} title={isNew ? t('domain.add') : t('editOf', { name: domain.name })}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {put.error && !isOfField && <ProblemAlert error={put.error} />}
          <TextInput
            label={t('domain.name')}
            placeholder="contoso.com"
            disabled={!isNew}
            spellCheck={false}
            autoCapitalize="none"
            data-autofocus={isNew || undefined}
            {...form.getInputProps('name')}
          />
          <Radio.Group label={t('domain.type')} {...form.getInputProps('type')}>
            <Stack gap="xs" mt={4}>
              {TYPES.map((value) => (
                <Radio
                  key={value}
                  value={value}
                  label={t(`domain.${value}.label`)}
                  description={t(`domain.${value}.help`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          <Checkbox
            label={t('domain.matchSubDomains')}
            description={t('domain.matchSubDomainsHelp')}
            {...form.getInputProps('matchSubDomains', { type: 'checkbox' })}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={put.isPending}>
              {t(isNew ? 'domain.add' : 'save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

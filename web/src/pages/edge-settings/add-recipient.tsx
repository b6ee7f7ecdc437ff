import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation } from '../../api/queries.ts';
import { Dialog } from '../../components/dialog.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';

/** Lists one recipient. */
export function AddRecipient({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('edge-settings');
  const put = useApiMutation('put', '/edge/recipients/{address}', [
    '/edge/recipients',
    '/edge/domains',
    '/edge/status',
  ]);
  const form = useForm({
    initialValues: { address: '' },
    validate: { address: (value) => (value.trim() === '' ? t('recipient.addressMissing') : null) },
  });
  const submit = form.onSubmit(async ({ address }) => {
    try {
      const after = await put.mutateAsync({ params: { address: address.trim() } });
      onClose();
      await notify({ text: t('recipient.added', { name: after.address }) });
    } catch (error) {
      form.setErrors(fieldErrors(error) ?? {});
    }
  });
  const isOfField = put.error !== null && fieldErrors(put.error) !== undefined;
  return (
    <Dialog opened onClose={onClose} title={t('recipient.add')}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {put.error && !isOfField && <ProblemAlert error={put.error} />}
          <TextInput
            label={t('recipient.address')}
            placeholder="ann@contoso.com"
            spellCheck={false}
            autoCapitalize="none"
            data-autofocus
            {...form.getInputProps('address')}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={put.isPending}>
              {t('recipient.add')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

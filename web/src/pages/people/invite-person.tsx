import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation } from '../../api/queries.ts';
import type { Person } from '../../api/schema.ts';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import type { Invited } from './invitation-link.tsx';
import { RoleFields } from './role-fields.tsx';

/** Adds a person, and makes the link with which they choose a password. */
export function InvitePerson({
  onClose,
  onInvited,
}: {
  onClose: () => void;
  onInvited: (invited: Invited) => void;
}) {
  const { t } = useTranslation('people');
  const add = useApiMutation('post', '/people', ['/people']);
  const form = useForm({
    initialValues: { name: '', email: '', role: 'auditor' as Person['role'], sources: [] as string[] },
  });
  const submit = form.onSubmit(async ({ name, email, role, sources }) => {
    try {
      const { person, ...link } = await add.mutateAsync({
        body: {
          name: name.trim(),
          email: email.trim(),
          role,
          sources: role === 'source-owner' ? sources : [],
        },
      });
      onClose();
      onInvited({ name: person.name, email: person.email, ...link });
    } catch (error) {
      form.setErrors(fieldErrors(error) ?? {});
    }
  });
  return (
    <Dialog opened onClose={onClose} title={t('invite.title')} closeOnClickOutside={!form.isDirty()}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {add.error && !fieldErrors(add.error) && <ProblemAlert error={add.error} />}
          <TextInput
            label={t('invite.name')}
            required
            withAsterisk={false}
            data-autofocus
            {...form.getInputProps('name')}
          />
          <TextInput
            label={t('invite.email')}
            type="email"
            required
            withAsterisk={false}
            {...form.getInputProps('email')}
          />
          <RoleFields form={form} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={add.isPending}>
              {t('invite.submit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

import { Button, Checkbox, Group, MultiSelect, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation } from '../../api/queries.ts';
import type { Token } from '../../api/schema.ts';
import { isAtLeast, type Role } from '../../app/roles.ts';
import { useCan, useSession } from '../../app/session.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { Secret } from '../../components/secret.tsx';

const DAY_MS = 86_400_000;
const DAYS = [30, 90, 365, 730];
const ROLES: Role[] = ['source-owner', 'auditor', 'operator', 'owner'];
/** Tags of the API document that programs mostly use. */
const GROUPS = [
  'Sources',
  'Credentials',
  'Messages',
  'Queue',
  'Refusals',
  'Inbox',
  'Reports',
  'Alerts',
  'Domains',
  'Routes',
  'Relay',
];

/** Makes a token, and shows it once. */
export function MakeToken({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('tokens');
  const { who } = useSession();
  const isOwner = useCan('owner');
  const make = useApiMutation('post', '/tokens', ['/tokens']);
  const form = useForm({
    initialValues: {
      name: '',
      role: (isAtLeast(who.role, 'auditor') ? 'auditor' : 'source-owner') as Token['role'],
      days: '90',
      sources: [] as string[],
      groups: [] as string[],
      shared: false,
    },
  });
  const submit = form.onSubmit(async ({ days, sources, groups, ...rest }) => {
    try {
      await make.mutateAsync({
        body: {
          ...rest,
          name: rest.name.trim(),
          expiresAt: Date.now() + Number(days) * DAY_MS - 60_000,
          sources: sources.length > 0 ? sources : undefined,
          groups: groups.length > 0 ? groups : undefined,
        },
      });
    } catch (error) {
      form.setErrors(fieldErrors(error) ?? {});
    }
  });
  if (make.data) {
    return (
      <Dialog
        opened
        onClose={onClose}
        title={t('form.secret', { name: make.data.token.name })}
        closeOnClickOutside={false}
      >
        <Stack gap="md">
          <Secret value={make.data.secret} label={make.data.token.name} />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('form.done')}</Button>
          </Group>
        </Stack>
      </Dialog>
    );
  }
  return (
    <Dialog opened onClose={onClose} title={t('make')} closeOnClickOutside={!form.isDirty()}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {make.error && !fieldErrors(make.error) && <ProblemAlert error={make.error} />}
          <TextInput
            label={t('form.name')}
            required
            withAsterisk={false}
            data-autofocus
            {...form.getInputProps('name')}
          />
          <Group grow align="flex-start">
            <Select
              label={t('role.label')}
              allowDeselect={false}
              data={ROLES.filter((role) => isAtLeast(who.role, role)).map((value) => ({
                value,
                label: t(`role.${value}`),
              }))}
              {...form.getInputProps('role')}
            />
            <Select
              label={t('form.days')}
              allowDeselect={false}
              data={DAYS.map((count) => ({ value: String(count), label: t('form.day', { count }) }))}
              {...form.getInputProps('days')}
            />
          </Group>
          <TagsInput
            label={t('form.sources')}
            description={t('form.sourcesHelp')}
            {...form.getInputProps('sources')}
          />
          <MultiSelect
            label={t('form.groups')}
            description={t('form.groupsHelp')}
            data={GROUPS}
            {...form.getInputProps('groups')}
          />
          {isOwner && (
            <Checkbox label={t('form.shared')} {...form.getInputProps('shared', { type: 'checkbox' })} />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={make.isPending}>
              {t('form.submit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

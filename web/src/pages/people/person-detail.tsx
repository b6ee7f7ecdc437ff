import { Button, Checkbox, Group, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation } from '../../api/queries.ts';
import type { Person } from '../../api/schema.ts';
import { useCan, useSession } from '../../app/session.tsx';
import { FormActions } from '../../components/form-actions.tsx';
import { KeyValues } from '../../components/key-values.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { useUnsavedGuard } from '../../components/use-unsaved-guard.tsx';
import type { Invited } from './invitation-link.tsx';
import { type PersonAction, PersonActions } from './person-actions.tsx';
import { RoleFields } from './role-fields.tsx';

/** A person: what they may do, and what takes it away. */
export function PersonDetail({
  person,
  onInvited,
  onRemoved,
}: {
  person: Person;
  onInvited: (invited: Invited) => void;
  onRemoved: () => void;
}) {
  const { t } = useTranslation('people');
  const { who } = useSession();
  const isOwner = useCan('owner');
  const isSelf = person.id === who.id;
  const edit = useApiMutation('patch', '/people/{person}', ['/people']);
  const [action, setAction] = useState<PersonAction>();
  const form = useForm({
    initialValues: {
      role: person.role,
      sources: person.sources,
      isDisabled: person.state === 'disabled',
    },
  });
  const guard = useUnsavedGuard(form.isDirty());
  const submit = form.onSubmit(async ({ role, sources, isDisabled }) => {
    try {
      await edit.mutateAsync({
        params: { person: person.id },
        etag: `"${person.version}"`,
        body: {
          role,
          sources: role === 'source-owner' ? sources : [],
          state: isDisabled ? 'disabled' : 'active',
        },
      });
      form.resetDirty();
      await notify({ text: t('edit.saved') });
    } catch (error) {
      form.setErrors(fieldErrors(error) ?? {});
    }
  });
  return (
    <Stack gap="lg">
      <KeyValues
        rows={[
          [t('invite.email'), person.email],
          [t('role.label'), !isOwner && t(`role.${person.role}`)],
          [t('invite.sources'), !isOwner && person.sources.join(', ')],
          [t('detail.created'), <TimeText key="created" at={person.createdAt} exact />],
          [
            t('detail.last'),
            person.lastSignedInAt === undefined ? (
              t('never')
            ) : (
              <>
                <TimeText at={person.lastSignedInAt} />{' '}
                {person.lastSignedInFrom !== undefined &&
                  t('detail.from', { network: person.lastSignedInFrom })}
              </>
            ),
          ],
          [t('detail.codes'), person.hasTotp ? String(person.recoveryCodes) : undefined],
          [
            t('detail.invited'),
            person.invitedUntil !== undefined && <TimeText key="invited" at={person.invitedUntil} />,
          ],
        ]}
      />
      {isOwner && (
        <form onSubmit={submit}>
          <Stack gap="md">
            <Title order={2}>{t('edit.title')}</Title>
            {edit.error && !fieldErrors(edit.error) && <ProblemAlert error={edit.error} />}
            <RoleFields form={form} />
            {!isSelf && (
              <Checkbox
                label={t('edit.disabled')}
                {...form.getInputProps('isDisabled', { type: 'checkbox' })}
              />
            )}
            <FormActions isDirty={form.isDirty()} isBusy={edit.isPending} onReset={form.reset} />
          </Stack>
        </form>
      )}
      {isOwner && !isSelf && (
        <Group gap="xs">
          {(['invite', 'signOut', 'reset'] as const).map((kind) => (
            <Button key={kind} size="xs" variant="default" onClick={() => setAction(kind)}>
              {t(`action.${kind}`)}
            </Button>
          ))}
          <Button size="xs" variant="default" c="var(--tone-bad-text)" onClick={() => setAction('remove')}>
            {t('action.remove')}
          </Button>
        </Group>
      )}
      {!isOwner && (
        <Text size="sm" c="dimmed">
          {t(`roleHelp.${person.role}`)}
        </Text>
      )}
      {action && (
        <PersonActions
          person={person}
          action={action}
          onClose={() => setAction(undefined)}
          onInvited={onInvited}
          onRemoved={onRemoved}
        />
      )}
      {guard}
    </Stack>
  );
}

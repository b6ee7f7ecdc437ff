import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import Plus from 'lucide-react/icons/plus';
import UserCheck from 'lucide-react/icons/user-check';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { SafeSender } from '../../api/schema.ts';
import { Can, useCan } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { RowActions } from './row-actions.tsx';

const STALE = ['/edge/safe-senders', '/edge/status'];

/** Whose likeness to us is no pretence. */
export function SafeSenders() {
  const { t } = useTranslation('edge-settings');
  const may = useCan('operator');
  const { data, error, refetch } = useApiQuery('/edge/safe-senders');
  const [edited, setEdited] = useState<SafeSender | 'new'>();
  const [removed, setRemoved] = useState<SafeSender>();
  const remove = useApiMutation('delete', '/edge/safe-senders/{entry}', STALE);
  const put = useApiMutation('put', '/edge/safe-senders/{entry}', STALE);
  const columns = useMemo<Column<SafeSender>[]>(
    () => [
      { id: 'entry', title: t('safe.entry'), width: 'minmax(0, 1.4fr)', cell: ({ entry }) => entry },
      {
        id: 'note',
        title: t('safe.note'),
        width: 'minmax(0, 2fr)',
        cell: ({ note }) => <span dir="auto">{note}</span>,
      },
      {
        id: 'created',
        title: t('safe.since'),
        width: '130px',
        wideOnly: true,
        cell: ({ createdAt }) => <TimeText at={createdAt} />,
      },
      ...(may
        ? [
            {
              id: 'actions',
              title: '',
              width: '84px',
              align: 'right' as const,
              cell: (sender: SafeSender) => (
                <RowActions
                  name={sender.entry}
                  onEdit={() => setEdited(sender)}
                  onRemove={() => setRemoved(sender)}
                />
              ),
            },
          ]
        : []),
    ],
    [t, may],
  );
  const add = (
    <Can role="operator">
      <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => setEdited('new')}>
        {t('safe.add')}
      </Button>
    </Can>
  );
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={620}>
          {t('safe.description')}
        </Text>
        {data && data.items.length > 0 && add}
      </Group>
      <DataTable
        label={t('tab.safe-senders')}
        columns={columns}
        rows={data?.items}
        rowKey={({ entry }) => entry}
        onRow={may ? setEdited : undefined}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <EmptyState icon={UserCheck} title={t('safe.empty')} action={add}>
            {t('safe.emptyText')}
          </EmptyState>
        }
      />
      {edited && <SafeSenderForm sender={edited} onClose={() => setEdited(undefined)} />}
      <ConfirmAction
        opened={removed !== undefined}
        onClose={() => setRemoved(undefined)}
        title={t('safe.removeTitle', { name: removed?.entry })}
        verb={t('remove')}
        danger
        run={async () => {
          if (removed) await remove.mutateAsync({ params: { entry: removed.entry } });
        }}
        done={t('safe.removed', { name: removed?.entry })}
        undo={
          removed &&
          (() => put.mutateAsync({ params: { entry: removed.entry }, body: { note: removed.note } }))
        }
      >
        <Text size="sm">{t('safe.removeText')}</Text>
      </ConfirmAction>
    </Stack>
  );
}

function SafeSenderForm({ sender, onClose }: { sender: SafeSender | 'new'; onClose: () => void }) {
  const { t } = useTranslation('edge-settings');
  const put = useApiMutation('put', '/edge/safe-senders/{entry}', STALE);
  const isNew = sender === 'new';
  const form = useForm({
    initialValues: isNew ? { entry: '', note: '' } : { entry: sender.entry, note: sender.note },
    validate: { entry: (value) => (value.trim() === '' ? t('safe.entryMissing') : null) },
  });
  const submit = form.onSubmit(async ({ entry, note }) => {
    try {
      const after = await put.mutateAsync({ params: { entry: entry.trim() }, body: { note: note.trim() } });
      onClose();
      await notify({ text: t('safe.saved', { name: after.entry }) });
    } catch (error) {
      form.setErrors(fieldErrors(error) ?? {});
    }
  });
  const isOfField = put.error !== null && fieldErrors(put.error) !== undefined;
  return (
    <Dialog opened onClose={onClose} title={isNew ? t('safe.add') : t('editOf', { name: sender.entry })}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {put.error && !isOfField && <ProblemAlert error={put.error} />}
          <TextInput
            label={t('safe.entry')}
            description={t('safe.entryHelp')}
            placeholder="partner.com"
            disabled={!isNew}
            spellCheck={false}
            data-autofocus={isNew || undefined}
            {...form.getInputProps('entry')}
          />
          <TextInput
            label={t('safe.note')}
            maxLength={200}
            data-autofocus={!isNew || undefined}
            {...form.getInputProps('note')}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={put.isPending}>
              {t(isNew ? 'safe.add' : 'save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

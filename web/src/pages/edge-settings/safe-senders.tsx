import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import UserCheck from 'lucide-react/icons/user-check';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { SafeSender } from '../../api/schema.ts';
import type { Column } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { EditedList } from './edited-list.tsx';

const STALE = ['/edge/safe-senders', '/edge/status'];
const nameOf = ({ entry }: SafeSender) => entry;

/** Whose likeness to us is no pretence. */
export function SafeSenders() {
  const { t } = useTranslation('edge-settings');
  const list = useApiQuery('/edge/safe-senders');
  const remove = useApiMutation('delete', '/edge/safe-senders/{entry}', STALE);
  const put = useApiMutation('put', '/edge/safe-senders/{entry}', STALE);
  const columns = useMemo<Column<SafeSender>[]>(
    () => [
      { id: 'entry', title: t('safe.entry'), width: 'minmax(0, 1.4fr)', cell: nameOf },
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
    ],
    [t],
  );
  return (
    <EditedList
      texts="safe"
      label={t('tab.safe-senders')}
      icon={UserCheck}
      columns={columns}
      list={list}
      nameOf={nameOf}
      form={(sender, onClose) => <SafeSenderForm sender={sender} onClose={onClose} />}
      remove={({ entry }) => remove.mutateAsync({ params: { entry } })}
      restore={({ entry, note }) =>
        () =>
          put.mutateAsync({ params: { entry }, body: { note } })
        }
    />
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

import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation } from '../../api/queries.ts';
import type { Credential, Source } from '../../api/schema.ts';
import { Dialog } from '../../components/dialog.tsx';
import { endOf } from '../../components/end-of-day.ts';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { CREDENTIAL_PATHS, labelOf } from './credentials-tab.tsx';

/** What may be changed of a credential: what it is called, and when it ends. */
export default function EditCredential({
  source,
  credential,
  onClose,
}: {
  source: Source;
  credential: Credential;
  onClose: () => void;
}) {
  const { t } = useTranslation('source');
  const { t: words } = useTranslation('components');
  const first = credential.expiresAt === undefined ? '' : dayOf(credential.expiresAt);
  const [label, setLabel] = useState(credential.label);
  const [ends, setEnds] = useState(first);
  const edit = useApiMutation('patch', '/sources/{name}/credentials/{credential}', CREDENTIAL_PATHS);
  const errors = fieldErrors(edit.error) ?? {};
  const run = async () => {
    try {
      await edit.mutateAsync({
        params: { name: source.name, credential: credential.id },
        body: { label, ...(ends === first ? {} : { expiresAt: ends === '' ? null : endOf(ends) }) },
      });
      onClose();
      await notify({ text: t('saved') });
    } catch {
      // what went wrong stands in the dialogue
    }
  };
  return (
    <Dialog opened onClose={onClose} title={t('credential.editTitle', { name: labelOf(credential) })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Stack gap="md">
          <TextInput
            label={t('newCredential.label')}
            maxLength={100}
            value={label}
            error={errors['label']}
            onChange={({ currentTarget }) => setLabel(currentTarget.value)}
          />
          <TextInput
            type="date"
            label={t('newCredential.ends')}
            description={t('newCredential.endsHelp')}
            value={ends}
            error={errors['expiresAt']}
            onChange={({ currentTarget }) => setEnds(currentTarget.value)}
          />
          {edit.error && <ProblemAlert error={edit.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {words('confirm.cancel')}
            </Button>
            <Button type="submit" loading={edit.isPending}>
              {words('form.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** As a date field has it, where the browser is. */
function dayOf(at: number): string {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

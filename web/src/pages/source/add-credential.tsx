import { Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation } from '../../api/queries.ts';
import type { IssuedCredential, Source } from '../../api/schema.ts';
import { Dialog } from '../../components/dialog.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { CREDENTIAL_PATHS } from './credentials-tab.tsx';
import { credentialBody, CredentialFields, NEW_CREDENTIAL } from './credential-fields.tsx';

interface Props {
  source: Source;
  onClose: () => void;
  onIssued: (issued: IssuedCredential) => void;
}

/** Adds a credential; its secret is shown on the page behind once this is closed. */
export default function AddCredential({ source, onClose, onIssued }: Props) {
  const { t } = useTranslation('source');
  const { t: words } = useTranslation('components');
  const [values, setValues] = useState(NEW_CREDENTIAL);
  const add = useApiMutation('post', '/sources/{name}/credentials', CREDENTIAL_PATHS);
  const run = async () => {
    try {
      const issued = await add.mutateAsync({
        params: { name: source.name },
        body: credentialBody(values) as never,
      });
      onClose();
      onIssued(issued);
      if (issued.password === undefined && issued.apiKey === undefined)
        await notify({ text: t('credential.added') });
    } catch {
      // what went wrong stands in the dialogue
    }
  };
  return (
    <Dialog opened onClose={onClose} title={t('credential.add')} size="lg">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Stack gap="md">
          <CredentialFields
            values={values}
            onChange={(changes) => setValues({ ...values, ...changes })}
            errors={fieldErrors(add.error) ?? {}}
            name={source.name}
          />
          {add.error && <ProblemAlert error={add.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {words('confirm.cancel')}
            </Button>
            <Button type="submit" loading={add.isPending}>
              {t('credential.add')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

import { Alert, Button, Group, Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { fieldErrors } from '../../api/problem.ts';
import type { ProvenDirectSendSender } from '../../api/schema.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { Secret } from '../../components/secret.tsx';
import { WordsInput } from '../../components/words-input.tsx';

interface Values {
  name: string;
  owner: string;
  description: string;
  from: string[];
  recipients: 'internal' | 'any';
  proof: 'password' | 'network';
  networks: string[];
}

/** The row that the audit has ready for the import. */
interface Row {
  name: string;
  description?: string;
  owner?: string;
  tags?: string[];
  from?: { envelope: string; header: string }[];
  networks?: string[];
}

/** Makes the source through which the sender goes on: filled in from what was seen, for a person to look over. */
export default function CreateSource({
  sender,
  etag,
  onClose,
}: {
  sender: ProvenDirectSendSender;
  etag: string | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation('direct-send-sender');
  const api = useApi();
  const queries = useQueryClient();
  const row = sender.wayOut.row as Row;
  const [made, setMade] = useState<{ name: string; password?: string }>();
  const [isAdded, setAdded] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const form = useForm<Values>({
    initialValues: {
      name: row.name,
      owner: sender.note?.owner ?? row.owner ?? '',
      description: row.description ?? '',
      from: [...new Set(row.from?.map(({ header }) => header))],
      recipients: 'internal',
      proof: 'password',
      networks: [...(row.networks ?? [])],
    },
    validate: {
      name: (name) => (name.trim() === '' ? t('source.nameMissing') : null),
      from: (patterns) => (patterns.length === 0 ? t('source.fromMissing') : null),
      networks: (networks, { proof }) =>
        proof === 'network' && networks.length === 0 ? t('source.networksMissing') : null,
    },
  });
  const close = () => {
    // only now: what shows the source that was made would take the dialogue away with its secret
    void queries.invalidateQueries({ queryKey: ['/sources'] });
    onClose();
  };
  const submit = form.onSubmit(async (values) => {
    setBusy(true);
    setFailure(undefined);
    const name = values.name.trim();
    try {
      if (!isAdded) {
        await api.post('/sources', {
          body: {
            name,
            owner: values.owner.trim(),
            description: values.description,
            tags: row.tags ?? [],
            policy: {
              pairs: values.from.map((pattern) => ({ envelope: pattern, header: pattern })),
              recipients: { allow: values.recipients, patterns: [] },
            },
          },
        });
        setAdded(true);
      }
      const issued = await api.post('/sources/{name}/credentials', {
        params: { name },
        body:
          values.proof === 'password'
            ? { kind: 'password' as const }
            : { kind: 'network' as const, networks: values.networks },
      });
      setMade({ name, password: issued.password });
      if (sender.note?.decision === undefined) {
        await api
          .send('patch', '/audit/senders/{sender}', {
            params: { sender: sender.id },
            body: { decision: 'approved', ...(values.owner.trim() !== '' && { owner: values.owner.trim() }) },
            etag,
          })
          // somebody has decided meanwhile: theirs stays
          .catch((error: unknown) =>
            notify({ tone: 'bad', text: error instanceof Error ? error.message : String(error) }),
          );
      }
    } catch (error) {
      const fields = fieldErrors(error);
      if (fields) form.setErrors(fields);
      setFailure(error);
    } finally {
      setBusy(false);
    }
  });
  return (
    <Dialog
      opened
      onClose={() => {
        close();
        if (made)
          void queries.invalidateQueries({
            predicate: ({ queryKey }) => String(queryKey[0]).startsWith('/audit'),
          });
      }}
      title={t(made ? 'source.done' : 'source.title')}
      size="lg"
      closeOnClickOutside={!form.isDirty() && made === undefined}
    >
      {made ? (
        <Stack gap="md">
          <Text size="sm">{t('source.doneText', { name: made.name })}</Text>
          {made.password !== undefined && (
            <>
              <div>
                <Text size="sm" mb={4}>
                  {t('source.account')}
                </Text>
                <CodeBlock value={made.name} />
              </div>
              <Secret value={made.password} label={t('source.password')} />
            </>
          )}
          <Group justify="flex-end">
            <Button
              onClick={() => {
                close();
                void queries.invalidateQueries({
                  predicate: ({ queryKey }) => String(queryKey[0]).startsWith('/audit'),
                });
              }}
            >
              {t('source.close')}
            </Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack gap="sm">
            <Text size="sm" c="dimmed">
              {t('source.text')}
            </Text>
            <TextInput
              label={t('source.name')}
              required
              disabled={isAdded}
              maxLength={64}
              {...form.getInputProps('name')}
            />
            <TextInput
              label={t('source.owner')}
              placeholder="anna@contoso.com"
              disabled={isAdded}
              {...form.getInputProps('owner')}
            />
            <TextInput
              label={t('source.description')}
              disabled={isAdded}
              {...form.getInputProps('description')}
            />
            <WordsInput
              label={t('source.from')}
              description={t('source.fromHelp')}
              disabled={isAdded}
              {...form.getInputProps('from')}
            />
            <Select
              label={t('source.recipients')}
              data={[
                { value: 'internal', label: t('source.internal') },
                { value: 'any', label: t('source.any') },
              ]}
              allowDeselect={false}
              disabled={isAdded}
              {...form.getInputProps('recipients')}
            />
            <Radio.Group label={t('source.proof')} {...form.getInputProps('proof')}>
              <Stack gap={6} mt={4}>
                <Radio
                  value="password"
                  label={t('source.byPassword')}
                  description={t('source.byPasswordHelp')}
                />
                <Radio
                  value="network"
                  label={t('source.byNetwork')}
                  description={t('source.byNetworkHelp')}
                />
              </Stack>
            </Radio.Group>
            {form.values.proof === 'network' && (
              <WordsInput label={t('source.networks')} {...form.getInputProps('networks')} />
            )}
            {isAdded && <Alert color="orange">{t('source.half')}</Alert>}
            {failure !== undefined && <ProblemAlert error={failure} />}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={close}>
                {t('source.cancel')}
              </Button>
              <Button type="submit" loading={isBusy}>
                {t('source.create')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}

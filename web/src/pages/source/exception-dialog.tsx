import { Button, Group, Select, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation } from '../../api/queries.ts';
import type { Exception, Source } from '../../api/schema.ts';
import { Dialog } from '../../components/dialog.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { endOf } from './credential-fields.tsx';

const KINDS = ['tls-1.1', 'tls-1.0', 'rsa-key-exchange', '3des', 'no-tls', 'cram-md5'] as const;
const DAY_MS = 86_400_000;

/** Allows something weak until a day, or gives what is allowed another day. */
export default function ExceptionDialog({
  source,
  exception,
  onClose,
}: {
  source: Source;
  /** Absent: a new one. */
  exception: Exception | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation('source');
  const { t: words } = useTranslation('components');
  const stale = ['/exceptions', '/sources/{name}/compatibility', '/sources/{name}/sheet'];
  const [kind, setKind] = useState<(typeof KINDS)[number]>(exception?.kind ?? 'tls-1.1');
  const [networks, setNetworks] = useState<string[]>([]);
  const [owner, setOwner] = useState(exception?.owner ?? source.owner);
  const [reason, setReason] = useState('');
  const [ends, setEnds] = useState(new Date(Date.now() + 90 * DAY_MS).toISOString().slice(0, 10));
  const add = useApiMutation('post', '/exceptions', stale);
  const extend = useApiMutation('patch', '/exceptions/{id}', stale);
  const error = add.error ?? extend.error;
  const errors = fieldErrors(error) ?? {};
  const isByNetwork = kind !== 'cram-md5';
  const run = async () => {
    const common = { owner, reason, endsAt: endOf(ends) };
    try {
      if (exception) {
        await extend.mutateAsync({
          params: { id: exception.id },
          body: common,
          etag: `"${exception.version}"`,
        });
      } else {
        await add.mutateAsync({
          body: { ...common, kind, source: source.name, networks: isByNetwork ? networks : [] },
        });
      }
      onClose();
      await notify({ text: t('saved') });
    } catch {
      // what went wrong stands in the dialogue
    }
  };
  return (
    <Dialog opened onClose={onClose} title={t(exception ? 'exception.extend' : 'exception.add')} size="lg">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Stack gap="sm">
          {!exception && (
            <>
              <Select
                label={t('exception.kind')}
                data={KINDS.map((value) => ({
                  value,
                  label: t(`exception.kinds.${value.replace('.', '_')}`),
                }))}
                allowDeselect={false}
                value={kind}
                error={errors['kind']}
                onChange={(value) => setKind(value ?? kind)}
              />
              {isByNetwork && (
                <TagsInput
                  label={t('newCredential.networks')}
                  description={t('exception.networksHelp')}
                  splitChars={[',', ' ', ';']}
                  value={networks}
                  error={Object.entries(errors).find(([path]) => path.startsWith('networks'))?.[1]}
                  onChange={setNetworks}
                />
              )}
            </>
          )}
          <Textarea
            label={t('exception.reason')}
            description={t('exception.reasonHelp')}
            autosize
            minRows={2}
            maxLength={500}
            value={reason}
            error={errors['reason']}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
          <TextInput
            type="date"
            label={t('exception.ends')}
            value={ends}
            error={errors['endsAt']}
            onChange={({ currentTarget }) => setEnds(currentTarget.value)}
          />
          <TextInput
            type="email"
            label={t('exception.owner')}
            value={owner}
            error={errors['owner']}
            onChange={({ currentTarget }) => setOwner(currentTarget.value)}
          />
          {error && <ProblemAlert error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {words('confirm.cancel')}
            </Button>
            <Button type="submit" loading={add.isPending || extend.isPending}>
              {words('form.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

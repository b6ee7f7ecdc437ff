import { Button, Group, Select, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation } from '../../api/queries.ts';
import type { Exception } from '../../api/schema.ts';
import { Dialog } from '../dialog.tsx';
import { dayOf, endOf } from '../end-of-day.ts';
import { notify } from '../notify.tsx';
import { ProblemAlert } from '../problem-alert.tsx';
import { EXCEPTION_KINDS, keyOfKind, STALE } from './kinds.ts';

const DAY_MS = 86_400_000;
const USUAL_DAYS = 90;
/** A year, a leap year too: the relay takes no later end. */
const LONGEST_DAYS = 366;

interface Props {
  /** One that is open gets another end; one that is over is made again. Absent: a new one. */
  exception?: Exception;
  /** Whose devices they are, where that is known. */
  source?: { name: string; owner: string };
  onClose: () => void;
}

/** Allows something weak until a day, or gives what is allowed another day. */
export default function ExceptionDialog({ exception, source, onClose }: Props) {
  const { t } = useTranslation('exception-parts');
  const { t: words } = useTranslation('components');
  const isOpen = exception?.state === 'open';
  const now = Date.now();
  const [kind, setKind] = useState<Exception['kind']>(exception?.kind ?? 'tls-1.1');
  const [networks, setNetworks] = useState<string[]>(exception?.networks ?? []);
  const [name, setName] = useState(exception?.sourceName ?? source?.name ?? '');
  const [owner, setOwner] = useState(exception?.owner ?? source?.owner ?? '');
  const [reason, setReason] = useState(isOpen ? '' : (exception?.reason ?? ''));
  const [ends, setEnds] = useState(
    // another end is not an earlier one unless somebody says so
    dayOf(Math.max(now + USUAL_DAYS * DAY_MS, isOpen ? exception.endsAt : 0)),
  );
  const add = useApiMutation('post', '/exceptions', STALE);
  const extend = useApiMutation('patch', '/exceptions/{id}', STALE);
  const error = add.error ?? extend.error;
  const errors = fieldErrors(error) ?? {};
  const isByNetwork = kind !== 'cram-md5';
  const run = async () => {
    const common = { owner: owner.trim() || undefined, reason, endsAt: endOf(ends) };
    try {
      if (isOpen) {
        await extend.mutateAsync({
          params: { id: exception.id },
          body: common,
          etag: `"${exception.version}"`,
        });
      } else {
        await add.mutateAsync({
          body: {
            ...common,
            kind,
            source: name.trim() || undefined,
            networks: isByNetwork ? networks : [],
          },
        });
      }
      onClose();
      await notify({ text: t('saved') });
    } catch {
      // what went wrong stands in the dialogue
    }
  };
  return (
    <Dialog opened onClose={onClose} title={t(isOpen ? 'extend' : 'add')} size="lg">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Stack gap="sm">
          {!isOpen && (
            <>
              <Select
                label={t('kind')}
                data={EXCEPTION_KINDS.map((value) => ({ value, label: t(`kinds.${keyOfKind(value)}`) }))}
                allowDeselect={false}
                value={kind}
                error={errors['kind']}
                onChange={(value) => setKind(value ?? kind)}
              />
              {isByNetwork && (
                <TagsInput
                  label={t('networks')}
                  description={t('networksHelp')}
                  splitChars={[',', ' ', ';']}
                  acceptValueOnBlur
                  value={networks}
                  error={Object.entries(errors).find(([path]) => path.startsWith('networks'))?.[1]}
                  onChange={setNetworks}
                />
              )}
              {!source && (
                <TextInput
                  label={t('source')}
                  description={t(isByNetwork ? 'sourceHelp' : 'sourceNeeded')}
                  spellCheck={false}
                  value={name}
                  error={errors['source']}
                  onChange={({ currentTarget }) => setName(currentTarget.value)}
                />
              )}
            </>
          )}
          <Textarea
            label={t('reason')}
            description={t('reasonHelp')}
            autosize
            minRows={2}
            maxLength={500}
            value={reason}
            error={errors['reason']}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
          <TextInput
            type="date"
            label={t('ends')}
            min={dayOf(now)}
            max={dayOf(now + (LONGEST_DAYS - 1) * DAY_MS)}
            value={ends}
            error={errors['endsAt']}
            onChange={({ currentTarget }) => setEnds(currentTarget.value)}
          />
          <TextInput
            type="email"
            label={t('owner')}
            description={t('ownerHelp')}
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

import { Button, Group, Stack, TagsInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { ApiProblem } from '../../api/problem.ts';
import { useApiQuery } from '../../api/queries.ts';
import type { Source } from '../../api/schema.ts';
import { Dialog } from '../../components/dialog.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';

interface Props {
  sources: readonly Source[];
  onClose: () => void;
  onDone: () => void;
}

/** Adds tags to many sources, and takes others away: one import of rows that hold nothing else. */
export default function BulkTags({ sources, onClose, onDone }: Props) {
  const { t } = useTranslation('sources');
  const { t: words } = useTranslation('components');
  const api = useApi();
  const queries = useQueryClient();
  const known = useApiQuery('/source-counts').data?.tags.map(({ tag }) => tag) ?? [];
  const present = [...new Set(sources.flatMap(({ tags }) => tags))].sort();
  const [added, setAdded] = useState<string[]>([]);
  const [removed, setRemoved] = useState<string[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const run = async () => {
    setBusy(true);
    setFailure(undefined);
    const rows = sources.map(({ name, tags }) => ({
      name,
      tags: [...tags, ...added].filter((tag) => !removed.includes(tag)),
    }));
    try {
      const { changed, errors } = await api.post('/sources/import', {
        query: { existing: 'update' },
        body: rows as never,
      });
      const [first] = errors;
      if (first) throw new ApiProblem({ title: '', status: 422, detail: `${first.name}: ${first.detail}` });
      await queries.invalidateQueries({ queryKey: ['/sources'] });
      await queries.invalidateQueries({ queryKey: ['/source-counts'] });
      onDone();
      await notify({ text: t('bulk.tagged', { count: changed }) });
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog opened onClose={onClose} title={t('bulk.tagsTitle', { count: sources.length })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Stack gap="md">
          <TagsInput
            label={t('bulk.addTags')}
            description={t('bulk.tagsHelp')}
            data={known}
            value={added}
            onChange={(tags) => setAdded(tags.map((tag) => tag.toLowerCase()))}
            data-autofocus
          />
          <TagsInput
            label={t('bulk.removeTags')}
            data={present}
            value={removed}
            onChange={setRemoved}
            disabled={present.length === 0}
          />
          {failure !== undefined && <ProblemAlert error={failure} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {words('confirm.cancel')}
            </Button>
            <Button type="submit" loading={isBusy} disabled={added.length + removed.length === 0}>
              {words('form.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

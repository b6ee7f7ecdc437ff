import { Alert, Button, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { fieldErrors } from '../../api/problem.ts';
import { useApiQuery } from '../../api/queries.ts';
import { useFormat } from '../../app/format.ts';
import { Dialog } from '../../components/dialog.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';

/** Whom to ask, and until when; how many that are is counted before anybody is asked. */
export default function NewRound({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('recertifications');
  const { t: words } = useTranslation('components');
  const format = useFormat();
  const api = useApi();
  const queries = useQueryClient();
  const tags = useApiQuery('/source-counts').data?.tags ?? [];
  const [title, setTitle] = useState('');
  const [tag, setTag] = useState<string | null>(null);
  const [owner, setOwner] = useState('');
  const [site, setSite] = useState('');
  const [days, setDays] = useState(30);
  const [brownOut, setBrownOut] = useState(14);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const filter = {
    state: 'active' as const,
    tag: tag ?? undefined,
    owner: owner === '' ? undefined : owner,
    site: site === '' ? undefined : site,
  };
  const body = { title: title || '…', filter, days, plan: { days: brownOut } };
  const [asked] = useDebouncedValue(filter, 300);
  const count = useQuery({
    queryKey: ['new-round', asked],
    queryFn: async ({ signal }) =>
      await api.post('/recertifications', {
        body: { title: '…', filter: asked, dryRun: true },
        signal,
      }),
    staleTime: 0,
  });
  const errors = fieldErrors(failure) ?? {};
  const run = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await api.post('/recertifications', { body: { ...body, title } });
      await queries.invalidateQueries({ queryKey: ['/recertifications'] });
      onClose();
      await notify({ text: t('new.done') });
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  const { data } = count;
  return (
    <Dialog opened onClose={onClose} title={t('new.open')} size="lg">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={t('new.title')}
            placeholder={t('new.titleExample')}
            maxLength={100}
            value={title}
            error={errors['title']}
            onChange={({ currentTarget }) => setTitle(currentTarget.value)}
            data-autofocus
          />
          <Text size="sm" c="dimmed">
            {t('new.which')}
          </Text>
          <Group grow align="flex-start">
            <Select
              label={t('new.tag')}
              data={tags.map(({ tag: value, count: number }) => ({ value, label: `${value} (${number})` }))}
              clearable
              value={tag}
              onChange={setTag}
            />
            <TextInput
              label={t('new.owner')}
              value={owner}
              onChange={({ currentTarget }) => setOwner(currentTarget.value)}
            />
            <TextInput
              label={t('new.site')}
              value={site}
              onChange={({ currentTarget }) => setSite(currentTarget.value)}
            />
          </Group>
          <Group grow align="flex-start">
            <NumberInput
              label={t('new.days')}
              min={1}
              max={365}
              value={days}
              onChange={(value) => setDays(Number(value))}
            />
            <NumberInput
              label={t('new.brownOut')}
              min={0}
              max={365}
              value={brownOut}
              onChange={(value) => setBrownOut(Number(value))}
            />
          </Group>
          {count.error && <ProblemAlert error={count.error} />}
          {data && (
            <Alert color={data.withoutOwner > 0 ? 'orange' : 'postern'} role="status">
              <Text size="sm" fw={600}>
                {t('new.count', {
                  count: data.sources,
                  sources: format.number(data.sources),
                  owners: format.number(data.owners),
                })}
              </Text>
              {data.withoutOwner > 0 && (
                <Text size="sm">
                  {t('new.withoutOwner', {
                    count: data.withoutOwner,
                    number: format.number(data.withoutOwner),
                  })}
                </Text>
              )}
              <Text size="sm">
                {t('new.then', { days: format.number(days), brownOut: format.number(brownOut) })}
              </Text>
            </Alert>
          )}
          {failure !== undefined && <ProblemAlert error={failure} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {words('confirm.cancel')}
            </Button>
            <Button
              type="submit"
              loading={isBusy}
              disabled={!data || data.sources === 0 || title.trim() === ''}
            >
              {t('new.run')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

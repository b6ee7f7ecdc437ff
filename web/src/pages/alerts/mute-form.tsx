import { Button, Group, Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation } from '../../api/queries.ts';
import type { Alert } from '../../api/schema.ts';
import { Dialog } from '../../components/dialog.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';

const HOUR_MS = 3_600_000;
const TIMES = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 168 * HOUR_MS };

/** Keeps an alert, and what is like it, from being told for some time. */
export function MuteForm({ alert, onClose }: { alert: Alert; onClose: () => void }) {
  const { t } = useTranslation('alerts');
  const { rule, code, source, sourceName } = alert;
  const add = useApiMutation('post', '/alert-mutes', ['/alert-mutes', '/alerts']);
  const choices = [
    ...(code !== undefined && source !== undefined
      ? [{ key: 'this', label: t('muteForm.this', { code }), match: { code, source } }]
      : []),
    ...(source === undefined
      ? []
      : [{ key: 'source', label: t('muteForm.source', { name: sourceName ?? source }), match: { source } }]),
    ...(code === undefined ? [] : [{ key: 'code', label: t('muteForm.code', { code }), match: { code } }]),
    { key: 'rule', label: t('muteForm.rule', { rule }), match: { rule } },
  ];
  const [what, setWhat] = useState(choices[0]?.key ?? 'rule');
  const [time, setTime] = useState<keyof typeof TIMES>('day');
  const [reason, setReason] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const match = choices.find(({ key }) => key === what)?.match;
    await add.mutateAsync({ body: { ...match, until: Date.now() + TIMES[time], reason } });
    onClose();
    await notify({ text: t('muteForm.done') });
  };
  return (
    <Dialog opened onClose={onClose} title={t('muteForm.title')}>
      <form onSubmit={(event) => void submit(event).catch(() => {})}>
        <Stack gap="md">
          <Text size="sm">{t('muteForm.text')}</Text>
          {add.error && <ProblemAlert error={add.error} />}
          <Radio.Group label={t('muteForm.what')} value={what} onChange={setWhat}>
            <Stack gap={6} mt={6}>
              {choices.map(({ key, label }) => (
                <Radio key={key} value={key} label={label} />
              ))}
            </Stack>
          </Radio.Group>
          <Select
            label={t('muteForm.for')}
            allowDeselect={false}
            value={time}
            onChange={(value) => setTime((value ?? 'day') as keyof typeof TIMES)}
            data={Object.keys(TIMES).map((value) => ({ value, label: t(`muteForm.${value}`) }))}
          />
          <TextInput
            label={t('muteForm.reason')}
            value={reason}
            maxLength={500}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={add.isPending}>
              {t('muteForm.submit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

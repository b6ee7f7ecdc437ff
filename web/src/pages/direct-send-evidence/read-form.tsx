import {
  Anchor,
  Button,
  Checkbox,
  Collapse,
  Group,
  Paper,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link } from '@tanstack/react-router';
import ChevronRight from 'lucide-react/icons/chevron-right';
import Play from 'lucide-react/icons/play';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DirectSendAudit } from '../../api/schema.ts';
import { fieldErrors } from '../../api/problem.ts';
import { Can } from '../../app/session.tsx';
import type { RunRequest, useAuditRun } from '../../components/audit/use-audit-run.ts';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { WordsInput } from '../../components/words-input.tsx';

interface Values {
  domains: string[];
  internalRelay: string[];
  dateOrder: '' | 'day-first' | 'month-first';
  from: string;
  to: string;
  switchedAt: string;
  mxElsewhere: boolean;
  ptr: boolean;
}

/** Reads the evidence, with what the evidence itself does not say. */
export function ReadForm({
  audit,
  known,
}: {
  audit: ReturnType<typeof useAuditRun>;
  known: DirectSendAudit | undefined;
}) {
  const { t } = useTranslation('direct-send-evidence');
  const [isMore, setMore] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const form = useForm<Values>({
    initialValues: {
      domains: [],
      internalRelay: [],
      dateOrder: '',
      from: '',
      to: '',
      switchedAt: '',
      mxElsewhere: false,
      ptr: false,
    },
  });
  const names =
    known?.domains.map(({ name, matchSubDomains }) => (matchSubDomains ? `*.${name}` : name)) ?? [];
  const start = form.onSubmit(async (values) => {
    setBusy(true);
    setFailure(undefined);
    try {
      await audit.start(requestOf(values));
    } catch (error) {
      const fields = fieldErrors(error);
      if (fields) form.setErrors(fields);
      setFailure(error);
    } finally {
      setBusy(false);
    }
  });
  return (
    <Paper p="md" component="form" onSubmit={start}>
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="md">
          <div style={{ flex: '1 1 320px', minWidth: 0 }}>
            <Title order={2}>{t('read.title')}</Title>
            <Text size="sm" c="dimmed">
              {t('read.text')}
            </Text>
          </div>
          <Can role="operator" why>
            {(may) => (
              <Button
                type="submit"
                leftSection={<Play size={15} aria-hidden />}
                loading={isBusy}
                disabled={!may || audit.isRunning}
              >
                {t('read.start')}
              </Button>
            )}
          </Can>
        </Group>
        <Can role="operator">
          <WordsInput
            label={t('read.domains')}
            description={
              names.length > 0 ? t('read.domainsKnown', { domains: some(names) }) : t('read.domainsHelp')
            }
            placeholder={form.values.domains.length === 0 ? 'contoso.com' : undefined}
            {...form.getInputProps('domains')}
          />
          <div>
            <Button
              variant="subtle"
              size="compact-sm"
              color="gray"
              px={4}
              aria-expanded={isMore}
              leftSection={
                <ChevronRight
                  size={14}
                  aria-hidden
                  style={{ transform: isMore ? 'rotate(90deg)' : undefined }}
                />
              }
              onClick={() => setMore(!isMore)}
            >
              {t('read.more')}
            </Button>
          </div>
          <Collapse expanded={isMore}>
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
              <TextInput type="datetime-local" label={t('read.from')} {...form.getInputProps('from')} />
              <TextInput type="datetime-local" label={t('read.to')} {...form.getInputProps('to')} />
              <TextInput
                type="datetime-local"
                label={t('read.switchedAt')}
                description={t('read.switchedAtHelp')}
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                {...form.getInputProps('switchedAt')}
              />
              <Select
                label={t('read.dateOrder')}
                data={[
                  { value: '', label: t('read.dateOrderAuto') },
                  { value: 'day-first', label: t('read.dayFirst') },
                  { value: 'month-first', label: t('read.monthFirst') },
                ]}
                allowDeselect={false}
                {...form.getInputProps('dateOrder')}
              />
              <WordsInput
                label={t('read.internalRelay')}
                description={t('read.internalRelayHelp')}
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                {...form.getInputProps('internalRelay')}
              />
              <Stack gap="xs" justify="center">
                <Checkbox
                  label={t('read.mxElsewhere')}
                  {...form.getInputProps('mxElsewhere', { type: 'checkbox' })}
                />
                <Checkbox
                  label={t('read.ptr')}
                  description={t('read.ptrHelp')}
                  {...form.getInputProps('ptr', { type: 'checkbox' })}
                />
              </Stack>
            </SimpleGrid>
          </Collapse>
        </Can>
        {failure !== undefined && <ProblemAlert error={failure} />}
        {audit.run?.state === 'done' && audit.answeredAt !== undefined && (
          <Text size="sm" role="status">
            {t('read.done')}{' '}
            <Anchor component={Link} to="/direct-send" inherit underline="always">
              {t('read.answer')}
            </Anchor>
          </Text>
        )}
      </Stack>
    </Paper>
  );
}

function some(names: readonly string[]): string {
  return names.length > 4 ? `${names.slice(0, 4).join(', ')}, …` : names.join(', ');
}

function requestOf({
  domains,
  internalRelay,
  dateOrder,
  from,
  to,
  switchedAt,
  mxElsewhere,
  ptr,
}: Values): RunRequest {
  const at = (text: string) => new Date(text).getTime();
  return {
    ...(domains.length > 0 && { domains }),
    ...(internalRelay.length > 0 && { internalRelay }),
    ...(dateOrder !== '' && { dateOrder }),
    ...(from !== '' && { from: at(from) }),
    ...(to !== '' && { to: at(to) }),
    ...(switchedAt !== '' && { switchedAt: at(switchedAt) }),
    ...(mxElsewhere && { mxElsewhere }),
    ...(ptr && { ptr }),
  };
}

import {
  Alert,
  Button,
  NumberInput,
  Paper,
  Radio,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiProblem, fieldErrors } from '../../api/problem.ts';
import type { ProvenDirectSendSender } from '../../api/schema.ts';
import { useCan } from '../../app/session.tsx';
import { useRate } from '../../components/audit/rate.ts';
import { useWords } from '../../components/audit/words.ts';
import { FormActions } from '../../components/form-actions.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useUnsavedGuard } from '../../components/use-unsaved-guard.tsx';
import { type Change, useDecide } from './use-decide.ts';

const DECISIONS = ['approved', 'migrated', 'ignored', 'blocked'] as const;

interface Values {
  decision: string;
  owner: string;
  wave: number | string;
  text: string;
}

/** What shall become of the sender. It counts at once, and survives the next run. */
export function Decision({
  sender,
  etag,
  onStale,
}: {
  sender: ProvenDirectSendSender;
  etag: string | undefined;
  onStale: () => void;
}) {
  const { t } = useTranslation('direct-send-sender');
  const words = useWords();
  const rate = useRate();
  const may = useCan('operator');
  const decide = useDecide(sender, etag);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const form = useForm<Values>({ initialValues: valuesOf(sender) });
  const guard = useUnsavedGuard(form.isDirty());
  const take = (values: Values) => {
    form.setInitialValues(values);
    form.setValues(values);
    form.resetDirty(values);
  };
  const latest = JSON.stringify(valuesOf(sender));
  const fresh = useRef({ take, isDirty: form.isDirty });
  fresh.current = { take, isDirty: form.isDirty };
  useEffect(() => {
    // what somebody else has changed meanwhile is shown, unless it would take away what is being typed
    if (!fresh.current.isDirty()) fresh.current.take(JSON.parse(latest) as Values);
  }, [latest]);
  const isStale = failure instanceof ApiProblem && failure.status === 412;
  const submit = form.onSubmit(async (values) => {
    setBusy(true);
    setFailure(undefined);
    try {
      await decide(changeOf(values));
      form.setInitialValues(values);
      form.resetDirty(values);
    } catch (error) {
      const fields = fieldErrors(error);
      if (fields) form.setErrors(fields);
      setFailure(error);
      if (error instanceof ApiProblem && error.status === 412) onStale();
    } finally {
      setBusy(false);
    }
  });
  const breaks = form.values.decision === 'ignored' || form.values.decision === 'blocked';
  return (
    <Paper p="md" component="form" onSubmit={submit} aria-labelledby="decision">
      {guard}
      <Stack gap="sm">
        <Title order={2} id="decision">
          {t('decision.title')}
        </Title>
        <Radio.Group aria-labelledby="decision" readOnly={!may} {...form.getInputProps('decision')}>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
            {[...DECISIONS, 'none' as const].map((decision) => (
              <Radio
                key={decision}
                value={decision === 'none' ? '' : decision}
                disabled={!may}
                label={decision === 'none' ? t('decision.none') : words.decisions[decision]}
                description={t(`decision.help.${decision}`)}
              />
            ))}
          </SimpleGrid>
        </Radio.Group>
        {breaks && sender.directSend !== 'no' && (
          <Text size="sm" role="status">
            {t('decision.breaks', { rate: rate(sender.messages.perDay) })}
          </Text>
        )}
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <TextInput
            label={t('decision.owner')}
            placeholder="anna@contoso.com"
            readOnly={!may}
            maxLength={254}
            {...form.getInputProps('owner')}
          />
          <NumberInput
            label={t('decision.wave')}
            description={
              sender.note?.wave === undefined && sender.wave !== undefined
                ? t('decision.proposed', { wave: sender.wave })
                : undefined
            }
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            min={1}
            max={99}
            allowDecimal={false}
            readOnly={!may}
            {...form.getInputProps('wave')}
          />
        </SimpleGrid>
        <Textarea
          label={t('decision.note')}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={4000}
          readOnly={!may}
          {...form.getInputProps('text')}
        />
        {failure !== undefined && !isStale && <ProblemAlert error={failure} />}
        {isStale && (
          <Alert color="orange" title={t('decision.stale')} role="alert">
            <Text size="sm" mb="xs">
              {t('decision.staleText', {
                decision: sender.note?.decision
                  ? (words.decisions[sender.note.decision] ?? sender.note.decision)
                  : t('decision.none'),
                by: sender.note?.by ?? '–',
              })}
            </Text>
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                setFailure(undefined);
                take(valuesOf(sender));
              }}
            >
              {t('decision.takeTheirs')}
            </Button>
          </Alert>
        )}
        {may && <FormActions isDirty={form.isDirty()} isBusy={isBusy} onReset={form.reset} />}
      </Stack>
    </Paper>
  );
}

function valuesOf({ note }: ProvenDirectSendSender): Values {
  return {
    decision: note?.decision ?? '',
    owner: note?.owner ?? '',
    wave: note?.wave ?? '',
    text: note?.text ?? '',
  };
}

function changeOf({ decision, owner, wave, text }: Values): Change {
  return {
    decision: decision === '' ? null : (decision as (typeof DECISIONS)[number]),
    owner: owner.trim() === '' ? null : owner.trim(),
    wave: wave === '' ? null : Number(wave),
    text: text.trim() === '' ? null : text,
  };
}

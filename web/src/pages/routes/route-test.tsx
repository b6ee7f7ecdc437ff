import { Button, Group, Paper, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import type { AnswerOf } from '../../api/client.ts';
import { useApi } from '../../api/context.ts';
import { fieldErrors } from '../../api/problem.ts';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { targetOf } from './route-words.ts';

/** Asks which route a message would take. @param onChoice its name; empty: none; undefined: nothing was asked */
export function RouteTest({ onChoice }: { onChoice: (name: string | undefined) => void }) {
  const { t } = useTranslation('routes');
  const api = useApi();
  const form = useForm({ initialValues: { recipient: '', sender: '', source: '' } });
  const [choice, setChoice] = useState<AnswerOf<'/route-choice', 'get'>>();
  const [error, setError] = useState<unknown>();
  const ask = form.onSubmit(async ({ recipient, sender, source }) => {
    setError(undefined);
    setChoice(undefined);
    onChoice(undefined);
    try {
      const found = await api.get('/route-choice', {
        query: {
          recipient: recipient.trim(),
          sender: sender.trim() || undefined,
          source: source.trim() || undefined,
        },
      });
      setChoice(found);
      onChoice(found.route?.name ?? '');
    } catch (problem) {
      const errors = fieldErrors(problem);
      if (errors) form.setErrors(errors);
      else setError(problem);
    }
  });
  return (
    <Paper p="md" component="section" aria-labelledby="route-test">
      <Text fw={600} size="sm" id="route-test" mb="xs">
        {t('test.title')}
      </Text>
      <form onSubmit={ask}>
        <Group gap="xs" align="flex-start">
          <TextInput
            label={t('test.recipient')}
            placeholder="desk@example.com"
            required
            withAsterisk={false}
            w={240}
            {...form.getInputProps('recipient')}
          />
          <TextInput
            label={t('test.sender')}
            placeholder={t('test.optional')}
            w={220}
            {...form.getInputProps('sender')}
          />
          <TextInput
            label={t('test.source')}
            placeholder={t('test.optional')}
            w={180}
            {...form.getInputProps('source')}
          />
          <Button type="submit" variant="default" mt={23}>
            {t('test.ask')}
          </Button>
        </Group>
      </form>
      <div role="status">
        {choice && (
          <Text size="sm" mt="sm" style={{ overflowWrap: 'anywhere' }}>
            {choice.route ? (
              <Trans
                t={t}
                i18nKey="test.by"
                values={{ name: choice.route.name, target: targetOf(choice.route, t) }}
                components={{ b: <b /> }}
              />
            ) : (
              t('test.none')
            )}
          </Text>
        )}
      </div>
      {error !== undefined && <ProblemAlert error={error} />}
    </Paper>
  );
}

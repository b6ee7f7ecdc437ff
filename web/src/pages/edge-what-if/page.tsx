import {
  Button,
  Checkbox,
  Collapse,
  Group,
  Paper,
  SimpleGrid,
  Stack,
  TagsInput,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation } from '../../api/queries.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useFilters } from '../../components/use-filters.ts';
import { Decision } from './decision.tsx';

/** Asks the front door what it would decide, without sending anything. The question is kept in the address. */
export default function EdgeWhatIfPage() {
  const { t } = useTranslation('edge-what-if');
  const [asked, setAsked] = useFilters(['address', 'sender', 'recipient', 'certificate', 'tls']);
  const decide = useApiMutation('post', '/edge/decide');
  const form = useForm({
    initialValues: {
      address: asked.address ?? '',
      sender: asked.sender ?? '',
      recipient: asked.recipient ?? '',
      certificateNames: asked.certificate?.split(' ') ?? [],
      tls: asked.tls === 'yes' || asked.certificate !== undefined,
    },
    validate: {
      address: (value) => (value.trim() === '' ? t('missing.address') : null),
      recipient: (value) => (value.trim() === '' ? t('missing.recipient') : null),
    },
  });
  const { address, sender, recipient, certificate, tls } = asked;
  const { mutate } = decide;
  const { setErrors } = form;
  useEffect(() => {
    if (address === undefined || recipient === undefined) return;
    const body = {
      address,
      sender: sender ?? '',
      recipient,
      certificateNames: certificate?.split(' ') ?? [],
      tls: tls === 'yes' || certificate !== undefined,
    };
    mutate({ body }, { onError: (error) => setErrors(fieldErrors(error) ?? {}) });
  }, [address, sender, recipient, certificate, tls, mutate, setErrors]);

  const ask = form.onSubmit((values) => {
    const next = {
      address: values.address.trim(),
      sender: values.sender.trim() || undefined,
      recipient: values.recipient.trim(),
      certificate: values.certificateNames.join(' ') || undefined,
      tls: values.tls ? 'yes' : undefined,
    };
    const isSame = Object.entries(next).every(([name, value]) => asked[name as keyof typeof asked] === value);
    // the settings may have changed since
    if (isSame) {
      decide.mutate({
        body: { ...values, address: next.address, sender: next.sender ?? '', recipient: next.recipient },
      });
    } else setAsked(next);
  });
  return (
    <Stack gap="md">
      <PageHeader
        title={t('title')}
        description={t('description')}
        above={[{ title: t('above'), to: '/edge/traffic' }]}
      />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" style={{ alignItems: 'start' }}>
        <Paper p="md" component="form" onSubmit={ask} noValidate>
          <Stack gap="sm">
            <TextInput
              label={t('address')}
              description={t('addressHelp')}
              placeholder="203.0.113.9"
              required
              withAsterisk={false}
              spellCheck={false}
              {...form.getInputProps('address')}
            />
            <TextInput
              label={t('sender')}
              description={t('senderHelp')}
              placeholder="scanner@contoso.com"
              spellCheck={false}
              {...form.getInputProps('sender')}
            />
            <TextInput
              label={t('recipient')}
              placeholder="ann@contoso.com"
              required
              withAsterisk={false}
              spellCheck={false}
              {...form.getInputProps('recipient')}
            />
            <Checkbox label={t('tls')} {...form.getInputProps('tls', { type: 'checkbox' })} />
            <Collapse expanded={form.values.tls}>
              <TagsInput
                label={t('certificate')}
                description={t('certificateHelp')}
                placeholder="relay.contoso.com"
                {...form.getInputProps('certificateNames')}
              />
            </Collapse>
            <Group>
              <Button type="submit" loading={decide.isPending}>
                {t('ask')}
              </Button>
            </Group>
          </Stack>
        </Paper>
        <section aria-live="polite" aria-label={t('answer')}>
          {decide.error && <ProblemAlert error={decide.error} />}
          <Decision decision={decide.data} />
        </section>
      </SimpleGrid>
    </Stack>
  );
}

import { Button, Checkbox, Collapse, Group, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import ChevronRight from 'lucide-react/icons/chevron-right';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation } from '../../api/queries.ts';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';

/** Makes a domain with its first key, and goes to the records to publish. */
export function AddDomain({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('domains');
  const navigate = useNavigate();
  const add = useApiMutation('post', '/domains', ['/domains']);
  const [hasMore, setMore] = useState(false);
  const form = useForm({ initialValues: { name: '', internal: true, selector: '', ed25519: false } });
  const submit = form.onSubmit(async ({ name, selector, ...rest }) => {
    try {
      const body = { ...rest, name: name.trim(), selector: selector.trim() || undefined };
      const domain = await add.mutateAsync({ body });
      await navigate({ to: '/domains/$domain', params: { domain: domain.name } } as never);
    } catch (error) {
      const errors = fieldErrors(error);
      if (errors?.['selector'] !== undefined) setMore(true);
      form.setErrors(errors ?? {});
    }
  });
  const isOfField = add.error !== null && fieldErrors(add.error) !== undefined;
  return (
    <Dialog opened onClose={onClose} title={t('add.title')}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm">{t('add.text')}</Text>
          {add.error && !isOfField && <ProblemAlert error={add.error} />}
          <TextInput
            label={t('add.name')}
            placeholder="example.com"
            required
            withAsterisk={false}
            autoCapitalize="none"
            spellCheck={false}
            data-autofocus
            {...form.getInputProps('name')}
          />
          <Checkbox
            label={t('add.internal')}
            description={t('add.internalHelp')}
            {...form.getInputProps('internal', { type: 'checkbox' })}
          />
          <div>
            <UnstyledButton
              aria-expanded={hasMore}
              fz="sm"
              fw={550}
              onClick={() => setMore(!hasMore)}
              style={{ display: 'inline-flex', alignItems: 'center', gap: 4 }}
            >
              <ChevronRight
                size={15}
                aria-hidden
                style={{ transform: hasMore ? 'rotate(90deg)' : undefined }}
              />
              {t('add.more')}
            </UnstyledButton>
            <Collapse expanded={hasMore}>
              <Stack gap="md" pt="sm">
                <TextInput
                  label={t('add.selector')}
                  description={t('add.selectorHelp')}
                  spellCheck={false}
                  {...form.getInputProps('selector')}
                />
                <Checkbox
                  label={t('add.ed25519')}
                  description={t('add.ed25519Help')}
                  {...form.getInputProps('ed25519', { type: 'checkbox' })}
                />
              </Stack>
            </Collapse>
          </div>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('add.cancel')}
            </Button>
            <Button type="submit" loading={add.isPending}>
              {t('add.submit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

import {
  ActionIcon,
  Button,
  Checkbox,
  Collapse,
  Fieldset,
  Group,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
  UnstyledButton,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import Plus from 'lucide-react/icons/plus';
import X from 'lucide-react/icons/x';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BodyOf } from '../../api/client.ts';
import { fieldErrors } from '../../api/problem.ts';
import { useApiMutation, useApiQuery, useTaggedQuery } from '../../api/queries.ts';
import type { Route } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { FormActions } from '../../components/form-actions.tsx';
import { notify } from '../../components/notify.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { useUnsavedGuard } from '../../components/use-unsaved-guard.tsx';
import classes from './routes.module.css';

type Body = BodyOf<'/routes/{name}', 'put'>;
const KINDS = ['smarthost', 'mx', 'sandbox'] as const;
const TLS = ['verified', 'opportunistic', 'none'] as const;

interface Values {
  name: string;
  recipientDomain: string;
  senderDomain: string;
  source: string;
  kind: (typeof KINDS)[number];
  hosts: { host: string; port: number | string }[];
  implicitTls: boolean;
  username: string;
  password: string;
  certificate: string;
  privateKey: string;
  tls: Route['tls'];
  connections: number | string;
  messagesPerConnection: number | string;
}

function valuesOf(route: Route | undefined): Values {
  const { match, target } = route ?? {};
  return {
    name: route?.name ?? '',
    recipientDomain: match?.recipientDomain ?? '',
    senderDomain: match?.senderDomain ?? '',
    source: match?.source ?? '',
    kind: target?.kind ?? 'smarthost',
    hosts: target?.hosts ?? [{ host: '', port: 25 }],
    implicitTls: target?.implicitTls ?? false,
    username: target?.username ?? '',
    password: '',
    certificate: target?.clientCertificate ?? '',
    privateKey: '',
    tls: route?.tls ?? 'verified',
    connections: route?.connections ?? 10,
    messagesPerConnection: route?.messagesPerConnection ?? 100,
  };
}

function bodyOf(values: Values): Body {
  const text = (value: string) => value.trim() || undefined;
  const { kind, username, password, certificate, privateKey } = values;
  return {
    match: {
      recipientDomain: text(values.recipientDomain),
      senderDomain: text(values.senderDomain),
      source: text(values.source),
    },
    target:
      kind === 'smarthost'
        ? {
            kind,
            hosts: values.hosts.map(({ host, port }) => ({ host: host.trim(), port: Number(port) })),
            implicitTls: values.implicitTls,
            authentication: username === '' ? undefined : { username, password },
            clientCertificate: certificate === '' ? undefined : { certificate, privateKey },
          }
        : { kind },
    tls: values.tls,
    connections: Number(values.connections),
    messagesPerConnection: Number(values.messagesPerConnection),
  };
}

/** Where the API names a field, the form has it elsewhere. */
function formErrors(error: unknown): Record<string, string> | undefined {
  const errors = fieldErrors(error);
  return (
    errors &&
    Object.fromEntries(
      Object.entries(errors).map(([field, text]) => [
        field.replace(/^match\.|^target\.(?:authentication\.|clientCertificate\.)?/, ''),
        text,
      ]),
    )
  );
}

/** Makes a route, or changes one. */
export function RouteForm({ route, onDone }: { route: Route | undefined; onDone: () => void }) {
  const { t } = useTranslation('routes');
  const format = useFormat();
  const initial = valuesOf(route);
  const form = useForm<Values>({ initialValues: initial });
  const name = route?.name ?? '';
  const tagged = useTaggedQuery(
    '/routes/{name}',
    { params: { name } },
    { enabled: route !== undefined, refetchOnWindowFocus: false, staleTime: Number.POSITIVE_INFINITY },
  );
  const status = useApiQuery('/status');
  const save = useApiMutation('put', '/routes/{name}', ['/routes', '/routes/{name}']);
  const [hasMore, setMore] = useState(initial.certificate !== '');
  const [isOther, setOther] = useState(false);
  const guard = useUnsavedGuard(form.isDirty() && !save.isPending && !save.isSuccess);
  const { values } = form;
  const submit = form.onSubmit(async (now) => {
    setOther(false);
    try {
      await save.mutateAsync({
        params: { name: now.name.trim() },
        body: bodyOf(now),
        etag: tagged.data?.etag,
      });
      await notify({ text: t('form.saved', { name: now.name.trim() }) });
      onDone();
    } catch (error) {
      const errors = formErrors(error);
      const known = Object.keys(errors ?? {}).some((field) => (field.split('.')[0] ?? '') in now);
      if (errors && known) form.setErrors(errors);
      else setOther(true);
    }
  });
  const queued = status.data?.spool.queued ?? 0;
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        {route === undefined && (
          <TextInput
            label={t('form.name')}
            description={t('form.nameHelp')}
            required
            withAsterisk={false}
            spellCheck={false}
            data-autofocus
            {...form.getInputProps('name')}
          />
        )}
        <Fieldset legend={t('form.which')} classNames={{ legend: classes.legend }}>
          <Text size="xs" c="dimmed" mb="xs">
            {t('form.whichHelp')}
          </Text>
          <Stack gap="sm">
            <TextInput
              label={t('form.recipientDomain')}
              description={t('form.domainHelp')}
              spellCheck={false}
              {...form.getInputProps('recipientDomain')}
            />
            <TextInput label={t('form.source')} spellCheck={false} {...form.getInputProps('source')} />
            <TextInput
              label={t('form.senderDomain')}
              spellCheck={false}
              {...form.getInputProps('senderDomain')}
            />
          </Stack>
        </Fieldset>
        <Fieldset legend={t('form.where')} classNames={{ legend: classes.legend }}>
          <Stack gap="sm">
            <SegmentedControl
              aria-label={t('form.where')}
              data={KINDS.map((kind) => ({ value: kind, label: t(`form.kind.${kind}`) }))}
              value={values.kind}
              onChange={(kind) => {
                form.setFieldValue('kind', kind);
                // not every server that is named by a domain has a certificate that can be verified
                if (!route) form.setFieldValue('tls', kind === 'mx' ? 'opportunistic' : 'verified');
              }}
            />
            <Text size="sm" c="dimmed">
              {t(`form.kindHelp.${values.kind}`)}
            </Text>
            {values.kind === 'smarthost' && (
              <>
                {values.hosts.map((_, index) => (
                  <Group key={index} gap="xs" wrap="nowrap" align="flex-start">
                    <TextInput
                      label={t('form.host')}
                      placeholder="smtp.example.com"
                      required
                      withAsterisk={false}
                      spellCheck={false}
                      style={{ flex: 1 }}
                      {...form.getInputProps(`hosts.${index}.host`)}
                    />
                    <NumberInput
                      label={t('form.port')}
                      min={1}
                      max={65_535}
                      w={90}
                      hideControls
                      {...form.getInputProps(`hosts.${index}.port`)}
                    />
                    {values.hosts.length > 1 && (
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        mt={28}
                        aria-label={t('form.removeHost')}
                        onClick={() => form.removeListItem('hosts', index)}
                      >
                        <X size={15} aria-hidden />
                      </ActionIcon>
                    )}
                  </Group>
                ))}
                <div>
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    leftSection={<Plus size={14} aria-hidden />}
                    onClick={() => form.insertListItem('hosts', { host: '', port: 25 })}
                  >
                    {t('form.addHost')}
                  </Button>
                </div>
              </>
            )}
            {values.kind !== 'sandbox' && (
              <Select
                label={t('form.tls')}
                description={t(`form.tlsHelp.${values.tls}`)}
                allowDeselect={false}
                data={TLS.map((value) => ({ value, label: t(`tls.${value}`) }))}
                {...form.getInputProps('tls')}
              />
            )}
            {values.kind === 'smarthost' && (
              <>
                <Checkbox
                  label={t('form.implicitTls')}
                  {...form.getInputProps('implicitTls', { type: 'checkbox' })}
                />
                <Group gap="xs" grow align="flex-start">
                  <TextInput
                    label={t('form.username')}
                    autoComplete="off"
                    spellCheck={false}
                    {...form.getInputProps('username')}
                  />
                  <PasswordInput
                    label={t('form.password')}
                    description={initial.username === '' ? undefined : t('form.passwordAgain')}
                    inputWrapperOrder={['label', 'input', 'description', 'error']}
                    autoComplete="new-password"
                    required={values.username !== ''}
                    withAsterisk={false}
                    visibilityToggleButtonProps={{ 'aria-label': t('form.show') }}
                    {...form.getInputProps('password')}
                  />
                </Group>
              </>
            )}
          </Stack>
        </Fieldset>
        {values.kind !== 'sandbox' && (
          <div>
            <UnstyledButton fz="sm" fw={550} aria-expanded={hasMore} onClick={() => setMore(!hasMore)}>
              {hasMore ? '▾' : '▸'} {t('form.more')}
            </UnstyledButton>
            <Collapse expanded={hasMore}>
              <Stack gap="sm" pt="sm">
                <NumberInput
                  label={t('form.connections')}
                  min={1}
                  max={1000}
                  {...form.getInputProps('connections')}
                />
                <NumberInput
                  label={t('form.messagesPerConnection')}
                  min={1}
                  max={100_000}
                  {...form.getInputProps('messagesPerConnection')}
                />
                {values.kind === 'smarthost' && (
                  <>
                    <Textarea
                      label={t('form.certificate')}
                      rows={4}
                      spellCheck={false}
                      {...form.getInputProps('certificate')}
                    />
                    {values.certificate !== '' && (
                      <Textarea
                        label={t('form.privateKey')}
                        description={initial.certificate === '' ? undefined : t('form.keyAgain')}
                        rows={4}
                        spellCheck={false}
                        autoComplete="off"
                        {...form.getInputProps('privateKey')}
                      />
                    )}
                  </>
                )}
              </Stack>
            </Collapse>
          </div>
        )}
        {isOther && save.error && <ProblemAlert error={save.error} />}
        {queued > 0 && (
          <Text size="sm" c="dimmed">
            {t('form.waiting', { count: queued, number: format.number(queued) })}
          </Text>
        )}
        <FormActions isDirty={form.isDirty()} isBusy={save.isPending} onReset={form.reset} />
      </Stack>
      {guard}
    </form>
  );
}

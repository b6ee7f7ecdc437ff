import { Button, Group, Paper, Stack, Textarea, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../api/context.ts';
import { fieldErrors } from '../../api/problem.ts';
import { useApiQuery } from '../../api/queries.ts';
import type { IssuedCredential } from '../../api/schema.ts';
import { useCan, useSession } from '../../app/session.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { showFaults } from '../../components/show-faults.ts';
import { useUnsavedGuard } from '../../components/use-unsaved-guard.tsx';
import { AboutFields } from '../source/about-fields.tsx';
import {
  credentialBody,
  CredentialFields,
  NEW_CREDENTIAL,
  type NewCredential,
} from '../source/credential-fields.tsx';
import { PolicyFields } from '../source/policy-fields.tsx';
import type { SourceValues } from '../source/values.ts';
import { Done } from './done.tsx';
import type { DeviceKind } from './kinds.ts';

interface Props {
  kind: DeviceKind;
  standard: SourceValues['policy'];
  /** What the page that led here knew. */
  /** What was typed for another kind: it stays. */
  typed: SourceValues | undefined;
  onTyped: (values: SourceValues) => void;
  onDone: () => void;
  known: Partial<Record<'name' | 'from' | 'network' | 'owner' | 'description' | 'recipients', string>>;
}

const wordsOf = (text = '') => text.split(/[\s,;]+/).filter((word) => word !== '');

function firstValues({ kind, standard, known, typed }: Props, own: string): SourceValues {
  const policy = structuredClone({ ...standard, ...kind.policy });
  policy.pairs = wordsOf(known.from).map((address) => ({ envelope: address, header: address }));
  const recipients = wordsOf(known.recipients);
  if (recipients.length > 0) policy.recipients = { allow: 'listed', patterns: recipients };
  if (typed && typed.policy.pairs.length > 0) policy.pairs = typed.policy.pairs;
  return {
    name: typed?.name ?? known.name ?? '',
    description: typed?.description ?? known.description ?? '',
    owner: typed?.owner ?? known.owner ?? own,
    contact: typed?.contact ?? '',
    site: typed?.site ?? '',
    tags: kind.tag === '' ? [] : [kind.tag],
    notes: typed?.notes ?? '',
    policy,
  };
}

/** The fields of a new source, filled with what such devices need; whoever may not add one asks for it. */
export function SourceWizard(props: Props) {
  const { kind, known, onTyped, onDone } = props;
  const { t } = useTranslation('new-source');
  const api = useApi();
  const queries = useQueryClient();
  const mayAdd = useCan('operator');
  const { who } = useSession();
  const form = useForm<SourceValues>({
    mode: 'controlled',
    initialValues: firstValues(props, who.email ?? ''),
  });
  useEffect(() => onTyped(form.values), [onTyped, form.values]);
  const [credential, setCredential] = useState<NewCredential>({
    ...NEW_CREDENTIAL,
    kind: known.network === undefined ? kind.credential : 'network',
    preset: kind.preset,
    networks: wordsOf(known.network),
  });
  const [purpose, setPurpose] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const [credentialErrors, setCredentialErrors] = useState<Record<string, string>>({});
  /** The source is there already, and only its credential failed. */
  const added = useRef<string | undefined>(undefined);
  const [done, setDone] = useState<{ name: string; issued: Partial<IssuedCredential> }>();
  const suggested = useRef<string | undefined>(undefined);
  const domains = useApiQuery('/domains', {}, { enabled: mayAdd, staleTime: 60_000 });
  const guard = useUnsavedGuard(done === undefined && (form.isDirty() || purpose !== ''));

  /** Most send as an address of their own name. */
  const suggestSender = () => {
    const { name, policy } = form.values;
    const domain = domains.data?.items.find(({ internal }) => internal)?.name;
    const [pair] = policy.pairs;
    // what was typed is not written over
    if (pair && pair.header !== suggested.current) return;
    if (!/^[a-z0-9][a-z0-9._-]*$/.test(name) || domain === undefined) return;
    const address = `${name}@${domain}`;
    suggested.current = address;
    form.setFieldValue('policy.pairs', [{ envelope: address, header: address }]);
  };

  const add = async (values: SourceValues): Promise<Partial<IssuedCredential>> => {
    if (added.current === undefined) {
      const source = await api.post('/sources', { body: values });
      added.current = source.name;
    }
    try {
      return await api.post('/sources/{name}/credentials', {
        params: { name: added.current },
        body: credentialBody(credential) as never,
      });
    } catch (error) {
      setCredentialErrors(fieldErrors(error) ?? {});
      throw error;
    }
  };
  const ask = async (values: SourceValues): Promise<Partial<IssuedCredential>> => {
    const { name, description, contact, site, tags, notes, policy } = values;
    const answer = await api.post('/source-requests', {
      body: {
        name,
        description,
        contact,
        site,
        tags,
        notes,
        purpose,
        from: policy.pairs,
        recipients: policy.recipients,
        credential: credential.kind === 'api-key' ? 'api-key' : 'password',
      } as never,
    });
    return answer;
  };
  const save = async (values: SourceValues) => {
    setBusy(true);
    setFailure(undefined);
    setCredentialErrors({});
    try {
      const issued = await (mayAdd ? add : ask)(values);
      setDone({ name: values.name, issued });
      onDone();
      scrollTo({ top: 0 });
    } catch (error) {
      showFaults(() => {
        setFailure(error);
        if (added.current === undefined) form.setErrors(askedFields(fieldErrors(error) ?? {}));
      });
    } finally {
      setBusy(false);
      for (const path of ['/sources', '/source-counts', '/source-requests'])
        void queries.invalidateQueries({ queryKey: [path] });
    }
  };
  if (done) return <Done name={done.name} issued={done.issued} isRequest={!mayAdd} />;
  return (
    <form noValidate onSubmit={form.onSubmit((values) => void save(values))}>
      {guard}
      <Stack gap="md">
        <Paper p="md" component="section" aria-label={t('about')}>
          <Title order={2} mb="sm">
            {t('about')}
          </Title>
          <AboutFields form={form} onName={suggestSender} />
          {!mayAdd && (
            <Textarea
              mt="sm"
              label={t('purpose')}
              description={t('purposeHelp')}
              autosize
              minRows={2}
              maxLength={500}
              value={purpose}
              onChange={({ currentTarget }) => setPurpose(currentTarget.value)}
            />
          )}
        </Paper>
        <Paper p="md" component="section" aria-label={t('policy')}>
          <Title order={2} mb="sm">
            {t('policy')}
          </Title>
          <PolicyFields form={form} parts={mayAdd ? 'all' : 'addresses'} />
        </Paper>
        {mayAdd && (
          <Paper p="md" component="section" aria-label={t('credential')}>
            <Title order={2} mb="sm">
              {t('credential')}
            </Title>
            <CredentialFields
              values={credential}
              onChange={(changes) => setCredential({ ...credential, ...changes })}
              errors={credentialErrors}
              name={form.values.name}
            />
          </Paper>
        )}
        {failure !== undefined && (
          <ProblemAlert
            error={failure}
            title={added.current === undefined ? undefined : t('onlyCredential', { name: added.current })}
          />
        )}
        <Group gap="xs">
          <Button type="submit" loading={isBusy}>
            {t(mayAdd ? 'add' : 'send')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A request names its addresses in other places than a source does. */
function askedFields(errors: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).map(([path, text]) => [
      path.replace(/^from\b/, 'policy.pairs').replace(/^recipients\b/, 'policy.recipients'),
      text,
    ]),
  );
}
